"""Keras's `fit` under a `tf.distribute.Strategy`, on strings and on ragged batches."""

from typing import Any

import tensorflow as tf


def mend(strategy: Any) -> None:
    """Lets a strategy reduce what Keras's `fit` asks it to, where it would raise.

    Keras asks for the mean of the first batch over all devices, only to see shapes and
    dtypes; strings and ragged batches have none (keras-team/keras#21172). On several
    machines it asks for the mean of losses along an axis that numbers do not have
    (tensorflow/tensorflow#72388). To be removed once Keras 3 trains both itself.

    Args:
        strategy: That of the scope in which a layer is made.
    """
    if not tf.distribute.has_strategy() or "reduce" in vars(strategy):
        return
    reduce = strategy.reduce

    def reduced(reduce_op: Any, value: Any, axis: int | None) -> Any:
        def part(value: Any) -> Any:
            here = strategy.experimental_local_results(value)[0]
            if not tf.is_tensor(here):
                return reduce(reduce_op, value, axis=axis)
            if isinstance(here, tf.RaggedTensor) or here.dtype == tf.string:
                return here
            return reduce(reduce_op, value, axis=axis if here.shape.rank != 0 else None)

        return tf.nest.map_structure(part, value)

    strategy.reduce = reduced
