"""What a variable must be brought to after a step, and which rows that reads."""

from typing import Any

import keras


class NeedsLazy(keras.constraints.Constraint):
    """Raises where an optimizer would lose a variable's multiplier.

    A Keras optimizer calls the constraint of each variable that it updates; that is
    the one thing it asks a variable. LazyOptimizer does not call this one.

    Args:
        layer: The layer's name.
        multiplier: Its multiplier.
        inner: The constraint that the variable has besides.
    """

    def __init__(self, layer: str, multiplier: float, inner: Any = None) -> None:
        self.layer = layer
        self.multiplier = multiplier
        self.inner = inner

    def __call__(self, w: Any) -> Any:
        raise ValueError(
            "A layer with a learning_rate_multiplier must be trained by a "
            f"LazyOptimizer. Got another optimizer; layer {self.layer!r} has the "
            f"multiplier {self.multiplier:g}. Compile with LazyOptimizer(optimizer)."
        )


def constraint_of(variable: Any) -> Any:
    """A variable's own constraint; None if it has none."""
    constraint = variable.constraint
    return constraint.inner if isinstance(constraint, NeedsLazy) else constraint


def is_row_wise(constraint: Any) -> bool:
    """Whether a constraint holds for a table when it holds for each of its rows."""
    if isinstance(constraint, keras.constraints.NonNeg):
        return True
    axes = getattr(constraint, "axis", 0)
    return 0 not in (axes if isinstance(axes, list | tuple) else [axes])
