"""The rows of a layer: in one variable, or the pretrained and the new ones in two."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import tensorflow as tf

from keras_wembed import learning_rate
from keras_wembed.lookup import gather_rows
from keras_wembed.rows import Rows
from keras_wembed.xla import compiled_by_xla


@dataclass(frozen=True)
class NewRows:
    """Which rows of a layer are new: not from word vectors.

    Args:
        runs: The first row of each run of new rows, and the one after its last.
    """

    runs: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, is_new: np.ndarray) -> Self:
        """From a boolean for each row."""
        edges = np.flatnonzero(np.diff(is_new.astype(np.int8), prepend=0, append=0))
        runs = edges.reshape(-1, 2).tolist()
        return cls(tuple((start, stop) for start, stop in runs))

    def mask(self, n: int) -> np.ndarray:
        """A boolean for each of n rows."""
        mask = np.zeros(n, bool)
        for start, stop in self.runs:
            mask[start:stop] = True
        return mask

    def places(self, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Whether rows are new, and their places among the rows of their kind."""
        starts, lengths, before = self._runs_from_zero
        run = tf.searchsorted(starts, rows, side="right") - 1
        within = rows - tf.gather(starts, run)
        is_new = within < tf.gather(lengths, run)
        new_before = tf.gather(before, run)
        old_place = rows - new_before - tf.gather(lengths, run)
        return is_new, tf.where(is_new, new_before + within, old_place)

    @cached_property
    def _runs_from_zero(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Starts and lengths of runs, an empty one first, and what is new before."""
        runs = np.array([(0, 0), *self.runs], np.int64)
        lengths = runs[:, 1] - runs[:, 0]
        return runs[:, 0], lengths, np.cumsum(lengths) - lengths


@dataclass(frozen=True)
class Start:
    """Rows to start from.

    Args:
        rows: All of them.
        new: Which of them are new.
    """

    rows: Rows
    new: NewRows = NewRows()


class Blocks:
    """The variables that hold a layer's rows.

    Args:
        shape: `(n, size)`.
        new: Which rows are new.
        multipliers: Those of the learning rate of pretrained and of new rows. Where
            they differ, each kind gets a variable of its own; 0 makes it untrainable.
        layer: The layer's name.
        add_weight: Makes a variable from its name, shape, initializer, and whether it
            is trainable.
        initializer: The first values, from a shape and a dtype; or all of them.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        *,
        new: NewRows,
        multipliers: tuple[float, float],
        layer: str,
        add_weight: Callable[..., Any],
        initializer: Any,
    ) -> None:
        n, size = shape
        is_new = new.mask(n)
        both = len(set(multipliers)) > 1 and 0 < is_new.sum() < n
        kinds = [(~is_new, multipliers[0]), (is_new, multipliers[1])]
        if not both:
            kinds = [(np.ones(n, bool), multipliers[bool(is_new.all())])]
        self._new = new
        self._n = n
        self.variables: list[Any] = []
        for (mine, multiplier), name in zip(
            kinds, ("embeddings", "new_embeddings"), strict=False
        ):
            given = isinstance(initializer, Rows)
            variable = add_weight(
                name=name,
                shape=(int(mine.sum()), size),
                initializer="zeros" if given else initializer,
                trainable=multiplier != 0,
            )
            if given:
                _fill(variable.value, initializer.picked(mine) if both else initializer)
            learning_rate.ask(variable, multiplier, layer)
            if both:
                variable.layer_rows = np.flatnonzero(mine)
            self.variables.append(variable)

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """The vectors of rows."""
        if len(self.variables) == 1:
            return gather_rows(self.variables[0].value, rows)
        is_new, places = self._new.places(rows)
        old, new = self.variables
        return _picked(old, places, ~is_new) + _picked(new, places, is_new)

    def all_rows(self) -> Any:
        """All rows in order: the variable, or a tensor made of the two."""
        if len(self.variables) == 1:
            return self.variables[0]
        old, new = self.variables
        is_new = self._new.mask(self._n)
        order = np.argsort(np.argsort(is_new, kind="stable"), kind="stable")
        return tf.gather(tf.concat([old.value, new.value], 0), order)

    def assign(self, matrix: Any) -> None:
        """Take the values of all rows."""
        if len(self.variables) == 1:
            self.variables[0].assign(matrix)
            return
        is_new = self._new.mask(self._n)
        for variable, mine in zip(self.variables, (~is_new, is_new), strict=True):
            variable.assign(np.asarray(matrix)[mine])


def _fill(table: Any, rows: Rows) -> None:
    """Writes the rows into a variable, in place: memory holds them once."""
    strategy = tf.distribute.get_strategy()
    for copy in strategy.experimental_local_results(table):
        for start, some in rows.chunks():
            # `copy[start:stop].assign` would copy the whole table each time.
            places = tf.range(start, start + len(some))
            some = tf.cast(some, copy.dtype)
            copy.scatter_update(tf.IndexedSlices(some, places))


def _picked(variable: Any, places: tf.Tensor, mine: tf.Tensor) -> tf.Tensor:
    """The rows of one block where they are its own, zeros elsewhere."""
    if compiled_by_xla():
        # Static shapes: other places go to a row that is read anyway.
        stand_in = tf.reduce_max(tf.where(mine, places, 0))
        vectors = gather_rows(variable.value, tf.where(mine, places, stand_in))
        return tf.where(mine[:, tf.newaxis], vectors, tf.zeros_like(vectors))
    at = tf.where(mine)  # (rows of this block, 1)
    vectors = gather_rows(variable.value, tf.gather_nd(places, at))
    shape = tf.concat([tf.shape(places), tf.shape(vectors)[1:]], 0)
    return tf.scatter_nd(at, vectors, tf.cast(shape, at.dtype))
