"""What a command shows: a table for people, JSON for programs."""

import json
import math
import sys
from typing import Any

import numpy as np
from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table

from keras_wembed.plot.writing import visible

Rows = list[dict[str, Any]]

_LEAST = 12  # columns of the terminal for the last column of a table
_SHOWN = 4  # components of a vector that a table shows
_WIDE = 10_000  # columns of a pipe, where nothing is cut


def show(found: Rows | RenderableType, *, as_json: bool) -> None:
    """Prints rows, as a table or as a JSON object each; or what `rich` renders."""
    if not isinstance(found, list):
        Console(emoji=False, highlight=False).print(found)
    elif as_json:
        for row in found:
            line = json.dumps(_without_nan(row), ensure_ascii=False, allow_nan=False)
            print(line)  # noqa: T201  the terminal
    elif not found:
        print("Nothing.")  # noqa: T201  the terminal
    elif sys.stdout.isatty():
        console, table = Console(emoji=False), _table(found)
        # Where the terminal is too narrow it may break lines itself: nothing is lost.
        wide = console.options.update(max_width=_WIDE)
        least = Measurement.get(console, wide, table).minimum
        console.width = max(console.width, least)
        console.print(table)
    else:
        console = Console(emoji=False, width=_WIDE)
        with console.capture() as said:
            console.print(_table(found))
        for line in said.get().splitlines():
            print(line.rstrip())  # noqa: T201  the terminal


def facts(of: dict[str, Any], *, as_json: bool) -> Rows:
    """One thing: a line for each fact; an object with all of them for a program."""
    if as_json:
        return [of]
    return [{"what": what, "is": fact} for what, fact in of.items()]


def _without_nan(value: Any) -> Any:
    """The same with None for numbers that JSON does not have."""
    if isinstance(value, dict):
        return {name: _without_nan(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_nan(each) for each in value]
    odd = isinstance(value, float) and not math.isfinite(value)
    return None if odd else value


def _table(rows: Rows) -> Table:
    table = Table(box=box.SIMPLE)
    columns = list(rows[0]) if rows else []
    cells = [[_cell(value) for value in row.values()] for row in rows]
    for at, column in enumerate(columns):
        # The last one may take more lines; of what is asked for nothing is cut.
        last = at == len(columns) - 1
        width = max(cell_len(column), *(cell_len(row[at]) for row in cells))
        table.add_column(
            column,
            no_wrap=not last,
            overflow="fold",
            min_width=min(width, _LEAST) if last else width,
        )
    for row in cells:
        table.add_row(*row)
    return table


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        shown = " ".join(f"{number:7.3f}" for number in value[:_SHOWN])
        return f"{shown} … ({len(value)})" if len(value) > _SHOWN else shown
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else escape(visible(str(value)))
