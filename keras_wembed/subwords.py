"""Vectors of character n-grams, from which fastText makes those of any token."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]

_BLOCK = 2048  # tokens composed at a time
_FILE = "subwords.npy"


@dataclass(frozen=True, eq=False)
class Subwords:
    """A vector for each bucket that character n-grams are hashed to.

    Args:
        matrix: One row per bucket.
        minn: The characters of the shortest n-gram, `<` and `>` at a token's ends
            counted.
        maxn: Those of the longest.

    Shapes:
        matrix: `(buckets, size)`

    Raises:
        ValueError: If `matrix` is no matrix with rows, or not 1 <= minn <= maxn.
    """

    matrix: Floats
    minn: int
    maxn: int

    def __post_init__(self) -> None:
        if self.matrix.ndim != 2 or not len(self.matrix):
            raise ValueError(
                f"matrix must be (buckets, size). Got shape {self.matrix.shape}."
            )
        if not 1 <= self.minn <= self.maxn:
            raise ValueError(
                f"minn must be at least 1 and at most maxn. Got {self.minn} and "
                f"{self.maxn}."
            )

    def composed(self, tokens: Sequence[bytes], rows: Floats) -> Floats:
        """The vectors of tokens: the means of their rows and their n-grams'.

        Args:
            tokens: UTF-8, without `<` and `>`.
            rows: The rows of whole tokens; they are overwritten.

        Shapes:
            rows: `(len(tokens), size)`
            returns: as `rows`
        """
        for start in range(0, len(tokens), _BLOCK):
            some = slice(start, start + _BLOCK)
            buckets, owners = self.buckets(tokens[some])
            order = np.argsort(owners, kind="stable")
            having, first, counts = np.unique(
                owners[order], return_index=True, return_counts=True
            )
            if len(having):
                sums = np.add.reduceat(self.matrix[buckets[order]], first)
                rows[start + having] += sums
                rows[start + having] /= (counts + 1)[:, np.newaxis]
        return rows

    def buckets(self, tokens: Sequence[bytes]) -> tuple[Ints, Ints]:
        """The buckets of the n-grams of tokens, and whose each is.

        Shapes:
            returns: `(ngrams,)` rows of `matrix`, and `(ngrams,)` places in `tokens`
        """
        data, starts, ends, owners = _ngrams(tokens, self.minn, self.maxn)
        return _fnv1a(data, starts, ends) % len(self.matrix), owners

    def save(self, folder: Path) -> dict[str, int]:
        """Writes the rows to a folder and gives what `load` must know of them."""
        np.save(folder / _FILE, self.matrix)
        size = (folder / _FILE).stat().st_size
        return {"minn": self.minn, "maxn": self.maxn, "bytes": size}

    @classmethod
    def load(cls, folder: Path, facts: dict[str, int]) -> "Subwords":
        """Undoes `save`; the rows are memory-mapped."""
        matrix = np.asarray(np.load(folder / _FILE, "r", allow_pickle=False))
        return cls(matrix, facts["minn"], facts["maxn"])

    @staticmethod
    def is_whole(folder: Path, facts: dict[str, int]) -> bool:
        """Whether the file is as long as it was when it was saved."""
        return (folder / _FILE).stat().st_size == facts["bytes"]


def _ngrams(
    tokens: Sequence[bytes], minn: int, maxn: int
) -> tuple[Ints, Ints, Ints, Ints]:
    """All bytes of the tokens; where each n-gram starts and ends; and its token."""
    words = [b"<" + token + b">" for token in tokens]
    data = np.frombuffer(b"".join(words), np.uint8)
    # A byte 10xxxxxx goes on with a character; all others begin one.
    chars = np.flatnonzero((data & 0xC0) != 0x80)
    owner = np.repeat(np.arange(len(words)), [len(word) for word in words])[chars]
    bounds, owner = np.append(chars, len(data)), np.append(owner, -1)
    found = []
    for n in range(minn, maxn + 1):
        first = np.arange(max(0, len(chars) - n + 1))
        first = first[owner[first] == owner[first + n - 1]]
        if n == 1:  # `<` and `>` alone say nothing
            first = first[
                (owner[first - 1] == owner[first]) & (owner[first + 1] == owner[first])
            ]
        found.append((bounds[first], bounds[first + n], owner[first]))
    starts, ends, owners = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return data, starts, ends, owners


def _fnv1a(data: Ints, starts: Ints, ends: Ints) -> Ints:
    """Hashes of 32 bits of parts of some bytes, as fastText computes them.

    fastText widens each byte as a signed one, so a byte of 128 or more also flips the
    upper bits.
    """
    hashes = np.full(len(starts), 2166136261, np.uint32)
    signed = data.view(np.int8).astype(np.uint32)
    for place in range(int((ends - starts).max(initial=0))):
        inside = starts + place < ends
        mixed = hashes[inside] ^ signed[starts[inside] + place]
        hashes[inside] = mixed * np.uint32(16777619)
    return hashes
