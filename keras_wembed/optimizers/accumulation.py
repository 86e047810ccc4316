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

    def bound(self, gradient: Any) -> int | None:
        """How many rows the sum touches at most if all batches are as this one.

        XLA wants to know when it compiles. None: of another kind of gradient, and
        where batches may have any length, all rows are looked at.
        """
        if not isinstance(gradient, tf.IndexedSlices) or not compiled_by_xla():
            return None
        width = gradient.indices.shape[0]
        return None if width is None else width * self._steps

    def exceeds(self, bound: int | None) -> Any:
        """Whether a batch wider than this step's may have touched more rows."""
        if bound is None:
            return False
        before = tf.reduce_sum(tf.cast(self._pending, tf.int32))
        return before > bound - bound // self._steps

    def take(self, gradient: Any, at_most: int | None = None) -> Any:
        """The mean gradient, that of this step included; the sum starts again.

        Args:
            gradient: That of this step.
            at_most: How many rows the sum touches at most; all by default.
        """
        self.add(gradient)
        if isinstance(gradient, tf.IndexedSlices):
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
