"""The table of an encoder's tokens and ids: in memory, or in a file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf


def in_memory(keys: Any, ids: Any, default: int) -> tf.lookup.StaticHashTable:
    """A table whose entries lie in the graph."""
    if not len(keys):  # A table must have a key: one more for the default.
        keys, ids = tf.zeros([1], keys.dtype), np.array([default])
    entries = tf.lookup.KeyValueTensorInitializer(keys, ids, value_dtype=tf.int64)
    return tf.lookup.StaticHashTable(entries, default)


def fits_a_file(keys: tf.Tensor) -> bool:
    """Whether keys can be the lines of a file, as TensorFlow reads lines."""
    if keys.dtype != tf.string or not len(keys):
        return False
    lines = keys.numpy().tolist()
    text = b"".join(lines)
    return b"\n" not in text and b"\r" not in text and b"" not in lines


class FileTable(tf.Module):
    """A table that reads a file of tokens, which a SavedModel takes along.

    The token of id i is line i. Behind these stand tokens whose ids are others'.

    Args:
        keys: The tokens, that of each id before its other spellings.
        ids: Of each token, 1 or more.
        default: What other tokens get.
        tokens: The vocabulary; its tokens fill the lines of ids that no key has.
        path: Where the file is written.

    Shapes:
        keys: `(count,)`
        ids: `(count,)`
    """

    def __init__(
        self, keys: Any, ids: Any, default: int, tokens: Sequence[Any], path: Path
    ):
        super().__init__()
        first, others, other_ids = _lines(keys.numpy().tolist(), ids, tokens)
        path.write_bytes(b"".join(line + b"\n" for line in first + others))
        self._last = len(first)
        self._behind = np.array([*other_ids, default], np.int64)
        lines = tf.lookup.TextFileInitializer(
            str(path),
            tf.string,
            tf.lookup.TextFileIndex.WHOLE_LINE,
            tf.int64,
            tf.lookup.TextFileIndex.LINE_NUMBER,
            value_index_offset=1,
        )
        missing = self._last + len(self._behind) if others else default
        self._table = tf.lookup.StaticHashTable(lines, missing)

    def lookup(self, tokens: tf.Tensor) -> tf.Tensor:
        """The ids of a dense tensor of tokens."""
        line = self._table.lookup(tokens)
        if len(self._behind) == 1:
            return line
        behind = tf.maximum(line - self._last - 1, 0)
        return tf.where(line > self._last, tf.gather(self._behind, behind), line)


def _lines(
    keys: list[bytes], ids: Any, tokens: Sequence[Any]
) -> tuple[list[bytes], list[bytes], list[int]]:
    """The lines of ids 1, 2, ..., and the keys behind them with their ids.

    Where case is ignored some tokens have no key. Each keeps its line, so that the
    lines behind keep theirs: nobody asks for a token in capitals there.
    """
    lines = [tf.compat.as_bytes(token) for token in tokens]
    place = {line: at for at, line in enumerate(lines)}
    others: list[bytes] = []
    other_ids: list[int] = []
    done: set[int] = set()
    for key, id in zip(keys, np.asarray(ids).tolist(), strict=True):
        if id in done:
            others.append(key)
            other_ids.append(id)
            continue
        done.add(id)
        _put(key, id - 1, lines, place)
    return lines, others, other_ids


def _put(key: bytes, at: int, lines: list[bytes], place: dict[bytes, int]) -> None:
    """Makes a key a line; what stood there goes to where the key stood, if it did."""
    old, lines[at] = lines[at], key
    if old == key:
        return
    elsewhere = place.pop(key, None)
    place[key] = at
    del place[old]
    if elsewhere is not None:
        lines[elsewhere], place[old] = old, elsewhere
