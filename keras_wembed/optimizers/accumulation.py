"""Gradients summed over several steps, of the rows that those steps touched."""

from typing import Any

import tensorflow as tf

from keras_wembed.optimizers.rows import marked
from keras_wembed.xla import compiled_by_xla


class Accumulator:
    """The sum of one variable's gradients since its last update.

    Args:
        total: The variable that holds the sum, of the shape of the model's variable.
        pending: The variable that marks the rows whose sum is not zero, by 1: no GPU
            writes single booleans.
        optimizer: The Keras optimizer, for how many steps are summed.
    """

    def __init__(self, total: Any, pending: Any, optimizer: Any) -> None:
        self._total = total.value
        self._pending = pending.value
        self._steps = optimizer.gradient_accumulation_steps

    def add(self, gradient: Any) -> None:
        """Add a step's gradient."""
        if isinstance(gradient, tf.IndexedSlices):
            self._total.scatter_add(gradient)
            marks = tf.ones_like(gradient.indices, tf.int8)
            self._pending.scatter_update(tf.IndexedSlices(marks, gradient.indices))
        else:
            self._total.assign_add(gradient)
            self._pending.assign(tf.ones_like(self._pending))

    def has_wider(self, gradient: Any) -> Any:
        """Whether batches wider than this step's may have touched the rows of the sum.

        Args:
            gradient: That of this step, which is not added yet.
        """
        width = _width(gradient)
        if width is None:
            return False
        before = tf.reduce_sum(tf.cast(self._pending, tf.int32))
        return before > width * (self._steps - 1)

    def take(self, gradient: Any, like_this: bool = False) -> Any:
        """The mean gradient, that of this step included; the sum starts again.

        Args:
            gradient: That of this step.
            like_this: Whether no batch of the sum was wider. XLA, which must know how
                many rows there are when it compiles, need not look at all of them then.
        """
        self.add(gradient)
        if isinstance(gradient, tf.IndexedSlices):
            width = _width(gradient) if like_this else None
            at_most = None if width is None else width * self._steps
            return self._take_rows(gradient.dense_shape, at_most)
        mean = self._total / self._steps
        self._total.assign(tf.zeros_like(mean))
        self._pending.assign(tf.zeros_like(self._pending))
        return mean

    def _take_rows(self, dense_shape: Any, at_most: int | None) -> tf.IndexedSlices:
        rows = marked(tf.cast(self._pending, tf.bool), at_most)
        sums = tf.gather(self._total, rows) / self._steps
        if compiled_by_xla():
            repeats = tf.concat([[False], rows[1:] == rows[:-1]], 0)
            repeats = tf.reshape(repeats, [-1] + [1] * (len(sums.shape) - 1))
            sums = tf.where(repeats, tf.zeros_like(sums), sums)
        self._total.scatter_update(tf.IndexedSlices(tf.zeros_like(sums), rows))
        marks = tf.zeros_like(rows, tf.int8)
        self._pending.scatter_update(tf.IndexedSlices(marks, rows))
        return tf.IndexedSlices(sums, rows, dense_shape)


def _width(gradient: Any) -> int | None:
    """How many ids a gradient names, if it names ids and that is known before a run."""
    sparse = isinstance(gradient, tf.IndexedSlices)
    return gradient.indices.shape[0] if sparse else None
