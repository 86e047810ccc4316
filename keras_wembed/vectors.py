"""Word vectors: tokens and one row per token, in NumPy alone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from typing import Any, Self, overload

import numpy as np

from keras_wembed import asking, storage
from keras_wembed.choices import listed
from keras_wembed.drift import Drift, drift
from keras_wembed.neighbours import Floats, Integers, Matrix, divisors
from keras_wembed.report import Report
from keras_wembed.subwords import Subwords


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
        encoder_options: How text becomes such tokens, as far as that is known: for
            `TokenEncoder(vectors.tokens, **vectors.encoder_options)`; what JSON holds.

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
    encoder_options: Mapping[str, Any] = field(default_factory=dict)

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

    def __iter__(self) -> Iterator[str]:
        return iter(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._rows

    @overload
    def __getitem__(self, tokens: str) -> Floats: ...
    @overload
    def __getitem__(self, tokens: Sequence[str]) -> Floats: ...
    def __getitem__(self, tokens: str | Sequence[str]) -> Floats:
        try:
            if isinstance(tokens, str) or not isinstance(tokens, Iterable):
                return self.matrix[self._rows[tokens]]
            return self.matrix[[self._rows[token] for token in tokens]]
        except KeyError as error:
            raise KeyError(self._no_row(error.args[0])) from None

    def _no_row(self, token: Any) -> str:
        text = str(token)
        cases = text.lower(), text.capitalize(), text.upper()
        near = next((case for case in cases if case in self), None)
        hint = f" Did you mean {near!r}?" if near else ""
        return f"No row for the token {token!r}.{hint}"

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
        about = self.unknown, report, self.subwords, self.encoder_options
        return type(self)(kept, np.asarray(matrix), *about)

    def most_similar(
        self,
        query: Any = None,
        k: int = 10,
        *,
        positive: Any = None,
        negative: Any = None,
        restrict: Iterable[str] | None = None,
    ) -> list[Any]:
        """The `k` tokens whose vectors point the same way, best first.

        Args:
            query: A token or a vector; or a batch of them, for an answer to each.
            k: How many.
            positive: In place of a query: one or more tokens or vectors. Asked for is
                the mean of their directions, as in gensim.
            negative: Those of which the opposite counts in the mean.
            restrict: Answer only with tokens of these. Those without a row count not.

        Returns:
            Pairs of a token and its cosine, from which tokens that were asked with are
            left out; a list of such lists for a batch. Of equally near tokens the
            lower row comes first. A zero row has the cosine 0.

        Shapes:
            query: `(size,)`, or `(batch, size)`

        Raises:
            KeyError: If a token has no row.
            ValueError: If a vector has another size, or there is nothing to ask.

        >>> axes = np.array([[1.0, 0.0], [0.0, 1.0], [3.0, 4.0]])
        >>> vectors = WordVectors(("east", "north", "northeast"), axes)
        >>> vectors.most_similar("east", k=1)
        [('northeast', 0.6)]
        >>> vectors.most_similar(["east", "north"], k=1)
        [[('northeast', 0.6)], [('northeast', 0.8)]]
        >>> vectors.most_similar(positive=["northeast"], negative=["east"], k=1)
        [('north', 0.894427190999916)]
        """
        queries, single = asking.most_similar(self, query, positive, negative)
        found = asking.answers(self, queries, k, self._rows_among(restrict))
        return found[0] if single else found

    def analogy(
        self,
        a: Any,
        b: Any,
        c: Any,
        k: int = 10,
        *,
        restrict: Iterable[str] | None = None,
    ) -> list[tuple[str, float]]:
        """The tokens that are to `c` as `b` is to `a`, best first.

        The tokens nearest to b - a + c, each of length 1 (3CosAdd: Mikolov et al. 2013,
        "Linguistic Regularities in Continuous Space Word Representations", section 4).

        Args:
            a: A token or a vector.
            b: What it is to that.
            c: Another like `a`.
            k: How many.
            restrict: As in `most_similar`.

        Returns:
            As `most_similar`.

        >>> corners = np.array([[1.0, 1.0], [1.0, 3.0], [2.0, 1.0], [2.0, 3.0]])
        >>> names = ("man", "king", "woman", "queen")
        >>> WordVectors(names, corners).analogy("man", "king", "woman")[0][0]
        'queen'
        """
        query = asking.analogy(self, a, b, c)
        return asking.answers(self, [query], k, self._rows_among(restrict))[0]

    def similarity(self, one: Any, other: Any) -> float:
        """The cosine of two tokens or vectors; 0 if either is zero.

        >>> axes = np.array([[1.0, 0.0], [3.0, 4.0]])
        >>> WordVectors(("east", "northeast"), axes).similarity("east", "northeast")
        0.6
        """
        return asking.similarity(self, one, other)

    def distances(self, queries: Any, others: Any = None) -> Floats:
        """The distance matrix: 1 - cosine, from 0 to 2.

        Args:
            queries: Tokens or vectors; or one of them, for one row.
            others: Those to measure to. None: the same; from one alone, all tokens.

        Shapes:
            returns: `(queries, others)`, or `(others,)`

        >>> axes = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
        >>> WordVectors(("east", "north", "west"), axes).distances(["east", "west"])
        array([[0., 2.],
               [2., 0.]])
        """
        return asking.distances(self, queries, others)

    def doesnt_match(self, tokens: Iterable[str]) -> str:
        """The token that is least like the mean direction of all.

        Raises:
            KeyError: If a token has no row.
            ValueError: If there are none.

        >>> axes = np.array([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]])
        >>> tokens = ("cat", "dog", "tax")
        >>> WordVectors(tokens, axes).doesnt_match(tokens)
        'tax'
        """
        return asking.doesnt_match(self, tokens)

    def drift(self, after: "WordVectors", k: int = 10) -> Drift:
        """How far tokens moved: these vectors against later ones, as of a layer.

        Args:
            after: The same tokens, or some of them, after some training.
            k: How many of those that moved most to tell of.

        Raises:
            ValueError: If the vectors are not of one size.

        >>> before = WordVectors(("a", "b"), np.array([[1.0, 0.0], [0.0, 1.0]]))
        >>> before.drift(WordVectors(("a", "b"), np.array([[1.0, 0.0], [3.0, 5.0]])))
        1 of 2 tokens moved, by 5 in the mean
        token  distance  cosine  near before  near after
        b        5.0000   0.857  a            a
        """
        return drift(self, after, k)

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {token: row for row, token in enumerate(self.tokens)}

    @cached_property
    def _searched(self) -> Matrix:
        return Matrix(self.matrix, divisors(self.matrix))

    def _rows_among(self, tokens: Iterable[str] | None) -> Integers | None:
        """The rows of those tokens that have one, in ascending order."""
        if tokens is None:
            return None
        wanted = listed("restrict", tokens)
        rows = {self._rows[token] for token in wanted if token in self._rows}
        return np.array(sorted(rows), np.int64)

    def save(self, folder: str | PathLike[str]) -> None:
        """Writes a folder that `load` maps into memory, in place of an older one.

        Raises:
            ValueError: If a token holds a line feed, which the file keeps for itself,
                or the folder something else than saved vectors.
        """
        storage.save(
            folder,
            self.tokens,
            self.matrix,
            self.unknown,
            self.report,
            self.subwords,
            self.encoder_options,
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
    return list(dict.fromkeys(listed("tokens", tokens)))
