"""Which rows of a file become rows of a table."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_wembed.formats.rows import Block

Floats = NDArray[np.floating[Any]]
UNKNOWN = "<unk>"  # the token under which a file keeps its row for unknown ones


class Selection:
    """Keeps the first row of each token, and the row of `<unk>` apart.

    Args:
        limit: Keep at most so many rows.
        tokens: Keep only rows of these.
    """

    def __init__(
        self, *, limit: int | None = None, tokens: Iterable[str] | None = None
    ) -> None:
        self.unknown: Floats | None = None
        self.rows = 0  # of the file, kept or not
        self.duplicates = 0
        self._limit = limit
        self._wanted = None if tokens is None else set(tokens) - {UNKNOWN}
        self._seen: set[str] = set()

    @property
    def full(self) -> bool:
        """Whether no further row can be kept."""
        kept = len(self._seen)
        if self._wanted is not None and kept == len(self._wanted):
            return True
        return self._limit is not None and kept >= self._limit

    def of(self, block: Block) -> tuple[list[str], Floats]:
        """The tokens and rows of a block that are kept."""
        tokens = decoded(block.tokens)
        self.rows += len(tokens)
        if self._keeps_all(tokens):
            return tokens, block.rows
        kept = [
            place for place in range(len(tokens)) if self._keeps(block, tokens, place)
        ]
        return [tokens[place] for place in kept], block.rows[kept]

    def _keeps_all(self, tokens: list[str]) -> bool:
        """Whether nothing is left out, as in nearly every block."""
        fresh = set(tokens)
        if self._wanted is not None or len(fresh) < len(tokens) or UNKNOWN in fresh:
            return False
        if self._limit is not None and len(self._seen) + len(fresh) > self._limit:
            return False
        if not fresh.isdisjoint(self._seen):
            return False
        self._seen |= fresh
        return True

    def _keeps(self, block: Block, tokens: list[str], place: int) -> bool:
        token = tokens[place]
        if token == UNKNOWN:
            if self.unknown is None:
                self.unknown = block.rows[place].copy()
            return False
        if self.full or (self._wanted is not None and token not in self._wanted):
            return False
        self.duplicates += token in self._seen
        is_new = token not in self._seen
        self._seen.add(token)
        return is_new


def decoded(tokens: list[bytes]) -> list[str]:
    """The tokens as text; bytes that are no UTF-8 become U+FFFD."""
    # No token of a text holds a line feed, so that all can be decoded at once.
    text = b"\n".join(tokens).decode(errors="replace").split("\n")
    if len(text) == len(tokens):
        return text
    return [token.decode(errors="replace") for token in tokens]
