"""One step for all variables of a model, in the order in which Keras takes it."""

from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_wembed.optimizers.accumulation import Accumulator
from keras_wembed.optimizers.rows import sum_once
from keras_wembed.optimizers.updates import Update, stand_in
from keras_wembed.xla import compiled_by_xla


class Steps:
    """The steps of an optimizer: accumulate, clip, decay, update, average, constrain.

    Args:
        optimizer: The Keras optimizer, built.
        updates: How each of its trainable variables is updated.
        sums: What accumulates the gradient of each, if the optimizer does that.
    """

    def __init__(
        self,
        optimizer: Any,
        updates: Sequence[Update],
        sums: Sequence[Accumulator],
    ) -> None:
        self._optimizer = optimizer
        self._updates = updates
        self._sums = sums

    def apply(self, gradients: list[Any], variables: list[Any]) -> None:
        """Take a step."""
        if self._optimizer.gradient_accumulation_steps:
            self._accumulate(gradients, variables)
        else:
            self._update(gradients, variables)
        if self._optimizer.use_ema and self._optimizer.ema_overwrite_frequency:
            self._overwrite_in_turn()
        for gradient, variable in zip(gradients, variables, strict=True):
            self._update_of(variable).constrain(gradient)

    def overwrite(self, variables: Sequence[Any], now: Any = None) -> None:
        """Give variables their moving averages, if they have any.

        Args:
            variables: Keras variables.
            now: The step up to which, itself excluded, the averages are moved first.
        """
        now = tf.convert_to_tensor(self._optimizer._iterations if now is None else now)
        for variable in variables:
            self._optimizer._distribution_strategy.extended.update(
                variable.value, self._update_of(variable).overwrite, args=(now,)
            )

    def _accumulate(self, gradients: list[Any], variables: list[Any]) -> None:
        """Sum gradients, and update by their mean when it is time."""
        steps = self._optimizer.gradient_accumulation_steps
        sums = [self._sums[self._index(variable)] for variable in variables]
        pairs = list(zip(sums, gradients, strict=True))

        def update(like_this: bool = False) -> None:
            self._update([s.take(g, like_this) for s, g in pairs], variables)

        def update_in_xla() -> None:
            wider = tf.reduce_any(tf.stack([s.has_wider(g) for s, g in pairs]))
            keras.ops.cond(wider, update, lambda: update(like_this=True))

        keras.ops.cond(
            (self._optimizer._iterations + 1) % steps == 0,
            update_in_xla if compiled_by_xla() else update,
            lambda: _add(pairs),
        )

    def _update(self, gradients: list[Any], variables: list[Any]) -> None:
        optimizer = self._optimizer
        gradients = clip(optimizer, gradients, variables)
        pairs = zip(gradients, variables, strict=True)
        plain = [v for g, v in pairs if self._update_of(v).is_plain(g)]
        optimizer._apply_weight_decay(plain)
        # By Keras's own method: it sums over replicas, and Nadam's counts the steps.
        double = stand_in(optimizer, update_step=self._update_one)
        double._backend_update_step(gradients, variables, optimizer.learning_rate)

    def _update_one(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        self._update_of(variable).step(gradient, variable, learning_rate)

    def _overwrite_in_turn(self) -> None:
        optimizer = self._optimizer
        variables = optimizer._trainable_variables
        keras.ops.cond(
            (optimizer.iterations + 1) % optimizer.ema_overwrite_frequency == 0,
            lambda: self.overwrite(variables, optimizer._iterations + 1),
            lambda: None,
        )

    def _update_of(self, variable: Any) -> Update:
        return self._updates[self._index(variable)]

    def _index(self, variable: Any) -> int:
        return self._optimizer._get_variable_index(variable)


def _add(pairs: list[tuple[Accumulator, Any]]) -> None:
    for total, gradient in pairs:
        total.add(gradient)


def clip(optimizer: Any, gradients: list[Any], variables: Sequence[Any]) -> list[Any]:
    """The gradients, clipped as the optimizer clips dense ones."""
    if not (optimizer.clipnorm or optimizer.clipvalue or optimizer.global_clipnorm):
        return gradients
    sparse = [isinstance(g, tf.IndexedSlices) for g in gradients]
    sums = [
        sum_once(g, v.shape[0]) if s else g
        for g, s, v in zip(gradients, sparse, variables, strict=True)
    ]
    values = [g.values if s else g for g, s in zip(sums, sparse, strict=True)]
    clipped = optimizer._clip_gradients(values)
    return [
        tf.IndexedSlices(v, g.indices, g.dense_shape) if s else v
        for v, g, s in zip(clipped, sums, sparse, strict=True)
    ]
