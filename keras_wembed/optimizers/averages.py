"""The moving average of a variable (EMA), brought up to date when it is needed.

Keras moves the average of every row at every step. While a row rests, its average
moves towards it by a known factor; so that is made up for when the row is next
touched, and the result is Keras's own.
"""

from typing import Any

import tensorflow as tf

from keras_wembed.optimizers.rows import Rows, marked


class Average:
    """One variable's moving average.

    Args:
        mean: The variable that holds the average.
        last: For each row, the step after the last one that touched it; 0 if none did.
        optimizer: The Keras optimizer, for its momentum and its count of steps.
    """

    def __init__(self, mean: Any, last: Any, optimizer: Any) -> None:
        self._mean = mean
        self._last = last
        self._optimizer = optimizer

    def move(self, row: Rows, ids: tf.Tensor | None) -> None:
        """Move the average of rows that the optimizer has just updated."""
        mean, last = Rows(self._mean, ids), Rows(self._last, ids)
        now = tf.convert_to_tensor(self._optimizer._iterations)
        mean.assign(self._caught_up(mean, last, row.before, now))
        is_first = tf.equal(tf.convert_to_tensor(self._optimizer.iterations), 0)
        kept = tf.where(is_first, 0.0, self._optimizer.ema_momentum)
        kept = tf.cast(kept, row.dtype)
        mean.assign(kept * mean.after + (1 - kept) * row.after)
        last.assign(tf.fill(tf.shape(last.after), now + 1))
        mean.write()
        last.write()

    def overwrite(self, variable: Any, now: Any, constraint: Any) -> None:
        """Overwrite the rows that differ from their average with it.

        Args:
            variable: The model's variable.
            now: The step up to which, itself excluded, the average is moved first.
            constraint: What the rows must then be brought to; None if nothing.
        """
        last = self._last.value
        ids = marked(tf.convert_to_tensor(last) > 0) if last.shape.rank else None
        row, mean, last = (Rows(v, ids) for v in (variable, self._mean, self._last))
        mean.assign(self._caught_up(mean, last, row.after, now))
        row.assign(constraint(mean.after) if constraint else mean.after)
        last.assign(tf.zeros_like(last.after))
        for rows in (mean, last, row):
            rows.write()

    def _caught_up(self, mean: Rows, last: Rows, row: tf.Tensor, now: Any) -> tf.Tensor:
        """The average of rows that have not changed since they were last touched.

        A row that no step has touched is its own average.
        """
        momentum = tf.cast(self._optimizer.ema_momentum, mean.dtype)
        kept = tf.pow(momentum, tf.cast(now - last.after, mean.dtype))
        kept = tf.where(last.after == 0, tf.zeros_like(kept), kept)
        ones = tf.ones(len(row.shape) - len(kept.shape), tf.int32)
        kept = tf.reshape(kept, tf.concat([tf.shape(kept), ones], 0))
        return row + kept * (mean.after - row)
