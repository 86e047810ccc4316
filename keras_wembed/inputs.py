"""What a caller may pass, as a tensor: numbers, strings, lists of uneven length."""

from itertools import chain
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_wembed.choices import check_utf8

_NUMBERS = (int, float, np.integer, np.floating)


def as_tensor(value: Any, *, empty: str = "int64") -> Any:
    """A tensor, ragged if need be, that holds just what `value` holds.

    Args:
        value: A tensor or variable of TensorFlow or Keras, which comes back as it is;
            a NumPy array; an int, str or bytes; or lists of these, nested to the same
            depth everywhere, of any lengths.
        empty: The dtype of lists that hold nothing.

    Raises:
        TypeError: If `value`, or something in it, is none of these.
        ValueError: If lists are nested to different depths.

    >>> as_tensor([[1, 2], [3]]).shape
    TensorShape([2, None])
    """
    if isinstance(value, keras.KerasTensor | tf.RaggedTensor | tf.Tensor):
        return value
    if isinstance(value, keras.Variable | tf.Variable):
        return tf.convert_to_tensor(value)
    if isinstance(value, np.ndarray | np.generic) and value.dtype != object:
        return _from_array(np.asarray(value), empty)
    if isinstance(value, np.ndarray | range):
        value = list(value) if isinstance(value, range) else value.tolist()
    if isinstance(value, list | tuple):
        return _from_list(value, empty)
    return _from_leaves([value], [], empty)[0]


def _from_array(array: np.ndarray, empty: str) -> tf.Tensor:
    if array.dtype.kind in "US":
        return _strings(array)
    if array.size == 0 and array.dtype.kind not in "iu":
        return _strings(array) if empty == "string" else tf.zeros(array.shape, empty)
    if array.dtype == np.uint64 and array.size and array.max() >= 2**63:
        raise ValueError(f"ids must fit into 64 bits. Got {array.max()}.")
    return tf.convert_to_tensor(array)


def _strings(array: np.ndarray) -> tf.Tensor:
    return tf.reshape(_texts(array.ravel().tolist()), array.shape)


def _texts(leaves: list[Any]) -> tf.Tensor:
    try:
        return tf.constant(leaves, tf.string)
    except ValueError:
        check_utf8("inputs", leaves)
        raise


def _from_list(value: Any, empty: str) -> Any:
    """The tensor of nested lists, from their leaves and the lengths at each depth."""
    lengths: list[list[int]] = []
    leaves = [value]
    while any(isinstance(item, list | tuple) or _is_array(item) for item in leaves):
        leaves = [_listed(item) for item in leaves]
        lengths.append([len(item) for item in leaves])
        leaves = list(chain.from_iterable(leaves))
    return _from_leaves(leaves, lengths[1:], empty)


def _listed(item: Any) -> Any:
    if isinstance(item, list | tuple):
        return item
    if _is_array(item):
        return np.asarray(item).tolist()
    raise ValueError(
        "nested lists must have the same depth everywhere. "
        f"Got {item!r} beside a list; wrap it in one too."
    )


def _is_array(item: Any) -> bool:
    """Whether something in a list is a list itself: an array or an eager tensor."""
    eager = isinstance(item, tf.Tensor) and hasattr(item, "numpy")
    return (isinstance(item, np.ndarray) or eager) and item.ndim > 0


def _from_leaves(leaves: list[Any], lengths: list[list[int]], empty: str) -> Any:
    values = _flat(leaves, empty)
    while lengths and len(set(lengths[-1])) == 1:  # even lists make a dense dimension
        values = tf.reshape(
            values, [len(lengths[-1]), lengths.pop()[0], *values.shape[1:]]
        )
    if lengths:
        return tf.RaggedTensor.from_nested_row_lengths(values, lengths, validate=False)
    return values


