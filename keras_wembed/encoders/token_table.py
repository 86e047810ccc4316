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


def in_file(
    keys: Any, ids: Any, default: int, tokens: Sequence[Any], path: Path
) -> tf.lookup.StaticHashTable:
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
    first, others, other_ids = _lines(keys.numpy().tolist(), ids, tokens)
    path.write_bytes(b"".join(line + b"\n" for line in first + others))
    lines = _Lines(str(path), len(first), np.array(other_ids, np.int32))
    return tf.lookup.StaticHashTable(lines, default)


def fits_a_file(keys: tf.Tensor) -> bool:
    """Whether keys can be the lines of a file."""
    if keys.dtype != tf.string or not len(keys):  # A table must have a key.
        return False
    return not any(b"\n" in key for key in keys.numpy())


class _Lines(tf.lookup.TextFileInitializer):
    """Fills a table from the lines of a file.

    TensorFlow's own would read the number of a line alone, or ids that the file spells
    out.

    Args:
        path: The file.
        count: How many lines have their number as id.
        others: The ids of those behind.
    """

    def __init__(self, path: str, count: int, others: np.ndarray):
        index = tf.lookup.TextFileIndex
        columns = tf.string, index.WHOLE_LINE, tf.int64, index.LINE_NUMBER
        super().__init__(path, *columns)
        self._count, self._others = count, others

    def initialize(self, table: tf.lookup.StaticHashTable) -> tf.Operation:
        text = tf.io.read_file(tf.convert_to_tensor(self._filename))
        lines = tf.strings.split(text, "\n")[:-1]
        own = tf.range(1, self._count + 1, dtype=tf.int64)
        ids = tf.concat([own, tf.cast(self._others, tf.int64)], 0)
        return tf.raw_ops.LookupTableImportV2(
            table_handle=table.resource_handle, keys=lines, values=ids
        )


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
