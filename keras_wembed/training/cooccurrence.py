"""How often tokens stand near each other: a matrix of tiles."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keras_wembed.training.tiling import Tiling


@dataclass(frozen=True)
class Tile:
    """The pairs of a row and a column token of one tile that occur.

    Args:
        rows: The ids of the rows, 0 for padding.
        columns: The ids of the columns.
        cells: Where pairs are: row * width + column.
        counts: How often, weighted by 1 / distance.

    Shapes:
        rows, columns: `(width,)`
        cells, counts: `(pairs,)`
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    cells: NDArray[np.int32]
    counts: NDArray[np.float32]


@dataclass(frozen=True)
class Cooccurrence:
    """The symmetric matrix of counts, mapped into memory.

    Each pair is kept once, in the tile of its lower block and its higher one.

    Args:
        tiling: Which ids belong to which tile.
        starts: Where each tile starts in the arrays, and where the last one ends.
        cells: Where the pairs are in their tiles.
        counts: Their counts.

    Shapes:
        starts: `(tiles + 1,)`
        cells, counts: `(pairs,)`
    """

    tiling: Tiling
    starts: NDArray[np.int64]
    cells: NDArray[np.int32]
    counts: NDArray[np.float32]

    @classmethod
    def open(cls, folder: Path) -> "Cooccurrence":
        """The counts that `merge` kept in a folder."""
        blocks, starts = (np.load(folder / f"{x}.npy") for x in ("blocks", "starts"))
        if not starts[-1]:
            return cls(
                Tiling(blocks), starts, np.empty(0, np.int32), np.empty(0, np.float32)
            )
        cells = np.memmap(folder / "cells.bin", np.int32, mode="r")
        counts = np.memmap(folder / "counts.bin", np.float32, mode="r")
        return cls(Tiling(blocks), starts, cells, counts)

    def tile(self, row: int, column: int) -> Tile:
        """The tile of two blocks."""
        low, high = sorted((row, column))
        tile = low * len(self.tiling.blocks) + high
        part = slice(self.starts[tile], self.starts[tile + 1])
        cells, counts = np.asarray(self.cells[part]), np.asarray(self.counts[part])
        if row == column:
            mirrored = self.tiling.transposed(cells)
            other = cells != mirrored  # not a token beside itself, which counts twice
            cells = np.concatenate([cells, mirrored[other]])
            counts = np.concatenate(
                [np.where(other, counts, 2 * counts), counts[other]]
            )
        elif row > column:
            cells = self.tiling.transposed(cells)
        blocks = self.tiling.blocks
        return Tile(blocks[row], blocks[column], cells, counts)
