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
        self._widest: int | None = None

    def add(self, gradient: Any) -> None:
        """Add a step's gradient."""
        if isinstance(gradient, tf.IndexedSlices):
            self._check_width(gradient)
            self._total.scatter_add(gradient)
            marks = tf.ones_like(gradient.indices, tf.int8)
            self._pending.scatter_update(tf.IndexedSlices(marks, gradient.indices))
        else:
            self._total.assign_add(gradient)
            self._pending.assign(tf.ones_like(self._pending))

    def take(self, gradient: Any) -> Any:
        """The mean gradient, that of this step included; the sum starts again."""
        self.add(gradient)
        if isinstance(gradient, tf.IndexedSlices):
            return self._take_rows(gradient.dense_shape)
        mean = self._total / self._steps
        self._total.assign(tf.zeros_like(mean))
        self._pending.assign(tf.zeros_like(self._pending))
        return mean

    def _take_rows(self, dense_shape: Any) -> tf.IndexedSlices:
        at_most = None if self._widest is None else self._widest * self._steps
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

    def _check_width(self, gradient: tf.IndexedSlices) -> None:
        """XLA needs to know how many rows a sum can touch when it compiles."""
        if not compiled_by_xla():
            return
        width = gradient.indices.shape[0]
        if width is None:  # of batches of any length: then all rows are looked at
            self._widest = None
            return
        if self._widest is not None and width > self._widest:
            raise ValueError(
                "With gradient_accumulation_steps and jit_compile=True no batch must "
                f"name more ids than the first one. Got {width}, first {self._widest}. "
                "Use batches of one shape, or jit_compile=False."
            )
        self._widest = self._widest or width
