"""Words joined into the longest phrases that a vocabulary holds: `new_york_city`."""

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_wembed.encoders.token_table import fits_a_file, in_file, in_memory

Holds = Callable[[tf.Tensor], tf.Tensor]


class Phrases(tf.Module):
    """The phrases of a vocabulary: its tokens of several words, joined by "_".

    Args:
        tokens: The vocabulary.
        lowered: Makes tokens what they are looked up as.
        file: Where to write what phrases begin with, for a SavedModel to take along.
    """

    def __init__(self, tokens: Iterable[Any], lowered: Holds, file: Path | None = None):
        super().__init__()
        found, self._longest = beginnings(tokens)
        with tf.init_scope():
            keys = lowered(tf.constant(sorted(found), tf.string, [len(found)]))
            keys = tf.unique(keys).y
            ids = np.arange(1, len(keys) + 1)
            self._begin: Any = in_memory(keys, ids, 0)
            if file is not None and fits_a_file(keys):
                self._begin = in_file(keys, ids, 0, keys.numpy().tolist(), file)

    def joined(self, words: tf.RaggedTensor, holds: Holds) -> tf.RaggedTensor:
        """The words of texts, with the longest phrases joined, from the left.

        Args:
            words: The words of each text.
            holds: Says which phrases the vocabulary has.

        Shapes:
            words: `(batch, None)`
            returns: `(batch, None)`; rows are shorter where phrases stand
        """
        counts = _counts(words, self._longest, holds, self._begins)
        starts = _starts(words, counts)
        phrase = tf.cumsum(tf.cast(starts, tf.int64)) - 1
        size = tf.reduce_sum(tf.cast(starts, tf.int64))
        phrases = tf.strings.unsorted_segment_join(words.values, phrase, size, "_")
        rows = tf.boolean_mask(words.value_rowids(), starts)
        return tf.RaggedTensor.from_value_rowids(phrases, rows, words.nrows())

    def _begins(self, tokens: tf.Tensor) -> tf.Tensor:
        """Which tokens begin a phrase of more words."""
        return self._begin.lookup(tokens) > 0


def beginnings(tokens: Iterable[str]) -> tuple[frozenset[str], int]:
    """What phrases of three words or more begin with, and the most words of one.

    >>> beginnings(["new_york_city", "new_york", "a"])
    (frozenset({'new_york'}), 3)
    """
    found = set()
    longest = 1
    for token in tokens:
        count = token.count("_") + 1
        longest = max(longest, count)
        for _ in range(count - 2):
            token = token.rpartition("_")[0]
            found.add(token)
    return frozenset(found), longest


def _counts(
    words: tf.RaggedTensor, longest: int, holds: Holds, begins: Holds
) -> tf.Tensor:
    """How many words the longest phrase has that begins at each word.

    Shapes:
        returns: `(words,)`
    """
    flat, row = words.values, words.value_rowids()
    at = tf.range(tf.size(flat, tf.int64))
    counts = tf.ones_like(at)
    phrases = flat
    for count in range(2, longest + 1):
        last = tf.minimum(at + count - 1, tf.size(flat, tf.int64) - 1)
        inside = (at + count - 1 == last) & (tf.gather(row, at) == tf.gather(row, last))
        at, last = tf.boolean_mask(at, inside), tf.boolean_mask(last, inside)
        phrases = tf.strings.join(
            [tf.boolean_mask(phrases, inside), tf.gather(flat, last)], "_"
        )
        whole = holds(phrases)
        ends = tf.boolean_mask(at, whole)[:, tf.newaxis]
        counts = tf.tensor_scatter_nd_update(
            counts, ends, tf.fill([tf.shape(ends)[0]], tf.constant(count, tf.int64))
        )
        goes_on = begins(phrases)
        at, phrases = tf.boolean_mask(at, goes_on), tf.boolean_mask(phrases, goes_on)
    return counts


def _starts(words: tf.RaggedTensor, counts: tf.Tensor) -> tf.Tensor:
    """Which words are the first of a phrase, each text read from the left.

    One step leads from a phrase to the next. Twice as many steps are two jumps of the
    number before; so all of a text is reached after log2(its length) rounds.

    Shapes:
        returns: `(words,)`
    """
    size = tf.size(counts, tf.int64)
    jump = tf.concat([tf.minimum(tf.range(size) + counts, size), [size]], 0)
    first = tf.boolean_mask(words.row_starts(), words.row_lengths() > 0)
    reached = tf.scatter_nd(first[:, tf.newaxis], tf.ones_like(first), [size + 1])
    longest = tf.reduce_max(tf.concat([words.row_lengths(), [1]], 0))
    rounds = tf.math.ceil(tf.math.log(tf.cast(longest, tf.float32)) / math.log(2))

    def double(
        done: tf.Tensor, reached: tf.Tensor, jump: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        landed = tf.boolean_mask(jump, reached > 0)[:, tf.newaxis]
        reached = tf.tensor_scatter_nd_max(reached, landed, tf.ones_like(landed[:, 0]))
        return done + 1, reached, tf.gather(jump, jump)

    _, reached, _ = tf.while_loop(
        lambda done, *_: done < rounds, double, (0.0, reached, jump)
    )
    return reached[:-1] > 0
