"""The rows of a matrix that point the same way as a query: the arithmetic alone.

All rows are multiplied in float32, as fast as the machine reads them. What may be among
the nearest, by the most that such a product can be wrong, is then multiplied once more
in float64. So answers are exact, and the same alone and in a batch.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.integer[Any]]

ELEMENTS = 1 << 24  # of a matrix, in memory as float32 at a time
PRODUCTS = 1 << 24  # in memory at a time
QUERIES = 128  # multiplied at a time


@dataclass(frozen=True, eq=False)
class Nearest:
    """The nearest rows of one query, best first; of equally near ones, lower first."""

    rows: Integers
    cosines: Floats

    def among(self, chosen: Integers) -> "Nearest":
        """The same, where `rows` are places in `chosen`."""
        return Nearest(chosen[self.rows], self.cosines)


@dataclass(frozen=True, eq=False)
class Matrix:
    """Rows to search.

    Args:
        rows: All of them, any float type; they may be memory-mapped.
        divisors: What `divisors` gives of them.
        chosen: Search only these, in ascending order. None: all.
    """

    rows: Floats
    divisors: Floats
    chosen: Integers | None = None

    def __len__(self) -> int:
        return len(self.rows) if self.chosen is None else len(self.chosen)

    def blocks(self, queries: int) -> Iterator[tuple[int, Floats, Floats]]:
        """What is searched, some at a time: where it starts, rows, and divisors."""
        at_once = max(1, min(queries, QUERIES))
        for part in _parts(len(self), self.rows.shape[1], PRODUCTS // at_once):
            chosen = part if self.chosen is None else self.chosen[part]
            yield part.start, self.rows[chosen], self.divisors[chosen]

    def places(self, rows: Sequence[int]) -> list[int]:
        """Where rows stand among those that are searched, if they do."""
        if self.chosen is None:
            return list(rows)
        places = np.searchsorted(self.chosen, rows).tolist()
        last = len(self.chosen) - 1
        pairs = zip(places, rows, strict=True)
        return [at for at, row in pairs if at <= last and self.chosen[at] == row]


def units(rows: Floats) -> Floats:
    """Rows of length 1 in float64; a zero row stays zero."""
    rows = np.asarray(rows, np.float64)
    length = np.sqrt(np.square(rows).sum(axis=-1, keepdims=True))
    return rows / np.where(length > 0, length, 1)


def divisors(matrix: Floats) -> Floats:
    """What the products of each row are divided by to become cosines.

    Its length; infinite for a zero row, so that its cosines are 0; NaN for a row that
    is not finite.
    """
    found = np.empty(len(matrix), np.float32)
    for part in _parts(len(matrix), matrix.shape[1], PRODUCTS):
        block = matrix[part]
        squares = np.einsum("ij,ij->i", block, block, dtype=np.float64)
        with np.errstate(over="ignore"):
            found[part] = np.sqrt(squares)
    found[~np.isfinite(found)] = np.nan
    found[found == 0] = np.inf
    return found


def nearest(
    matrix: Matrix, queries: Floats, k: int, *, without: Sequence[Sequence[int]]
) -> list[Nearest]:
    """The `k` rows with the highest cosine, for each query.

    Args:
        matrix: Where to look. A row that is not finite is near to nothing.
        queries: The directions.
        k: How many.
        without: For each query, rows that are left out.

    Shapes:
        queries: `(queries, size)`
    """
    queries = units(queries)
    found = [Nearest(np.zeros(0, np.int64), np.zeros(0))] * len(queries)
    if k < 1:
        return found
    opposite = -queries.astype(np.float32)  # so that near is low, as NumPy sorts
    left_out = [np.array(matrix.places(rows), np.int64) for rows in without]
    for first, rows, divisors in matrix.blocks(len(queries)):
        single = rows.astype(np.float32, copy=False)
        for start in range(0, len(queries), QUERIES):
            far = _far(opposite[start : start + QUERIES], single, divisors)
            for query, each in enumerate(far, start=start):
                here = left_out[query] - first
                each[here[(here >= 0) & (here < len(each))]] = np.nan
                block = _Block(first, rows, each, queries[query])
                found[query] = block.joined(found[query], k)
    return (
        found
        if matrix.chosen is None
        else [each.among(matrix.chosen) for each in found]
    )


def _parts(n: int, size: int, step: int) -> Iterator[slice]:
    """So many rows at a time, or fewer where they are wide."""
    step = max(1, min(step, ELEMENTS // max(1, size)))
    return (slice(start, min(n, start + step)) for start in range(0, n, step))


def _far(opposite: Floats, rows: Floats, divisors: Floats) -> Floats:
    """Cosines with their sign turned; NaN where a row is not finite."""
    with np.errstate(invalid="ignore", over="ignore"):
        if len(opposite) > rows.shape[1]:  # Then that is less to divide.
            return opposite @ np.divide(rows, divisors[:, np.newaxis]).T
        products = opposite @ rows.T
        return np.divide(products, divisors, out=products)


@dataclass(frozen=True, eq=False)
class _Block:
    """Some rows, and one query.

    Args:
        first: How many stand before them.
        rows: The rows.
        far: Their cosines, about, with the sign turned; NaN for those left out.
        query: The query, of length 1.
    """

    first: int
    rows: Floats
    far: Floats
    query: Floats

    def joined(self, best: Nearest, k: int) -> Nearest:
        """The `k` nearest of those found before and of these."""
        at = np.flatnonzero(self.far <= self._limit(best, k))
        if not len(at):
            return best
        cosines = (units(self.rows[at]) * self.query).sum(axis=1) + 0.0  # not -0.0
        cosines = np.concatenate([best.cosines, cosines])
        order = np.argsort(-cosines, kind="stable")[:k]
        rows = np.concatenate([best.rows, self.first + at])
        return Nearest(rows[order], cosines[order])

    def _limit(self, best: Nearest, k: int) -> float:
        """No row that is farther is among the `k` nearest."""
        # By half of this a float32 cosine is wrong at most: Higham, Accuracy and
        # Stability of Numerical Algorithms, 2nd ed., (3.5), and five roundings more.
        margin = (len(self.query) + 5) * float(np.finfo(np.float32).eps)
        if len(best.rows) == k:
            return margin - float(best.cosines[-1])
        if len(self.far) <= k:
            return np.inf
        some = _low(self.far, k)
        limit = float(np.partition(some, k - 1)[k - 1])  # NaN comes last
        return np.inf if np.isnan(limit) else limit + margin


def _low(far: Floats, k: int) -> Floats:
    """At least `k` of the values, low ones, in a tenth of the time of a partition.

    Of many groups the least: as the k-th least of these is some value, the k-th least
    of all is no higher.
    """
    groups = max(1 << 10, 8 * k)
    if len(far) < 2 * groups:
        return far
    return far[: len(far) // groups * groups].reshape(-1, groups).min(axis=0)
