"""A Keras optimizer's own step, taken for some rows of a variable."""

from typing import Any

import keras
import tensorflow as tf
from keras.src.optimizers.base_optimizer import BaseOptimizer

from keras_wembed.optimizers.averages import Average
from keras_wembed.optimizers.constraints import constraint_of, is_row_wise
from keras_wembed.optimizers.multipliers import Multiplier
from keras_wembed.optimizers.rows import Rows, unique_rows

# Lists of one variable for each of the model's that no `update_step` reads.
NO_SLOTS = (
    "_variables",
    "_trainable_variables",
    "_accumulated_gradients",
    "_model_variables_moving_average",
)


class Update:
    """How one variable of a model is updated.

    Args:
        optimizer: The Keras optimizer, built.
        variable: The model's variable.
        multiplier: What the optimizer's step is multiplied by.
        average: The variable's moving average, if it has one.
    """

    def __init__(
        self,
        optimizer: Any,
        variable: Any,
        multiplier: Multiplier,
        average: Average | None,
    ) -> None:
        self._optimizer = optimizer
        self._variable = variable
        self._index = optimizer._get_variable_index(variable)
        self._multiplier = multiplier
        self._average = average
        self._constraint = constraint_of(variable)

    def is_plain(self, gradient: Any) -> bool:
        """Whether Keras's own update does all that is asked."""
        dense = not isinstance(gradient, tf.IndexedSlices)
        return dense and self._multiplier.is_one and self._average is None

    def step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        """Update the rows that a gradient names, or all if it is dense.

        Args:
            gradient: The gradient, summed over replicas.
            variable: The TensorFlow variable, on this replica.
            learning_rate: The optimizer's learning rate.
        """
        if self.is_plain(gradient):
            self._optimizer.update_step(gradient, variable, learning_rate)
        elif self._multiplier.is_zero:
            return
        elif isinstance(gradient, tf.IndexedSlices):
            _check_not_muon(self._optimizer, self._variable)
            ids, values = unique_rows(gradient, self._variable.shape[0])
            self._step(values, Rows(variable, ids, self._variable), learning_rate)
        else:
            self._step(gradient, Rows(variable, None, self._variable), learning_rate)

    def constrain(self, gradient: Any) -> None:
        """Apply a constraint that looks beyond the rows which were updated."""
        by_rows = not self.is_plain(gradient) and is_row_wise(self._constraint)
        if self._constraint is not None and not by_rows:
            self._variable.assign(self._constraint(self._variable))

    def overwrite(self, variable: Any, now: Any) -> None:
        """Give the variable its moving average, as it is before the step `now`."""
        if self._average is not None:
            by_rows = is_row_wise(self._constraint)
            self._average.overwrite(
                variable, now, self._constraint if by_rows else None
            )

    def _step(self, gradient: tf.Tensor, row: Rows, learning_rate: Any) -> None:
        slots = self._slots(row.ids)
        double = stand_in(self._optimizer, **slots)
        _decay(double, row)
        double.update_step(gradient, row, learning_rate)
        row.after = self._multiplier.step(row.before, row.after, row.ids)
        if self._average is not None:
            self._average.move(row, row.ids)
        if self._constraint is not None and is_row_wise(self._constraint):
            row.assign(self._constraint(row.after))
        for rows in [row, *(slot[self._index] for slot in slots.values())]:
            rows.write()

    def _slots(self, ids: tf.Tensor | None) -> dict[str, dict[int, Rows]]:
        """Rows of what the optimizer keeps beside the variable, by its attribute."""
        slots = {}
        for name, kept in vars(self._optimizer).items():
            if not self._is_slot(name, kept) or kept[self._index] is None:
                continue
            self._check_shape(name, kept[self._index])
            slots[name] = {self._index: Rows(kept[self._index], ids)}
        return slots

    def _is_slot(self, name: str, kept: Any) -> bool:
        """Whether an attribute holds a variable for each variable of the model."""
        return (
            name not in NO_SLOTS
            and isinstance(kept, list)
            and len(kept) == len(self._optimizer._trainable_variables)
            and all(v is None or isinstance(v, keras.Variable) for v in kept)
        )

    def _check_shape(self, name: str, slot: Any) -> None:
        if slot.shape != self._variable.shape:
            raise ValueError(
                "The optimizer in a LazyOptimizer must update each row by itself. "
                f"{type(self._optimizer).__name__} keeps {name} of shape "
                f"{tuple(slot.shape)} for a variable of shape "
                f"{tuple(self._variable.shape)}."
            )


def stand_in(optimizer: Any, **changes: Any) -> Any:
    """An optimizer that shares everything with another but for the changes."""
    double = object.__new__(type(optimizer))
    double.__dict__.update(vars(optimizer) | changes)
    return double


def _check_not_muon(optimizer: Any, variable: Any) -> None:
    """Checks that Muon leaves a variable to AdamW: its own step is no row's."""
    is_muon = isinstance(optimizer, keras.optimizers.Muon)
    if is_muon and not optimizer._should_use_adamw(variable):
        raise ValueError(
            "The optimizer in a LazyOptimizer must update each row by itself. Got Muon "
            f"for {variable.path!r}. Let it use AdamW there: exclude_layers=["
            f"{variable.path!r}]."
        )


def _decay(optimizer: Any, row: Rows) -> None:
    """Decay the weights of some rows as the optimizer does."""
    # TensorFlow's form updates only its own variables; Muon has a form of its own.
    own = type(optimizer)._apply_weight_decay
    if own is keras.optimizers.Optimizer._apply_weight_decay:
        own = BaseOptimizer._apply_weight_decay
    own(optimizer, [row])
