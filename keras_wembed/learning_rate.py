"""How fast the rows of a layer learn, as its arguments say it."""

import math
from collections.abc import Mapping
from numbers import Real
from typing import Any

import keras

GROUPS = ("pretrained", "new")


def by_group(multiplier: Any) -> tuple[float, float]:
    """The multiplier of the pretrained rows, and that of the new ones.

    Args:
        multiplier: A number for both, or a dict with one for each.

    Raises:
        ValueError: If the dict has other keys, or a multiplier is no finite number.
    """
    name = "learning_rate_multiplier"
    if not isinstance(multiplier, Mapping):
        multiplier = dict.fromkeys(GROUPS, multiplier)
    if set(multiplier) != set(GROUPS):
        raise ValueError(
            f'{name} must be a number, or a dict with the keys "pretrained" and "new". '
            f"Got the keys {', '.join(map(repr, multiplier)) or 'of an empty dict'}."
        )
    old, new = (finite(name, multiplier[group]) for group in GROUPS)
    return old, new


def finite(argument: str, number: Any) -> float:
    """A multiplier as a float; None is 0, as in Wolfram's `LearningRateMultipliers`.

    Raises:
        ValueError: If it is no finite number.
    """
    number = 0 if number is None else number
    is_number = isinstance(number, Real) and not isinstance(number, bool)
    if not is_number or not math.isfinite(number):
        raise ValueError(f"{argument} must be a finite number. Got {number!r}.")
    return float(number)


def of_variable(variable: Any) -> float:
    """The multiplier that a variable asks for."""
    return float(getattr(variable, "learning_rate_multiplier", 1.0))


def ask(variable: Any, multiplier: float, layer: str) -> None:
    """Let a variable ask for a multiplier; an optimizer that is deaf to it raises."""
    variable.learning_rate_multiplier = multiplier
    if multiplier not in (0, 1):  # also where frozen: it may learn later
        variable.constraint = NeedsLazy(layer, multiplier, variable.constraint)


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