def _flat(leaves: list[Any], empty: str) -> tf.Tensor:
    """One dense tensor of all leaves."""
    if not leaves:
        return tf.zeros([0], empty) if empty != "string" else tf.constant([], tf.string)
    if isinstance(leaves[0], keras.KerasTensor):
        raise TypeError(
            "inputs must be one tensor. Got a list of symbolic ones; call the layer on "
            "each of them."
        )
    leaves = [leaf.numpy() if hasattr(leaf, "numpy") else leaf for leaf in leaves]
    leaves = [leaf[()] if isinstance(leaf, np.ndarray) else leaf for leaf in leaves]
    kinds = {str if isinstance(leaf, bytes) else type(leaf) for leaf in leaves}
    if kinds <= {str, np.str_, np.bytes_}:
        return _texts(leaves)
    if kinds <= {bool, np.bool_} or all(
        issubclass(kind, _NUMBERS) and kind is not bool for kind in kinds
    ):
        return tf.convert_to_tensor(_numbers(leaves))
    if all(isinstance(leaf, tf.Tensor) for leaf in leaves):
        return tf.stack(leaves)
    names = ", ".join(sorted(kind.__name__ for kind in kinds))
    raise TypeError(
        "inputs must be integers or strings, lists of either, arrays or tensors. "
        f"Got {names}."
    )


def _numbers(leaves: list[Any]) -> np.ndarray:
    array = np.array(leaves)
    if array.dtype == object:
        largest = max(leaves, key=abs)
        raise ValueError(f"ids must fit into 64 bits. Got {largest}.")
    return array


def shaped(ids: Any, output: str) -> Any:
    """Ids, dense or ragged, as `output` wants them.

    Args:
        ids: Padded with 0 where they are dense.
        output: `"auto"` leaves them as they are, `"padded"` makes them dense,
            `"ragged"` drops the padding.
    """
    if output == "padded" and isinstance(ids, tf.RaggedTensor):
        return ids.to_tensor()
    if output == "ragged" and isinstance(ids, tf.Tensor) and ids.shape.rank > 1:
        rank = ids.shape.rank - 1
        return tf.RaggedTensor.from_tensor(ids, padding=0, ragged_rank=rank)
    return ids


def at_least(length: int, ids: tf.Tensor) -> tf.Tensor:
    """Dense ids, padded to `length` where they are shorter."""
    behind = np.zeros([ids.shape.rank, 2], np.int32)
    behind[-1, 1] = length
    padded = tf.pad(ids, tf.maximum(behind - tf.expand_dims(tf.shape(ids), 1), 0))
    padded.set_shape([*ids.shape[:-1], None])
    return padded


def of_kind(kind: str, inputs: Any, taker: str) -> Any:
    """`inputs`, once they are what an encoder takes.

    Args:
        kind: The dtype that it takes: `"string"`, `"int64"` or `"bool"`.
        inputs: Dense or ragged.
        taker: Who takes them, for the error.

    Raises:
        TypeError: If they are of another kind.
    """
    dtype = tf.as_dtype(inputs.dtype)
    if dtype.name == kind:
        return inputs
    if dtype.is_integer and kind == "int64":
        return tf.cast(inputs, tf.int64)
    message = f"{taker} takes {kind}. Got {dtype.name}."
    if dtype.is_floating:
        return traced(kind, inputs, message)
    raise TypeError(message)


def traced(kind: str, inputs: Any, message: str) -> Any:
    """Stands in for floats that Keras and TensorFlow trace a subclassed model with.

    They do so when they save one, whatever it was built on: the graph must come about.
    When it runs it fails, except on nothing.

    Args:
        kind: The dtype that should have come.
        inputs: Floats.
        message: What to say.

    Raises:
        TypeError: When run eagerly.
        tf.errors.InvalidArgumentError: When run in a graph, on at least one number.
    """
    if tf.executing_eagerly():
        raise TypeError(message)
    hint = "To export such a model pass input_signature=[tf.TensorSpec(...)]."
    flat = inputs.flat_values if isinstance(inputs, tf.RaggedTensor) else inputs
    check = tf.debugging.Assert(tf.size(flat) == 0, [f"{message} {hint}"])
    with tf.control_dependencies([check]):
        nothing = {"string": "", "bool": False}.get(kind, -1)  # -1: NaN where XLA runs
        stand_in = tf.fill(tf.shape(flat), tf.constant(nothing, kind))
    stand_in.set_shape(flat.shape)
    if isinstance(inputs, tf.RaggedTensor):
        return inputs.with_flat_values(stand_in)
    return stand_in
