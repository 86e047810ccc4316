"""A progress bar for each phase on a terminal; silence in a pipe."""

import contextlib
from collections.abc import Iterator
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)


class Bar(Protocol):
    """Is told how far a phase is."""

    def __call__(self, done: int, note: str = "", /) -> None:
        """So much is done; `note` stands behind the bar."""


@contextlib.contextmanager
def bar(phase: str, total: int | None) -> Iterator[Bar]:
    """A bar on standard error.

    Args:
        phase: What stands before the bar.
        total: How much there is to do. None: not known.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(show_speed=True),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as shown:
        task = shown.add_task(phase, total=total, note="")

        def tell(done: int, note: str = "", /) -> None:
            shown.update(task, completed=done, note=note)

        yield tell
