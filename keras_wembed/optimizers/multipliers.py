"""Which learning rate each variable, and each row of it, gets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from numbers import Integral
from typing import Any

import keras
import tensorflow as tf

from keras_wembed.learning_rate import finite, of_variable

FIRST_ID = 1  # 0 is padding and has no row.

# Where a rule holds, and what it multiplies the learning rate by.
Rules = Mapping[Any, float | None] | Iterable[tuple[Any, float | None]]


@dataclass(frozen=True)
class Rule:
    """A multiplier of the learning rate, and where it holds.

    Args:
        patterns: Names of layers or paths of variables, with a shell's wildcards.
        multiplier: What the learning rate is multiplied by.
        first: The first id that it holds for; None if it holds for all rows.
        last: The last one.
    """

    patterns: tuple[str, ...]
    multiplier: float
    first: int | None = None
    last: int | None = None

    def matches(self, path: str) -> bool:
        """Whether a pattern names the variable, or something that it is inside."""
        return any(fnmatchcase(f"/{path}/", f"*/{p}/*") for p in self.patterns)


@dataclass(frozen=True, eq=False)
class Multiplier:
    """The multipliers of one variable: rules for some ids first, then the rest.

    Args:
        rules: What holds for some ids; the first rule that names an id wins.
        rest: The multiplier of all other rows.
        layer_rows: Where the variable's rows stand in its layer, if it holds some only.
    """

    rules: tuple[Rule, ...] = ()
    rest: float = 1.0
    layer_rows: Any = None

    @property
    def is_zero(self) -> bool:
        """Whether the variable stays as it is."""
        return not self.rules and self.rest == 0

    @property
    def is_one(self) -> bool:
        """Whether the optimizer's step is taken as it is."""
        return not self.rules and self.rest == 1

    def step(self, before: Any, after: Any, rows: Any) -> tf.Tensor:
        """The rows after the multiplied step; where it is 0, bit for bit as before.

        Args:
            before: The rows as they were.
            after: The rows as the optimizer would have them.
            rows: Their places in the variable; None if they are all of it.
        """
        if self.is_one:
            return after
        factor = self._factor(before, rows)
        return tf.where(factor == 0, before, before + factor * (after - before))

    def _factor(self, before: tf.Tensor, rows: Any) -> tf.Tensor:
        factor = tf.constant(self.rest, before.dtype)
        if not self.rules:
            return factor
        rows = tf.range(tf.shape(before)[0]) if rows is None else rows
        if self.layer_rows is not None:
            rows = tf.gather(self.layer_rows, rows)
        ids = tf.reshape(rows + FIRST_ID, [-1] + [1] * (len(before.shape) - 1))
        for rule in reversed(self.rules):
            inside = (ids >= rule.first) & (ids <= rule.last)
            factor = tf.where(inside, tf.cast(rule.multiplier, before.dtype), factor)
        return factor


def read_rules(rules: "Rules | Iterable[Rule] | None") -> tuple[Rule, ...]:
    """The rules, checked.

    Args:
        rules: Pairs of where and how much, in the order in which they are tried.

    Raises:
        TypeError: If a place is no name, layer, or one of them with two ids.
        ValueError: If ids are no range, a layer has no variables yet, or a multiplier
            is no finite number.
    """
    pairs = rules.items() if isinstance(rules, Mapping) else rules or ()
    if not isinstance(pairs, Iterable) or isinstance(pairs, str):
        raise TypeError(
            "learning_rate_multipliers must be a dict or pairs of where and how much. "
            f'Got {rules!r}. For all layers alike: {{"*": {rules!r}}}.'
        )
    return tuple(r if isinstance(r, Rule) else _read(*r) for r in pairs)


def write_rules(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """The rules as JSON can hold them."""
    return [asdict(rule) | {"patterns": list(rule.patterns)} for rule in rules]


def multiplier_of(variable: Any, rules: Sequence[Rule]) -> Multiplier:
    """What the rules, and then the variable's own multiplier, say of a variable.

    Args:
        variable: A Keras variable. Its `learning_rate_multiplier` holds where no rule
            does; its `layer_rows`, if any, are the rows of its layer that it holds.
        rules: The rules, in the order in which they are tried.
    """
    rest = of_variable(variable)
    rows = []
    for rule in rules:
        if not rule.matches(variable.path):
            continue
        if rule.first is None:
            rest = rule.multiplier
            break
        rows.append(rule)
    return Multiplier(tuple(rows), rest, getattr(variable, "layer_rows", None))


def check_used(rules: Sequence[Rule], variables: Sequence[Any]) -> None:
    """Checks that each rule names a variable: a misspelt one must not be lost.

    Raises:
        ValueError: If one does not.
    """
    paths = [variable.path for variable in variables]
    for rule in rules:
        if not any(rule.matches(path) for path in paths):
            raise ValueError(
                "Each rule of learning_rate_multipliers must match a trainable "
                f"variable. Got {' '.join(rule.patterns)!r}; the variables are "
                f"{', '.join(map(repr, paths))}."
            )


def _read(where: Any, multiplier: Any) -> Rule:
    place, *ids = where if isinstance(where, tuple) else (where,)
    if not isinstance(place, str | keras.layers.Layer) or len(ids) not in (0, 2):
        raise TypeError(
            "A rule of learning_rate_multipliers must name a layer, or be a tuple "
            f"(layer, first id, last id). Got {where!r}."
        )
    if any(isinstance(id, bool) or not isinstance(id, Integral) for id in ids):
        raise TypeError(f"The ids of a rule must be integers. Got {where!r}.")
    if ids and not 1 <= ids[0] <= ids[1]:
        raise ValueError(
            "The ids of a rule must be 1 <= first <= last. "
            f"Got first {ids[0]}, last {ids[1]}."
        )
    number = finite("A multiplier of learning_rate_multipliers", multiplier)
    return Rule(_patterns(place), number, *ids)


def _patterns(place: Any) -> tuple[str, ...]:
    if isinstance(place, str):
        return (place,)
    if not place.variables:
        raise ValueError(
            "A layer in learning_rate_multipliers must have variables. "
            f"{place.name!r} has none yet. Build it first, or give its name."
        )
    return tuple(variable.path for variable in place.variables)
