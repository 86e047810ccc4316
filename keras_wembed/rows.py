"""Rows of word vectors in the order of an encoder's ids, a few at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_wembed.neighbours import Floats
from keras_wembed.vectors import WordVectors

_CHUNK = 1 << 26  # bytes of rows in memory at a time


@dataclass(frozen=True)
class Rows:
    """Rows of a matrix, which is never copied as a whole: it may be larger than memory.

    Args:
        matrix: The rows that there are.
        unknown: One row more, behind them.
        order: Which of all these to give. None: all, as they are.

    Shapes:
        matrix: `(rows, size)`
        unknown: `(size,)`
        order: `(n,)`
    """

    matrix: np.ndarray
    unknown: np.ndarray | None = None
    order: np.ndarray | None = None

    @classmethod
    def of(cls, weights: Any) -> "Rows":
        """The rows of a matrix that a caller gives.

        Raises:
            TypeError: If it does not hold numbers.
            ValueError: If it is no matrix, or an empty one.
        """
        if isinstance(weights, WordVectors):
            raise TypeError(
                "weights must be a matrix. Got WordVectors. "
                "Use EmbeddingLayer.from_vectors."
            )
        matrix = weights if isinstance(weights, np.ndarray) else np.asarray(weights)
        if matrix.ndim != 2 or not matrix.size:
            raise ValueError(
                f"weights must be a matrix, (n, size). Got shape {matrix.shape}."
            )
        if matrix.dtype.kind not in "fiu":
            raise TypeError(f"weights must be numbers. Got {matrix.dtype}.")
        return cls(matrix)

    @property
    def shape(self) -> tuple[int, int]:
        """`(n, size)`."""
        n = len(self.matrix) + (self.unknown is not None)
        return n if self.order is None else len(self.order), self.matrix.shape[1]

    def are_unknown(self) -> np.ndarray:
        """For each row, whether it is `unknown`."""
        n = len(self.matrix)
        order = np.arange(self.shape[0]) if self.order is None else self.order
        return order == n

    def picked(self, mask: np.ndarray) -> "Rows":
        """Those of the rows where a boolean for each is True."""
        order = np.arange(self.shape[0]) if self.order is None else self.order
        return Rows(self.matrix, self.unknown, order[mask])

    def chunks(self) -> Iterator[tuple[int, np.ndarray]]:
        """All rows in order, some at a time, each time with the place of the first."""
        size = self.matrix.shape[1]
        step = max(1, _CHUNK // max(1, size * self.matrix.itemsize))
        given = len(self.matrix) if self.order is None else len(self.order)
        for start in range(0, given, step):
            part = slice(start, start + step)
            yield start, self._taken(part)
        if self.order is None and self.unknown is not None:
            yield given, self.unknown[np.newaxis]

    def _taken(self, part: slice) -> np.ndarray:
        if self.order is None:
            return self.matrix[part]
        order, n = self.order[part], len(self.matrix)
        rows = np.empty((len(order), self.matrix.shape[1]), self.matrix.dtype)
        rows[order < n] = self.matrix[order[order < n]]
        rows[order == n] = self.unknown
        return rows


def aligned(vectors: WordVectors, tokens: Sequence[Any]) -> Rows:
    """The rows of tokens.

    Args:
        vectors: Where they are looked up.
        tokens: What they are for. One that has no row gets `vectors.unknown`, else
            the mean of all.
    """
    unknown: Floats | None = vectors.unknown
    if unknown is None:
        unknown = vectors.matrix.mean(axis=0, dtype=np.float64)
    n = len(vectors)
    if len(tokens) == n + 1 and tokens[-1] is None and _same(tokens, vectors.tokens):
        return Rows(vectors.matrix, unknown)
    row = {token: at for at, token in enumerate(vectors.tokens)}
    order = np.fromiter((row.get(token, n) for token in tokens), np.int64, len(tokens))
    return Rows(vectors.matrix, unknown, order)


def _same(tokens: Sequence[Any], others: Sequence[str]) -> bool:
    return list(tokens[: len(others)]) == list(others)
