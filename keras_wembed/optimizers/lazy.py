"""`LazyOptimizer`: any Keras optimizer, at the cost of the batch's rows alone."""

from collections.abc import Iterable, Sequence
from typing import Any

import keras

from keras_wembed.optimizers.accumulation import Accumulator
from keras_wembed.optimizers.averages import Average
from keras_wembed.optimizers.multipliers import (
    Rule,
    Rules,
    check_used,
    multiplier_of,
    read_rules,
    write_rules,
)
from keras_wembed.optimizers.steps import Steps
from keras_wembed.optimizers.updates import Update

REFUSED = {
    keras.optimizers.Adafactor: "It keeps one number for each column of a table.",
    keras.optimizers.Lamb: "It scales a step by the norm of the whole table.",
    keras.optimizers.LossScaleOptimizer: "Wrap the LazyOptimizer in it instead.",
    keras.optimizers.MultiOptimizer: "Wrap the optimizers in it instead.",
}


@keras.saving.register_keras_serializable(package="keras_wembed")
class LazyOptimizer(keras.optimizers.Optimizer):
    """Any Keras optimizer, updating only the rows that a batch touched.

    A step costs what the batch's rows cost, whatever the size of the table: rows that
    the gradient does not name are neither read nor written, nor is what the optimizer
    keeps for them. Variables with dense gradients are updated as without it.

    Lazy semantics: while a row rests, so does its momentum, its average of squares
    and its weight decay; the row is not moved by what earlier batches left, as the
    plain optimizer would move it. Where every batch touches all rows the two are
    equal. The moving average of `use_ema=True` is exact all the same: what it missed
    is made up for. An id that comes several times in a batch counts once, with the
    sum of its gradients, as the dense gradient has it. Source: `LazyAdam`,
    https://www.tensorflow.org/addons/api_docs/python/tfa/optimizers/LazyAdam, and
    `SparseAdam`, https://docs.pytorch.org/docs/stable/generated/torch.optim.SparseAdam.html.

    Each row must be updated by itself. So Adafactor and Lamb, whose steps depend on
    the whole table, are refused, and Muon works where it uses AdamW, as it does by
    default for a variable with "embedding" in its path. A constraint applies to the
    rows of the batch where it is one on rows (`axis=1`), else to the whole table.

    Under `mixed_float16` Keras wraps this optimizer in its LossScaleOptimizer, whose
    test for infinities makes one boolean per number of the table.

    Args:
        optimizer: A Keras optimizer, or its name.
        learning_rate_multipliers: What the learning rate is multiplied by, as a dict
            or pairs; of the rules for a row the first one holds, and without one the
            layer's own multiplier. A key is the name of a layer, with the wildcards
            `*`, `?`, `[...]`; or a layer or model, for all that is inside; or a tuple
            of either with a first and a last id, both included. 0 or None
            leaves the rows as they are, a negative number turns the step round.
            The step is multiplied, not the gradient, so it holds for every optimizer.
        name: The name of this optimizer.

    Raises:
        ValueError: If the optimizer does not update each row by itself, or a
            rule is wrong; when the optimizer is built, if a rule matches no variable.
        TypeError: If a rule's key is none of these.

    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, name="out")])
    >>> model.compile(LazyOptimizer("adam", learning_rate_multipliers={"out": 0.1}))
    """

    def __init__(
        self,
        optimizer: Any = "adam",
        *,
        learning_rate_multipliers: Rules | Iterable[Rule] | None = None,
        name: str | None = None,
    ) -> None:
        inner = keras.optimizers.get(optimizer)
        _check_row_by_row(inner)
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = inner
        self._rules = read_rules(learning_rate_multipliers)
        # Keras divides gradients in a way that fails on slices, so we do it here.
        self.loss_scale_factor = inner.loss_scale_factor
        inner.loss_scale_factor = None

    def build(self, variables: Sequence[Any]) -> None:
        """Create what the optimizer keeps beside the model's variables."""
        if self.built:
            return
        variables, inner = list(variables), self.inner_optimizer
        check_used(self._rules, variables)
        inner.build(variables)
        super().build(variables)
        self._steps = Steps(
            inner,
            [self._update(variable, place) for place, variable in enumerate(variables)],
            self._sums(variables) if inner.gradient_accumulation_steps else [],
        )

    def apply(
        self, grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None
    ) -> None:
        """Update variables by their gradients; of a sparse one, the rows it names."""
        variables = list(trainable_variables or self._trainable_variables)
        inner = self.inner_optimizer
        with keras.name_scope(inner.name):
            self.build(variables)
            self._check_variables_are_known(variables)
            grads, variables = inner._filter_empty_gradients(grads, variables)
            grads, variables = inner._overwrite_variables_directly_with_gradients(
                grads, variables
            )
            self._steps.apply([self._unscaled(g) for g in grads], variables)
        inner._iterations.assign_add(1)

    def finalize_variable_values(self, var_list: Sequence[Any]) -> None:
        """Give variables their moving averages, if the optimizer keeps them."""
        if self.inner_optimizer.use_ema:
            self._steps.overwrite(var_list)

    @property
    def variables(self) -> list[Any]:
        """The variables of this optimizer and of the one in it."""
        return self._variables + self.inner_optimizer.variables

    @property
    def learning_rate(self) -> Any:
        """The learning rate of the optimizer in it; can be set."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self.inner_optimizer.learning_rate = learning_rate

    @property
    def iterations(self) -> Any:
        """How many steps the optimizer in it has taken."""
        return self.inner_optimizer.iterations

    def get_config(self) -> dict[str, Any]:
        """What `from_config` needs to make the same optimizer, without its state."""
        inner = keras.saving.serialize_keras_object(self.inner_optimizer)
        inner["config"]["loss_scale_factor"] = self.loss_scale_factor
        return {
            "optimizer": inner,
            "learning_rate_multipliers": write_rules(self._rules),
            "name": self.name,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Any = None
    ) -> "LazyOptimizer":
        """The optimizer that `get_config` described."""
        optimizer = keras.saving.deserialize_keras_object(
            config["optimizer"], custom_objects=custom_objects
        )
        rules = [
            Rule(**rule | {"patterns": tuple(rule["patterns"])})
            for rule in config["learning_rate_multipliers"]
        ]
        return cls(optimizer, learning_rate_multipliers=rules, name=config["name"])

    def _update(self, variable: Any, place: int) -> Update:
        inner, average = self.inner_optimizer, None
        if inner.use_ema:
            mean = inner._model_variables_moving_average[place]
            last = self._per_row(variable, "last_step", "int64")
            average = Average(mean, last, inner)
        multiplier = multiplier_of(variable, self._rules)
        return Update(inner, variable, multiplier, average)

    def _sums(self, variables: list[Any]) -> list[Accumulator]:
        inner = self.inner_optimizer
        pending = [self._per_row(v, "pending", "int8") for v in variables]
        pairs = zip(inner._accumulated_gradients, pending, strict=True)
        return [Accumulator(total, marks, inner) for total, marks in pairs]

    def _unscaled(self, gradient: Any) -> Any:
        scale = self.loss_scale_factor
        return gradient if scale is None else keras.ops.divide(gradient, scale)

    def _per_row(self, variable: Any, name: str, dtype: str) -> keras.Variable:
        """A variable with one number for each row of another."""
        with self._distribution_strategy.extended.colocate_vars_with(variable.value):
            name = f"{variable.path.replace('/', '_')}_{name}"
            return self.add_variable(variable.shape[:1], dtype=dtype, name=name)


def _check_row_by_row(optimizer: Any) -> None:
    if isinstance(optimizer, LazyOptimizer):
        raise ValueError(
            "The optimizer in a LazyOptimizer must be a Keras one. Got LazyOptimizer. "
            "Use it as it is."
        )
    for refused, reason in REFUSED.items():
        if isinstance(optimizer, refused):
            raise ValueError(
                "The optimizer in a LazyOptimizer must update each row by itself. "
                f"Got {refused.__name__}. {reason}"
            )
