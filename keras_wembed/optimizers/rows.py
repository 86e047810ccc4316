"""The rows of a variable that a gradient names, read and written alone."""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from keras_wembed.xla import compiled_by_xla, first_places


def unique_rows(slices: tf.IndexedSlices, n: int) -> tuple[tf.Tensor, tf.Tensor]:
    """The ids that slices name and the sum of the values that each one got.

    Under XLA the shapes must be static, so there an id that is named twice comes
    twice, each time with the whole sum: writes to it then agree.

    Args:
        slices: A sparse gradient, which may name a row several times.
        n: The number of rows that there are.

    Shapes:
        returns: `(rows,)` and `(rows, ...)`.
    """
    if compiled_by_xla():
        first, sums = _sums_at_first(slices, n)
        return slices.indices, tf.gather(sums, first)
    ids, position = tf.unique(slices.indices)
    return ids, tf.cond(
        tf.size(ids) == tf.size(slices.indices),
        lambda: slices.values,
        lambda: tf.math.unsorted_segment_sum(slices.values, position, tf.size(ids)),
    )


def sum_once(slices: tf.IndexedSlices, n: int) -> tf.IndexedSlices:
    """The slices with each row's sum in one place, and zeros at its repeats.

    Only in this form are a norm of the values and a bound on them those of the dense
    gradient.

    Args:
        slices: A sparse gradient, which may name a row several times.
        n: The number of rows that there are.
    """
    if compiled_by_xla():
        ids, (_, sums) = slices.indices, _sums_at_first(slices, n)
    else:
        ids, sums = unique_rows(slices, n)
    return tf.IndexedSlices(sums, ids, slices.dense_shape)


def _sums_at_first(slices: tf.IndexedSlices, n: int) -> tuple[tf.Tensor, tf.Tensor]:
    """The first place of each place's row; each row's sum there, and zeros elsewhere.

    The number of sums is that of places: XLA wants shapes that no value decides.
    """
    first = first_places(slices.indices, n)
    return first, tf.math.unsorted_segment_sum(slices.values, first, tf.size(first))


def marked(marks: tf.Tensor, at_most: int | None = None) -> tf.Tensor:
    """The places where marks are True.

    Under XLA the shape must be static: there the last place is repeated.

    Args:
        marks: True at some places, and at one of them at least.
        at_most: How many are True at most; needed under XLA only, all by default.

    Shapes:
        marks: `(n,)`
        returns: `(rows,)`
    """
    if not compiled_by_xla():
        return tf.reshape(tf.where(marks), [-1])
    n = marks.shape[0]
    width = min(n, at_most or n)
    places = tf.where(marks, tf.range(n, dtype=tf.int64), -1)
    turn = tf.where(marks, tf.cumsum(tf.cast(marks, tf.int32)) - 1, -1)
    in_turn = tf.math.unsorted_segment_max(places, turn, width)  # lowest where none is
    return tf.where(in_turn < 0, tf.reduce_max(places), in_turn)


def _through(operator: str) -> Callable[..., tf.Tensor]:
    """An operator of the rows that is the operator of their values."""

    def apply(rows: "Rows", *others: Any) -> tf.Tensor:
        return getattr(rows.after, operator)(*others)

    return apply


class Rows:
    """Some rows of a variable, as a variable that a Keras optimizer can update.

    What is assigned stays here until `write`.

    Args:
        variable: The variable, an optimizer's or a model's.
        ids: The rows. All of them if None.
        known_as: The Keras variable whose name, path and key the rows go by.
    """

    def __init__(
        self, variable: Any, ids: tf.Tensor | None, known_as: Any = None
    ) -> None:
        in_keras = isinstance(variable, keras.Variable)
        self._variable = variable.value if in_keras else variable
        self.ids = ids
        if known_as is not None:
            self._unique_id = known_as.value._unique_id
            self.name, self.path = known_as.name, known_as.path
        self.dtype = tf.as_dtype(variable.dtype)
        # `tf.gather` of the variable itself: of its value it would copy the table.
        self.before = (
            tf.identity(self._variable)
            if ids is None
            else tf.gather(self._variable, ids)
        )
        self.after = self.before

    @property
    def value(self) -> "Rows":
        """Itself: as with a variable, what is read later is what is then assigned."""
        return self

    @property
    def shape(self) -> tf.TensorShape:
        """The shape of the rows."""
        return self.after.shape

    def assign(self, value: Any) -> None:
        """Take new values."""
        self.after = tf.cast(value, self.dtype)

    def assign_add(self, value: Any) -> None:
        """Add to the values."""
        self.assign(self.after + tf.cast(value, self.dtype))

    def assign_sub(self, value: Any) -> None:
        """Subtract from the values."""
        self.assign(self.after - tf.cast(value, self.dtype))

    def write(self) -> None:
        """Write the rows back, if they were assigned to."""
        if self.after is self.before:
            return
        if self.ids is None:
            self._variable.assign(self.after)
        else:
            self._variable.scatter_update(tf.IndexedSlices(self.after, self.ids))

    def __tf_tensor__(self, dtype: Any = None, name: Any = None) -> tf.Tensor:
        return tf.convert_to_tensor(self.after, dtype)

    __add__, __radd__ = _through("__add__"), _through("__radd__")
    __sub__, __rsub__ = _through("__sub__"), _through("__rsub__")
    __mul__, __rmul__ = _through("__mul__"), _through("__rmul__")
    __truediv__, __rtruediv__ = _through("__truediv__"), _through("__rtruediv__")
    __pow__, __neg__ = _through("__pow__"), _through("__neg__")
