"""Which row the tokens of a test file mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from keras_wembed.choices import instance, positive
from keras_wembed.neighbours import Integers
from keras_wembed.vectors import WordVectors

LIMIT = 300_000  # as in gensim, and in the C program word2vec for its accuracy


@dataclass(frozen=True, eq=False)
class Known:
    """The rows of tokens, among the first rows of word vectors.

    Args:
        rows: The row of each token; of spellings that count as one, the first.
        ignore_case: Whether capitals count as small letters.
    """

    rows: dict[str, int]
    ignore_case: bool

    @classmethod
    def of(cls, vectors: WordVectors, ignore_case: bool, limit: int | None) -> Self:
        """The tokens of these vectors.

        Raises:
            ValueError: If `limit` is below 1.
        """
        instance("vectors", vectors, WordVectors)
        positive("limit", limit)
        known = cls({}, ignore_case)
        for row, token in enumerate(vectors.tokens[:limit]):
            known.rows.setdefault(known.written(token), row)
        return known

    def written(self, token: str) -> str:
        """How a token is written where case is ignored: as in gensim, in capitals."""
        return token.upper() if self.ignore_case else token

    def found(
        self, items: Iterable[Sequence[str]], width: int
    ) -> tuple[list[int], Integers]:
        """Which items have a row for each of their tokens, and these rows."""
        rows = [[self.rows.get(self.written(t), -1) for t in item] for item in items]
        table = np.array(rows, np.int64).reshape(-1, width)
        has_all = (table >= 0).all(axis=1)
        return np.flatnonzero(has_all).tolist(), table[has_all]
