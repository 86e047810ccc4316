"""Splitting at white space that stands around tokens, or is put there."""

from collections.abc import Callable
from dataclasses import dataclass

import tensorflow as tf

from keras_wembed.encoders.splitting.repair import (
    Read,
    clean,
    is_simple,
    some_lower,
)


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
        return tf.strings.split(self._spaced(texts))

    def sparse(self, texts: tf.Tensor) -> tf.SparseTensor:
        """The tokens, with the shape that they have as a matrix."""
        pieces = tf.raw_ops.StringSplitV2(input=self._spaced(texts), sep="")
        return tf.SparseTensor(*pieces)

    def _spaced(self, texts: tf.Tensor) -> tf.Tensor:
        # Whole texts: token by token lower case takes seven times as long.
        simple = is_simple(texts)

        def spaced() -> tf.Tensor:
            only = self.space(texts)
            return tf.strings.lower(only) if self.lower else tf.identity(only)

        def cleaned() -> tf.Tensor:
            at = tf.where(~simple)
            only = self.space(clean(texts, at, self.read))
            return some_lower(only, at) if self.lower else only

        return tf.cond(tf.reduce_all(simple), spaced, cleaned)
