"""Rows as integers of 8 bits, each row with the number that scales it back.

Each row is scaled by its largest value, as by Keras's `AbsMaxQuantizer(axis=-1)`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

LARGEST = 127
# Of a float32's 24 bits a scale keeps 17, so that its product with a level, of 7 bits,
# is exact. The largest of these then gives back that very scale: quantizing the floats
# once more changes no bit.
_KEPT = np.uint32(0xFFFFFF80)
_SMALLEST = np.finfo(np.float32).tiny


@dataclass(frozen=True, eq=False)
class Quantized:
    """Rows that are `levels * scale`; what NumPy makes of them are these floats.

    Args:
        levels: int8, or what can be sliced into such.
        scale: float32, one for each row.

    Shapes:
        levels: `(n, size)`
        scale: `(n,)`
    """

    levels: Any
    scale: Any

    @property
    def shape(self) -> tuple[int, int]:
        """`(n, size)`."""
        return tuple(self.levels.shape)

    def __len__(self) -> int:
        return len(self.levels)

    def __getitem__(self, rows: Any) -> "Quantized":
        return Quantized(self.levels[rows], self.scale[rows])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        floats = np.asarray(self.levels, np.float32)
        floats *= np.asarray(self.scale, np.float32)[:, np.newaxis]
        return floats if dtype is None else floats.astype(dtype)


def quantized(rows: Any) -> Quantized:
    """Rows, quantized; those that are already as they are.

    A row that holds NaN or an infinity is NaN as a whole.

    Args:
        rows: Floats, or `Quantized`.

    Shapes:
        rows: `(n, size)`

    >>> np.asarray(quantized(np.array([[0.5, -1.0, 0.0]]))).round(2).tolist()
    [[0.5, -1.0, 0.0]]
    """
    if isinstance(rows, Quantized):
        return rows
    with np.errstate(over="ignore"):  # of float64: an infinity, as below
        rows = np.asarray(rows, np.float32)
    largest = np.maximum(rows.max(axis=1), -rows.min(axis=1))
    finite = np.isfinite(largest)
    scale = np.where(finite, largest, 0) / np.float32(LARGEST)
    scale = (scale.view(np.uint32) & _KEPT).view(np.float32)
    scale = np.maximum(scale, _SMALLEST)  # of a row of zeros too
    levels = np.where(finite[:, np.newaxis], rows, 0) / scale[:, np.newaxis]
    scale[~finite] = np.nan
    return Quantized(np.rint(levels, out=levels).astype(np.int8), scale)
