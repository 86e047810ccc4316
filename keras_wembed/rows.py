"""Rows of word vectors in the order of an encoder's ids, a few at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from keras_wembed.neighbours import Floats
from keras_wembed.vectors import WordVectors

_CHUNK = 1 << 22  # bytes of rows in memory at a time: they fit in a cache


@dataclass(frozen=True)
class Rows:
    """Rows of matrices, which are never copied as a whole: they may outgrow memory.

    Args:
        parts: Matrices of one width, as if stacked; or what gives some of its rows when
            sliced, such as `Quantized`.
        order: Which of their rows to give. None: all, as they are.

    Shapes:
        parts: `(rows, size)` each
        order: `(n,)`
    """

    parts: tuple[Any, ...]
    order: np.ndarray | None = None

    @classmethod
    def of(cls, weights: Any) -> Self:
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
        try:
            matrix = np.asanyarray(weights)
        except ValueError as error:
            raise ValueError(
                "weights must be a matrix, (n, size). Got rows of different lengths."
            ) from error
        if matrix.ndim != 2 or not matrix.size:
            raise ValueError(
                f"weights must be a matrix, (n, size). Got shape {matrix.shape}."
            )
        if matrix.dtype.kind not in "fiu":
            raise TypeError(f"weights must be numbers. Got {matrix.dtype}.")
        return cls((matrix,))

    @property
    def shape(self) -> tuple[int, int]:
        """`(n, size)`."""
        n = sum(map(len, self.parts)) if self.order is None else len(self.order)
        return n, self.parts[0].shape[1]

    def checked(self, name: str, shape: tuple[int, int]) -> Self:
        """These rows, once they are known to be of a shape.

        Args:
            name: What to call them in the error.
            shape: `(n, size)`.
        """
        if self.shape != shape:
            raise ValueError(f"{name} must be of shape {shape}. Got {self.shape}.")
        return self

    def are_unknown(self) -> np.ndarray:
        """For each row, whether it is of none but the first part."""
        return self._order() >= len(self.parts[0])

    def picked(self, some: np.ndarray) -> "Rows":
        """Those of the rows that a boolean for each, or their places, name."""
        return Rows(self.parts, self._order()[some])

    def and_more(self, added: np.ndarray, order: np.ndarray) -> "Rows":
        """These rows and some behind them, in an order that counts all of them."""
        there = sum(map(len, self.parts))
        behind = np.arange(there, there + len(added))
        both = np.concatenate([self._order(), behind])
        return Rows((*self.parts, added), both[order])

    def mean(self) -> np.ndarray:
        """The mean of all rows."""
        total = np.zeros(self.shape[1])
        for _, rows in self.chunks():
            total += np.asarray(rows).sum(axis=0, dtype=np.float64)
        return total / self.shape[0]

    def covariance(self) -> np.ndarray:
        """The covariance of the columns of all rows."""
        mean = self.mean()
        total = np.zeros((len(mean), len(mean)))
        for _, rows in self.chunks():
            apart = np.asarray(rows) - mean
            total += apart.T @ apart
        return total / max(self.shape[0] - 1, 1)

    def chunks(self) -> Iterator[tuple[np.ndarray, Any]]:
        """All rows, some of a part at a time, and the places where they stand."""
        firsts = np.cumsum([0, *map(len, self.parts[:-1])])
        n, size = self.shape
        step = max(1, _CHUNK // (size * np.dtype(np.float32).itemsize))
        for start in range(0, n, step):
            order = self._order(start, min(start + step, n))
            of_part = np.searchsorted(firsts, order, side="right") - 1
            for number in np.unique(of_part):
                mine = np.flatnonzero(of_part == number)
                rows = order[mine] - firsts[number]
                yield start + mine, self.parts[number][_as_slice(rows)]

    def _order(self, start: int = 0, stop: int | None = None) -> np.ndarray:
        if self.order is None:
            return np.arange(start, self.shape[0] if stop is None else stop)
        return self.order[start:stop]


def _as_slice(rows: np.ndarray) -> Any:
    """Rows that follow one another, as a slice, with which nothing is copied."""
    first, last = rows[0], rows[-1]
    whole = np.array_equal(rows, np.arange(first, last + 1))
    return slice(first, last + 1) if whole else rows


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
    parts = vectors.matrix, np.asarray(unknown)[np.newaxis]
    n = len(vectors)
    if len(tokens) == n + 1 and tokens[-1] is None and _same(tokens, vectors.tokens):
        return Rows(parts)
    row = {token: at for at, token in enumerate(vectors.tokens)}
    order = np.fromiter((row.get(token, n) for token in tokens), np.int64, len(tokens))
    return Rows(parts, order)


def _same(tokens: Sequence[Any], others: Sequence[str]) -> bool:
    return list(tokens[: len(others)]) == list(others)
