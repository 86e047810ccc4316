"""Splitting at white space that stands around tokens, or is put there."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import tensorflow as tf

from keras_wembed.encoders.splitting.repair import (
    Read,
    clean,
    is_simple,
    some_lower,
)

MANY, PARTS = 256, 4  # from so many texts on a graph splits them in so many parts


@dataclass(frozen=True)
class BlankSplitter:
    """Splits texts at white space, once there is some around each token.

    Attributes:
        space: Puts it there.
        read: Makes UTF-8 of texts that are not simple.
        lower: Whether tokens are given in lower case, or as they stand.
    """

    space: Callable[[tf.Tensor], tf.Tensor]
    read: Read
    lower: bool

    def __call__(self, texts: tf.Tensor) -> tf.RaggedTensor:
        tokens = self.sparse(texts)
        rows = tokens.indices[:, 0], tokens.dense_shape[0]
        return tf.RaggedTensor.from_value_rowids(tokens.values, *rows, validate=False)

    def sparse(
        self, texts: tf.Tensor, look_up: Callable[[tf.Tensor], tf.Tensor] = tf.identity
    ) -> tf.SparseTensor:
        """The tokens, or what `look_up` makes of them, with their shape as a matrix.

        A graph splits many texts by parts, side by side.

        Shapes:
            texts: `(batch,)`
            returns: `(batch, longest)`
        """
        simple = is_simple(texts)

        def pieces(spaced: tf.Tensor) -> tf.SparseTensor:
            at, tokens, shape = tf.raw_ops.StringSplitV2(input=spaced, sep="")
            return tf.SparseTensor(at, look_up(tokens), shape)

        def only_simple() -> tf.SparseTensor:
            return pieces(self._spaced(texts))

        def mixed() -> tf.SparseTensor:
            at = tf.where(~simple)
            return pieces(self._spaced(clean(texts, at, self.read), at))

        def many() -> tf.SparseTensor:
            read = clean(texts, tf.where(~simple), self.read)
            edges = [tf.size(texts) * part // PARTS for part in range(PARTS + 1)]
            parts = [slice(*ends) for ends in pairwise(edges)]
            at = [tf.where(~simple[part]) for part in parts]
            spaced = [self._spaced(read[p], a) for p, a in zip(parts, at, strict=True)]
            return _stacked([pieces(part) for part in spaced])

        all_simple, is_few = tf.reduce_all(simple), tf.size(simple) < MANY
        if tf.executing_eagerly():
            return only_simple() if all_simple else mixed()

        # Called, not inlined: of a branch that is not taken TensorFlow visits each
        # operation all the same, which counts for one text.
        @tf.function(autograph=False, experimental_attributes={"_noinline": True})
        def others() -> tf.SparseTensor:
            return tf.cond(is_few, mixed, many)

        return tf.cond(all_simple & is_few, only_simple, others)

    def _spaced(self, texts: tf.Tensor, at: tf.Tensor | None = None) -> tf.Tensor:
        """Clean texts with blanks around tokens, in lower case if that is asked for.

        Args:
            texts: Whole ones: token by token lower case takes seven times as long.
            at: Where they are not simple, if some are.
        """
        spaced = self.space(texts)
        if not self.lower:
            return spaced
        return tf.strings.lower(spaced) if at is None else some_lower(spaced, at)


def _stacked(parts: list[tf.SparseTensor]) -> tf.SparseTensor:
    """Matrices below one another, as wide as the widest.

    `tf.sparse.concat` takes longer than the parts save.
    """
    heights, widths = tf.unstack(tf.stack([part.dense_shape for part in parts]), axis=1)
    firsts = tf.stack([tf.cumsum(heights, exclusive=True), tf.zeros_like(heights)], 1)
    at = [part.indices + firsts[number] for number, part in enumerate(parts)]
    values = tf.concat([part.values for part in parts], 0)
    shape = tf.stack([tf.reduce_sum(heights), tf.reduce_max(widths)])
    return tf.SparseTensor(tf.concat(at, 0), values, shape)
