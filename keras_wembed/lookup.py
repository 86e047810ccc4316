"""Rows of a table by id: checked, zeros for padding, one gradient for each row."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from keras_wembed.xla import compiled_by_xla, first_places

ShardedVariable = tf.__internal__.distribute.ShardedVariable


def gather_rows(table: Any, rows: tf.Tensor) -> tf.Tensor:
    """Rows of a variable, none of which gets its gradient in two pieces.

    Args:
        table: A TensorFlow variable, whole or in shards on parameter servers.
        rows: All different, unless XLA compiles.

    Shapes:
        table: `(n, size)`
        rows: `(rows,)`
        returns: `(rows, size)`
    """
    # `tf.gather` of shards gives the rows of the first one first: in a wrong order.
    read = tf.nn.embedding_lookup if isinstance(table, ShardedVariable) else tf.gather
    vectors = read(table, rows)
    if not compiled_by_xla():
        return vectors
    return _sum_gradient_by_row(vectors, first_places(rows, table.shape[0]))


def lookup(
    table: Any,
    ids: tf.Tensor,
    *,
    n: int,
    gather: Callable[[Any, tf.Tensor], tf.Tensor] = gather_rows,
) -> tf.Tensor:
    """The rows of `ids`: zeros for padding, NaN for an id that is neither.

    The table is read by `ResourceGather`, never as a whole. Its gradient is
    `IndexedSlices` in which the sum of all that a row gets stands once, if need be
    beside zeros: optimizers that square gradients need it so.

    Args:
        table: A TensorFlow variable with a row for each id.
        ids: 0 for padding, or 1 to `n`.
        n: The number of rows.
        gather: What reads rows from the table.

    Shapes:
        table: `(n, size)`
        ids: any shape
        returns: `ids.shape + (size,)`
    """
    flat = tf.reshape(ids, [-1])
    known = (flat >= 1) & (flat <= n)
    # Other ids go to a row that is read anyway: no further one has a gradient, even
    # a zero one, which would move it under an optimizer with momentum.
    stand_in = tf.reduce_max(tf.where(known, flat, 1))
    rows = tf.where(known, flat, stand_in) - 1
    place = tf.range(tf.size(rows))
    if not compiled_by_xla():
        rows, place = tf.unique(rows)
    vectors = _spread(gather(table, rows), place, known, flat == 0)  # (ids, size)
    return tf.reshape(vectors, tf.concat([tf.shape(ids), [vectors.shape[-1]]], 0))


@tf.custom_gradient
def _spread(
    vectors: tf.Tensor, place: tf.Tensor, known: tf.Tensor, padding: tf.Tensor
) -> Any:
    """The vectors of places; zeros for padding, NaN for what is not known either.

    By hand, because the gradient of a selection costs more than the rest of a step.
    """
    count, size = tf.unstack(tf.shape(vectors))
    others = tf.constant([[0.0], [float("nan")]], vectors.dtype)
    rows = tf.concat([vectors, tf.tile(others, [1, size])], 0)
    other = tf.where(padding, count, count + 1)

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None, None, None]:
        own = tf.where(known, place, -1)  # A negative segment is left out.
        sums = tf.math.unsorted_segment_sum(upstream, own, count)
        return sums, None, None, None

    return tf.gather(rows, tf.where(known, place, other)), gradient


@tf.custom_gradient
def _sum_gradient_by_row(vectors: tf.Tensor, first: tf.Tensor) -> Any:
    """`vectors` as they are; of their gradient, each row's sum where it comes first.

    All shapes are static: XLA gets sizes that depend on values wrong in a scatter.

    Args:
        vectors: One for each place.
        first: For each place the first one that names the same row.
    """

    def gradient(upstream: tf.Tensor) -> tuple[tf.Tensor, None]:
        return tf.math.unsorted_segment_sum(upstream, first, tf.size(first)), None

    return tf.identity(vectors), gradient


def check_ids(ids: tf.Tensor | tf.RaggedTensor, *, n: int, hint: str = "") -> Any:
    """`ids`, once each of them is known to be 0 or one of 1..n.

    Args:
        ids: Dense or ragged.
        n: The number of rows.
        hint: What else to say in the error.

    Raises:
        ValueError: When run eagerly.
        tf.errors.InvalidArgumentError: When run in a graph on CPU. Compiled by XLA
            nothing is checked.
    """
    flat = ids.flat_values if isinstance(ids, tf.RaggedTensor) else ids
    bad = (flat < 0) | (flat > n)
    rule = f"ids must be in 1..{n}, or 0 for padding."
    return checked(ids, bad, rule, hint)


def checked(
    values: Any,
    bad: tf.Tensor,
    rule: str,
    hint: str = "",
    ids: Any = None,
) -> Any:
    """`ids`, by default `values`, once none is bad; or an error that names the first.

    Args:
        values: What to name in the error, dense or ragged.
        bad: True where a (flat) value breaks the rule.
        rule: A sentence that says what must hold.
        hint: A sentence that says what to do.
        ids: What to return.
    """
    ids = values if ids is None else ids
    if tf.executing_eagerly():
        if tf.reduce_any(bad):
            raise ValueError(_complaint(values, bad, rule, hint))
        return ids
    if compiled_by_xla():
        # It runs no check, but would compile anew for each batch: the error names a
        # place, and XLA wants to know places when it compiles.
        return ids
    check = tf.cond(tf.reduce_any(bad), _failure(values, bad, rule, hint), _no_failure)
    with tf.control_dependencies([check]):
        return tf.nest.map_structure(tf.identity, ids, expand_composites=True)


def _complaint(values: Any, bad: tf.Tensor, rule: str, hint: str) -> str:
    dense, where = (tensor.numpy() for tensor in _dense(values, bad))
    position = tuple(np.argwhere(where)[0].tolist())
    value = np.asarray(dense)[position]
    got = repr(value.decode(errors="replace")) if isinstance(value, bytes) else value
    at = f" at position {position}" if position else ""
    return f"{rule} Got {got}{at}.{hint and ' ' + hint}"


def _failure(
    values: Any, bad: tf.Tensor, rule: str, hint: str
) -> Callable[[], tf.Tensor]:
    def fail() -> tf.Tensor:
        dense, where = _dense(values, bad)
        place = tf.argmax(tf.reshape(where, [-1]))
        shape = tf.shape(dense, out_type=tf.int64)
        position = place // tf.math.cumprod(shape, exclusive=True, reverse=True) % shape
        value = tf.reshape(dense, [-1])[place]
        if value.dtype == tf.string:  # An error must be UTF-8 itself.
            value = tf.strings.unicode_transcode(value, "UTF-8", "UTF-8")
        data = [f"{rule} Got", value, "at position", position, *filter(None, [hint])]
        with tf.control_dependencies([tf.debugging.Assert(False, data)]):
            return tf.constant(False)

    return fail


def _no_failure() -> tf.Tensor:
    return tf.constant(True)


def _dense(values: Any, bad: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Both without raggedness, so that a position is the one that the caller sees."""
    if isinstance(values, tf.RaggedTensor):
        return values.to_tensor(), values.with_flat_values(bad).to_tensor()
    return values, bad
