"""Word vectors: tokens and one row per token, in NumPy alone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from keras_wembed import storage
from keras_wembed.report import Report
from keras_wembed.subwords import Subwords

Floats = NDArray[np.floating[Any]]

BLOCK = 1 << 16  # rows multiplied at a time


@dataclass(frozen=True, eq=False, repr=False)
class WordVectors:
    """Tokens and one vector per token.

    Args:
        tokens: The tokens, each once, in the order of the rows.
        matrix: One row per token, any float type; it may be memory-mapped.
        unknown: The vector for a token without a row: the file's own `<unk>` row, or
            the mean of all rows of the file. None: not known.
        report: What was counted while the vectors were read.
        subwords: Vectors of n-grams, from which a token without a row gets its vector.

    Shapes:
        matrix: `(len(tokens), size)`
        unknown: `(size,)`

    Raises:
        TypeError: If a token is no `str`, or `matrix` holds no floats.
        ValueError: If the shapes do not fit, or a token occurs twice.

    >>> vectors = WordVectors(("hot", "cold"), np.array([[1.0, 0.0], [0.0, 1.0]]))
    >>> vectors["cold"]
    array([0., 1.])
    >>> "warm" in vectors
    False
    """

    tokens: Sequence[str]
    matrix: Floats
    unknown: Floats | None = None
    report: Report = field(default_factory=Report)
    subwords: Subwords | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "tokens", tuple(self.tokens))
        if not isinstance(self.matrix, np.ndarray):
            object.__setattr__(self, "matrix", np.asarray(self.matrix))
        if not np.issubdtype(self.matrix.dtype, np.floating):
            raise TypeError(f"matrix must hold floats. Got {self.matrix.dtype}.")
        if odd := set(map(type, self.tokens)) - {str}:
            raise TypeError(f"tokens must be str. Got {min(t.__name__ for t in odd)}.")
        n = len(self.tokens)
        if len(set(self.tokens)) < n:
            twice = Counter(self.tokens).most_common(1)[0][0]
            raise ValueError(f"Each token must stand once. Got {twice!r} twice.")
        if self.matrix.ndim != 2 or self.matrix.shape[0] != n:
            raise ValueError(
                f"matrix must have one row per token, {n} rows. "
                f"Got shape {self.matrix.shape}."
            )
        if self.unknown is not None and np.shape(self.unknown) != (self.size,):
            raise ValueError(
                f"unknown must have shape ({self.size},). "
                f"Got shape {np.shape(self.unknown)}."
            )

    @property
    def size(self) -> int:
        """The width of a vector."""
        return int(self.matrix.shape[1])

    def __repr__(self) -> str:
        return f"<WordVectors: {len(self)} tokens, size {self.size}>"

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._rows

    @overload
    def __getitem__(self, tokens: str) -> Floats: ...
    @overload
    def __getitem__(self, tokens: Sequence[str]) -> Floats: ...
    def __getitem__(self, tokens: str | Sequence[str]) -> Floats:
        try:
            if isinstance(tokens, str):
                return self.matrix[self._rows[tokens]]
            return self.matrix[[self._rows[token] for token in tokens]]
        except KeyError as error:
            raise KeyError(f"No row for the token {error.args[0]!r}.") from None

    def select(self, tokens: Iterable[str]) -> Self:
        """Just the rows of these tokens, in this order.

        Args:
            tokens: The tokens wanted. One without a row, or named before, is left out
                and stands in the `report` of the result.

        Returns:
            New vectors in memory, with the same `unknown`.

        Raises:
            TypeError: If `tokens` is one str, or holds something else.
        """
        wanted = distinct(tokens)
        missing = tuple(token for token in wanted if token not in self._rows)
        kept = [token for token in wanted if token in self._rows]
        matrix = self.matrix[[self._rows[token] for token in kept]]
        report = Report(rows=len(kept), missing=missing)
        rows = np.asarray(matrix)
        return type(self)(kept, rows, self.unknown, report, self.subwords)

    def most_similar(self, query: str | Floats, k: int = 10) -> list[tuple[str, float]]:
        """The `k` tokens whose vectors point the same way, best first.

        Args:
            query: A token, which is then left out of the answer, or a vector.
            k: How many.

        Returns:
            Pairs of a token and its cosine. A zero row has the cosine 0.

        >>> axes = np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 4.0]])
        >>> WordVectors(("east", "north", "northeast"), axes).most_similar("east", k=1)
        [('northeast', 0.6)]
        """
        vector = self[query] if isinstance(query, str) else np.asarray(query)
        if vector.shape != (self.size,):
            raise ValueError(
                f"query must be a token or a vector of shape ({self.size},). "
                f"Got shape {vector.shape}."
            )
        cosines = self._cosines(vector.astype(np.float64))
        if isinstance(query, str):
            cosines[self._rows[query]] = -np.inf
        k = max(0, min(k, len(self) - isinstance(query, str)))
        best = np.argsort(-cosines, kind="stable")[:k]
        return [(self.tokens[row], float(cosines[row])) for row in best]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {token: row for row, token in enumerate(self.tokens)}

    def _cosines(self, vector: Floats) -> Floats:
        """The cosine of each row with a vector; 0 where either is zero."""
        length = np.sqrt(np.square(vector).sum())
        unit = (vector / length if length else vector).astype(np.float32)
        products = np.concatenate([block @ unit for block in self._blocks()])
        cosines = np.zeros(len(self))
        return np.divide(products, self._lengths, out=cosines, where=self._lengths > 0)

    @cached_property
    def _lengths(self) -> Floats:
        squares = (
            np.einsum("ij,ij->i", b, b, dtype=np.float64) for b in self._blocks()
        )
        return np.sqrt(np.concatenate(list(squares)))

    def _blocks(self) -> Iterator[Floats]:
        """The rows as float32, some at a time: others are too short to multiply in."""
        for start in range(0, max(1, len(self)), BLOCK):
            yield self.matrix[start : start + BLOCK].astype(np.float32, copy=False)

    def save(self, folder: str | PathLike[str]) -> None:
        """Writes a folder that `load` maps into memory, in place of an older one.

        Raises:
            ValueError: If a token holds a line feed, which the file keeps for itself,
                or the folder something else than saved vectors.
        """
        storage.save(
            folder, self.tokens, self.matrix, self.unknown, self.report, self.subwords
        )

    @classmethod
    def load(cls, folder: str | PathLike[str]) -> Self:
        """The vectors in a folder that `save` wrote; the matrix is memory-mapped.

        Raises:
            FormatError: If the folder is not whole.
        """
        return cls(*storage.load(folder))

    @classmethod
    def read(
        cls,
        path: str | PathLike[str],
        format: str | None = None,
        *,
        limit: int | None = None,
        tokens: Iterable[str] | None = None,
        member: str | None = None,
        on_bad_row: str = "error",
    ) -> Self:
        """The vectors in a file of a public format, plain or in .gz or .zip.

        Args:
            path: The file.
            format: `"glove"`, `"word2vec-text"`, `"word2vec-binary"`, `"fasttext"`
                (its text) or `"fasttext-model"` (its .bin). None: found from the bytes.
            limit: Read only the first `limit` rows.
            tokens: Keep only these, in this order.
            member: Which file of a .zip. None: the only one.
            on_bad_row: `"error"`, or `"skip"` to leave out a row that cannot be read
                and count it in `report.skipped`.

        Raises:
            FormatError: If the file cannot be read; names the line and what is there.
        """
        # Reading stands on a floor above: it makes the blocks that this class joins.
        from keras_wembed.formats.read import read

        parts = read(
            path,
            format,
            limit=limit,
            tokens=tokens,
            member=member,
            on_bad_row=on_bad_row,
        )
        return cls(*parts)


def distinct(tokens: Iterable[str]) -> list[str]:
    """The tokens, each once, in order.

    Raises:
        TypeError: If this is one str, or holds something else.
    """
    if isinstance(tokens, str | bytes):
        raise TypeError(f"tokens must be a list of tokens. Got {tokens!r}.")
    wanted = list(dict.fromkeys(tokens))
    if odd := set(map(type, wanted)) - {str}:
        raise TypeError(f"tokens must be str. Got {min(t.__name__ for t in odd)}.")
    return wanted
