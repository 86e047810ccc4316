"""What `rich` prints: rows of coloured cells, bars, and a grid of numbers."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from rich.bar import Bar
from rich.cells import cell_len
from rich.color import Color
from rich.console import Console, ConsoleOptions, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from keras_wembed.plot.bars import Pairs
from keras_wembed.plot.colours import Colour, diverging, ink
from keras_wembed.plot.heat import largest
from keras_wembed.plot.shown import Matrix
from keras_wembed.plot.writing import short

_WIDEST = 60  # cells of the longest bar
_NUMBER = 5  # cells of a cosine: -0.12
_BAR = 0.6  # the place of its colour on the scale, which reads on black and on white
_HEAD = 8  # cells of a token above a column

# From the least number to the greatest.
_BLOCKS, _SIGNS = "▁▂▃▄▅▆▇", "=-.+#"
_SCALE = 16  # cells of the scale below a matrix


@dataclass(frozen=True)
class Heat:
    """A line for each token, a cell or a half for each number."""

    tokens: Sequence[str]
    matrix: Matrix

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[Text]:
        labels, widest = _labels(self.tokens, options)
        room = max(1, options.max_width - widest - 1)
        coloured = _has_colours(console) and not options.ascii_only
        limit = largest(self.matrix)
        shares = np.where(np.isfinite(self.matrix), self.matrix / limit, np.nan)
        shares, group = _strongest(shares, 2 * room if coloured else room)
        marks = _SIGNS if options.ascii_only else _BLOCKS
        halves = min(4, 2 * room // shares.shape[1])
        for label, row in zip(labels, shares, strict=True):
            line = _colours(row.repeat(halves)) if coloured else _marked(row, marks)
            yield Text.assemble(label, " ", line)
        yield _colour_scale(limit) if coloured else _mark_scale(limit, marks)
        if group > 1:
            yield Text(f"Of {group} numbers the farthest from 0.")


def _strongest(shares: Matrix, room: int) -> tuple[Matrix, int]:
    """At most `room` numbers a row, each the farthest from zero of a few; how few."""
    rows, size = shares.shape
    group = -(-size // room)
    padded = np.pad(shares, [(0, 0), (0, -size % group)])
    groups = padded.reshape(rows, -1, group)
    places = np.abs(groups).argmax(2, keepdims=True)
    return np.take_along_axis(groups, places, 2)[:, :, 0], group


def _colours(halves: Matrix) -> Text:
    """Half a cell in the colour of each number."""
    line = Text()
    for left, right in zip_longest(halves[::2], halves[1::2]):
        line.append("▌", _style(left, right))
    return line


def _marked(row: Matrix, marks: str) -> Text:
    """A mark for each number, and `?` for what is none."""
    finite = np.isfinite(row)
    steps = (np.where(finite, row, 0) + 1) / 2 * len(marks)
    at = np.clip(steps.astype(int), 0, len(marks) - 1)
    shown = (marks[i] if good else "?" for i, good in zip(at, finite, strict=True))
    return Text("".join(shown))


def _colour_scale(limit: float) -> Text:
    scale = _colours(np.linspace(-1, 1, 2 * _SCALE))
    return Text.assemble(f"{-limit:.3g} ", scale, f" {limit:.3g}")


def _mark_scale(limit: float, marks: str) -> Text:
    middle = marks[len(marks) // 2]
    return Text(f"{marks[0]} {-limit:.3g}  {middle} 0  {marks[-1]} {limit:.3g}")


@dataclass(frozen=True)
class Bars:
    """A line for each token, with a bar as long as its cosine."""

    pairs: Pairs

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[Table]:
        labels, widest = _labels([token for token, _ in self.pairs], options)
        room = min(_WIDEST, max(1, options.max_width - widest - _NUMBER - 2))
        low = min([0.0, *(cosine for _, cosine in self.pairs)])
        grid = Table.grid(padding=(0, 1, 0, 0))
        for label, (_, cosine) in zip(labels, self.pairs, strict=True):
            # In this order NaN gets no bar.
            begin, end = min(0.0, cosine) - low, max(0.0, cosine) - low
            bar: RenderableType = Bar(
                1 - low,
                begin,
                end,
                width=room,
                color=_colour(diverging(math.copysign(_BAR, cosine))),
            )
            if options.ascii_only:
                before, cells = (round(x / (1 - low) * room) for x in (begin, end))
                bar = " " * before + "#" * (cells - before)
            grid.add_row(label, bar, f"{cosine:{_NUMBER}.2f}")
        yield grid


@dataclass(frozen=True)
class Grid:
    """A cosine for each token of two texts, on its colour."""

    down: Sequence[str]
    along: Sequence[str]
    cosines: Matrix

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        labels, widest = _labels(self.down, options)
        heads = [written(token, _HEAD, options) for token in self.along]
        width = max(_NUMBER, *map(cell_len, heads))
        # As many columns as fit, the others below.
        step = max(1, (options.max_width - widest - 1) // (width + 1))
        for start in range(0, len(heads), step):
            if start:
                yield ""
            yield self._table(labels, heads[start : start + step], start, width)

    def _table(
        self, labels: list[Text], heads: list[str], start: int, width: int
    ) -> Table:
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_row("", *(Text(head, justify="right") for head in heads))
        for label, row in zip(labels, self.cosines, strict=True):
            cells = row[start : start + len(heads)]
            table.add_row(label, *(_cosine(cell, width) for cell in cells))
        return table


def _cosine(cosine: float, width: int) -> Text:
    paper = diverging(cosine)
    style = Style(color=_colour(ink(paper)), bgcolor=_colour(paper))
    return Text(f"{cosine:{width}.2f}", style)


def _has_colours(console: Console) -> bool:
    # The 16 colours of the oldest terminals hold no scale.
    return console.color_system in ("256", "truecolor") and not console.no_color


def _style(share: float, paper: float | None) -> Style:
    behind = None if paper is None else _colour(diverging(paper))
    return Style(color=_colour(diverging(share)), bgcolor=behind)


def _colour(colour: Colour) -> Color:
    return Color.from_rgb(*(255 * level for level in colour))


def written(token: str, widest: int, options: ConsoleOptions) -> str:
    """A token as a label that the terminal can show."""
    if not options.ascii_only:
        return short(token, widest)
    token = token.encode(options.encoding, "backslashreplace").decode(options.encoding)
    return short(token, widest, end="~")


def _labels(tokens: Sequence[str], options: ConsoleOptions) -> tuple[list[Text], int]:
    """Tokens set right, a third of the width at most, and how wide they are."""
    width = max(2, options.max_width // 3)
    labels = [written(token, width, options) for token in tokens]
    widest = max(map(cell_len, labels), default=0)
    return [Text(" " * (widest - cell_len(label)) + label) for label in labels], widest
