"""What `rich` prints of a map: tokens where they lie."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.text import Text

from keras_wembed.plot.cells import written
from keras_wembed.plot.shown import Matrix

ASPECT = 2  # how much higher a cell is than it is wide
HIGHEST = 24  # lines
WIDEST = 16  # cells of a label
FARTHEST = 2  # lines that a label may move to find room


@dataclass(frozen=True)
class Points:
    """A mark for each point, with its token right of it where there is room.

    Args:
        tokens: One per point.
        points: Where they lie.
        shares: Of variance, along the two axes.
    """

    tokens: Sequence[str]
    points: Matrix
    shares: Sequence[float]

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[Text]:
        mark = "*" if options.ascii_only else "•"
        labels = [mark + written(token, WIDEST, options) for token in self.tokens]
        widest = min(options.max_width, max(map(cell_len, labels)))
        canvas = _Canvas(options.max_width)
        places = _places(self.points, options.max_width - widest)
        for (row, column), label in zip(places, labels, strict=True):
            if not canvas.put(label, row, column):
                canvas.put(mark, row, column)
        yield from map(Text, canvas.lines())
        along, up = (f"{share:.0%}" for share in self.shares)
        yield Text(f"across {along} of variance, up {up}", "dim")


def _places(points: Matrix, width: int) -> list[tuple[int, int]]:
    """The line and column of each point, all distances on one scale."""
    low, high = points.min(axis=0), points.max(axis=0)
    spans = np.maximum(high - low, np.finfo(float).tiny)
    room = np.array([width, ASPECT * (HIGHEST - 1)])
    scale = (room / spans).min() if (high > low).any() else 0.0
    columns = (points[:, 0] - low[0]) * scale
    rows = (high[1] - points[:, 1]) * scale / ASPECT
    return list(
        zip(np.rint(rows).astype(int), np.rint(columns).astype(int), strict=True)
    )


@dataclass(frozen=True)
class _Canvas:
    """Lines of text, written piece by piece.

    Args:
        width: Of a line.
        pieces: The pieces of each line by their column.
    """

    width: int
    pieces: dict[int, dict[int, str]] = field(default_factory=dict)

    def put(self, text: str, row: int, column: int) -> bool:
        """Writes a piece where it is to stand, or a few lines off; whether it could."""
        moves = sorted(range(-FARTHEST, FARTHEST + 1), key=abs)
        for place in (row + move for move in moves if 0 <= row + move < HIGHEST):
            if self._has_room(text, place, column):
                self.pieces.setdefault(place, {})[column] = text
                return True
        return False

    def _has_room(self, text: str, row: int, column: int) -> bool:
        end = column + cell_len(text)
        others = self.pieces.get(row, {}).items()
        return end <= self.width and all(
            end < start or start + cell_len(other) < column for start, other in others
        )

    def lines(self) -> Iterator[str]:
        """All lines down to the last that holds something."""
        for row in range(max(self.pieces, default=-1) + 1):
            line = ""
            for column, text in sorted(self.pieces.get(row, {}).items()):
                line += " " * (column - cell_len(line)) + text
            yield line
