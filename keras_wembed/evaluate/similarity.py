"""How well cosines agree with people's judgements of similarity."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np

from keras_wembed.errors import FormatError
from keras_wembed.evaluate.known import LIMIT, Known
from keras_wembed.evaluate.lines import lines
from keras_wembed.evaluate.ranks import pearson, spearman
from keras_wembed.neighbours import units
from keras_wembed.vectors import WordVectors

Pair = tuple[str, str, float]


@dataclass(frozen=True, repr=False)
class Similarity:
    """How well cosines agree with judgements.

    Args:
        name: Of the file.
        spearman: Spearman's rank correlation, from -1 to 1.
        pearson: Pearson's correlation.
        known: Pairs of which both tokens have a row: the others do not count.
        pairs: All pairs of the file.
    """

    name: str
    spearman: float
    pearson: float
    known: int
    pairs: int

    @property
    def coverage(self) -> float:
        """The share of pairs that count."""
        return self.known / self.pairs

    def __repr__(self) -> str:
        return (
            f"{self.name}: Spearman {self.spearman:.3f}, Pearson {self.pearson:.3f}, "
            f"{self.known:,} of {self.pairs:,} pairs"
        )


def similarity(
    vectors: WordVectors,
    path: str | PathLike[str],
    *,
    ignore_case: bool = True,
    limit: int | None = LIMIT,
) -> Similarity:
    """The correlation of cosines with the judgements in a file.

    With these defaults it is that of gensim's `evaluate_word_pairs`.

    Args:
        vectors: The vectors; of a layer, `layer.vectors()`.
        path: A file, plain, .gz or .zip, with a line for each pair: two tokens and the
            judgement, split by tabs, commas or blanks. Of more columns, as SimLex-999
            and RW have them, the first number counts. Comments start with `#`.
        ignore_case: Take capitals for small letters.
        limit: Use only the first `limit` rows. None: all.

    Raises:
        FormatError: If a line holds something else; the first one may.
        ValueError: If fewer than two pairs have rows.
    """
    pairs = list(_pairs(path))
    known = Known.of(vectors, ignore_case, limit)
    at, rows = known.found([pair[:2] for pair in pairs], 2)
    name = Path(path).name
    if len(at) < 2:
        raise ValueError(
            f"{name} must hold at least two pairs whose tokens have a row. "
            f"Got {len(at)}, of {len(pairs)} pairs."
        )
    judged = np.array([pairs[pair][2] for pair in at])
    one, other = (units(vectors.matrix[rows[:, side]]) for side in (0, 1))
    cosines = (one * other).sum(axis=1)
    return Similarity(
        name=name,
        spearman=spearman(judged, cosines),
        pearson=pearson(judged, cosines),
        known=len(at),
        pairs=len(pairs),
    )


def _pairs(path: str | PathLike[str]) -> Iterator[Pair]:
    for order, (number, line) in enumerate(lines(path)):
        if pair := _pair(line):
            yield pair
        elif order:  # else it may name the columns
            raise FormatError(
                f"{Path(path).name}, line {number}, must be two tokens and a number. "
                f"Got {line!r}."
            )


def _pair(line: str) -> Pair | None:
    separator = next((each for each in "\t," if each in line), None)
    one, other, *rest = [*map(str.strip, line.split(separator)), "", ""]
    for field in rest:
        with contextlib.suppress(ValueError):
            return one, other, float(field)
    return None
