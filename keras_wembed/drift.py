"""How far tokens moved: the vectors before some training, and after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from keras_wembed.choices import instance
from keras_wembed.neighbours import Floats, Integers, units

if TYPE_CHECKING:
    from keras_wembed.vectors import WordVectors

NEAR = 3  # neighbours named for each token
ROWS = 1 << 15  # compared at a time


@dataclass(frozen=True)
class Moved:
    """How one token moved.

    Args:
        token: The token.
        distance: The length of the difference of its vectors; infinite if one of them
            is not finite.
        cosine: Of its vector before with that after.
        before: The tokens nearest to it before.
        after: The tokens nearest to it after.
    """

    token: str
    distance: float
    cosine: float
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Drift:
    """How far tokens moved; its repr is a table for people.

    Args:
        tokens: How many tokens have a vector both before and after.
        moved: How many of these have another than before.
        mean: By how much those that moved did in the mean.
        unknown: By how much the vector of unknown tokens moved, if both have one.
        most: The tokens that moved most, first the one that moved most of all.
        added: The tokens that have a vector only after.
        gone: The tokens that had one only before.
    """

    tokens: int
    moved: int
    mean: float
    unknown: float | None
    most: tuple[Moved, ...]
    added: tuple[str, ...]
    gone: tuple[str, ...]

    def __repr__(self) -> str:
        lines = [f"{self.moved:,} of {self.tokens:,} tokens moved"]
        if self.moved:
            lines[0] += f", by {self.mean:.4g} in the mean"
        if self.unknown is not None:
            lines.append(f"the vector of unknown tokens moved by {self.unknown:.4g}")
        for name, tokens in ("added", self.added), ("gone", self.gone):
            if tokens:
                shown = ", ".join(tokens[:NEAR]) + (", ..." if tokens[NEAR:] else "")
                lines.append(f"{len(tokens):,} {name}: {shown}")
        return "\n".join(lines + _table(self.most))


def drift(before: "WordVectors", after: "WordVectors", k: int) -> Drift:
    """How far tokens moved; see `WordVectors.drift`."""
    instance("after", after, type(before))
    if before.size != after.size:
        raise ValueError(
            f"after must have vectors of size {before.size}. Got {after.size}."
        )
    shared = [token for token in before.tokens if token in after]
    rows = [np.array([each._rows[t] for t in shared], int) for each in (before, after)]
    distances = _distances(before.matrix, after.matrix, *rows)
    first = np.argsort(-distances, kind="stable")[: max(0, k)]
    chosen = [shared[at] for at in first if distances[at] > 0]
    moved = distances[distances > 0]
    return Drift(
        tokens=len(shared),
        moved=len(moved),
        mean=float(moved.mean()) if len(moved) else 0.0,
        unknown=_between(before.unknown, after.unknown),
        most=_most(before, after, chosen, distances[first][: len(chosen)]),
        added=tuple(token for token in after.tokens if token not in before),
        gone=tuple(token for token in before.tokens if token not in after),
    )


def _distances(one: Floats, two: Floats, rows: Integers, others: Integers) -> Floats:
    """The distance of each row of one matrix from one of another."""
    found = np.zeros(len(rows))
    for start in range(0, len(rows), ROWS):
        part = slice(start, start + ROWS)
        moves = two[others[part]].astype(np.float64) - one[rows[part]]
        found[part] = np.sqrt(np.square(moves).sum(axis=1))
    return np.where(np.isnan(found), np.inf, found)


def _between(one: Floats | None, two: Floats | None) -> float | None:
    if one is None or two is None:
        return None
    return float(np.linalg.norm(np.asarray(two, np.float64) - one))


def _most(
    before: "WordVectors",
    after: "WordVectors",
    tokens: list[str],
    distances: Floats,
) -> tuple[Moved, ...]:
    cosines = (units(before[tokens]) * units(after[tokens])).sum(axis=1)
    near = [
        [tuple(token for token, _ in answer) for answer in answers]
        for answers in (each.most_similar(tokens, k=NEAR) for each in (before, after))
    ]
    return tuple(
        Moved(token, float(distance), float(cosine), *both)
        for token, distance, cosine, *both in zip(
            tokens, distances, cosines, *near, strict=True
        )
    )


def _table(most: Sequence[Moved]) -> list[str]:
    if not most:
        return []
    rows = [("token", "distance", "cosine", "near before", "near after")] + [
        (
            each.token,
            f"{each.distance:.4f}",
            f"{each.cosine:.3f}",
            ", ".join(each.before),
            ", ".join(each.after),
        )
        for each in most
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        f"{a:{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d:{widths[3]}}  {e}"
        for a, b, c, d, e in rows
    ]
