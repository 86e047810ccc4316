"""How the matrix of all pairs of tokens is cut into square tiles."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WIDEST = 1 << 10  # rows; the fastest of 500, 1000 and 2000 on two cores
FEWEST = 16  # blocks: an iteration is at least so many updates of each row


@dataclass(frozen=True)
class Tiling:
    """Ids in blocks of one width, drawn at random, and a tile for each two blocks.

    Frequent tokens so fall evenly on all blocks, and each tile is a fair sample of the
    matrix: training on it moves every row a little the right way.

    Args:
        blocks: The ids of each block; the last one is padded with 0.

    Shapes:
        blocks: `(blocks, width)`, the width a power of two
    """

    blocks: NDArray[np.int32]

    @classmethod
    def of(cls, n: int, *, seed: int) -> "Tiling":
        """The tiling of ids 1..n."""
        width = 1
        while width < WIDEST and 2 * width * FEWEST <= n:
            width *= 2
        ids = np.zeros(-(-n // width) * width, np.int32)
        ids[:n] = np.random.default_rng(seed).permutation(n) + 1
        return cls(ids.reshape(-1, width))

    @property
    def width(self) -> int:
        """How many rows, and how many columns, a tile has."""
        return self.blocks.shape[1]

    @property
    def tiles(self) -> int:
        """How many tiles the matrix has."""
        return len(self.blocks) ** 2

    @property
    def bits(self) -> int:
        """How many bits a place within a block takes."""
        return self.width.bit_length() - 1

    def places(self) -> NDArray[np.int64]:
        """The place of each id among the blocks laid end to end; -1 for id 0."""
        places = np.empty(self.blocks.max(initial=0) + 1, np.int64)
        places[self.blocks.ravel()] = np.arange(self.blocks.size)
        places[0] = -1
        return places

    def keys(
        self, low: NDArray[np.int64], high: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """One number for two places: that of their tile, and behind it of the cell."""
        mask = self.width - 1
        tile = (low >> self.bits) * len(self.blocks) + (high >> self.bits)
        return ((tile << self.bits | low & mask) << self.bits) | high & mask

    def transposed(self, cells: NDArray[np.int32]) -> NDArray[np.int32]:
        """The cells of a tile, rows and columns exchanged."""
        return (cells & (self.width - 1)) << self.bits | cells >> self.bits
