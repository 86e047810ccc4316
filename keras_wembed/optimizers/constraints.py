"""What a variable must be brought to after a step, and which rows that reads."""

from typing import Any

import keras

from keras_wembed.learning_rate import NeedsLazy


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
