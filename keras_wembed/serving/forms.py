"""The ways to send an input: as it is, as ids, as tokens, and ids in one flat row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.inputs import at_least
from keras_wembed.serving.ports import Port


@dataclass(frozen=True)
class Form:
    """A way to send an input.

    Attributes:
        specs: What is sent.
        make: From what is sent: the input; or what layers get in its place.
        replaces: Whether it is what layers get in place of the input.
    """

    specs: tuple[tf.TensorSpec, ...]
    make: Callable[..., Any]
    replaces: bool = False


def as_it_is(port: Port, word: str) -> Form:
    """What the model itself takes; a ragged one in one row, with its row lengths.

    Args:
        port: The input.
        word: What to call it if it has no name.
    """
    if port.ragged:
        return Form(_flat_specs(port, port.dtype), tf.RaggedTensor.from_row_lengths)
    name = port.name or word
    return Form((tf.TensorSpec(port.shape, port.dtype, name),), lambda sent: sent)


def ids(port: Port, encoder: Any) -> Form | None:
    """Ids, padded with 0."""
    if encoder is None and not port.ragged:
        return None
    spec = tf.TensorSpec([None] * _rank(port, encoder), tf.int64, port.name or "ids")
    if encoder is None:
        return Form((spec,), lambda sent: _unpadded(sent, 0)) if _of_ids(port) else None
    is_text = _is_text(encoder)
    return Form((spec,), lambda sent: at_least(1, sent) if is_text else sent, True)


def tokens(port: Port, encoder: Any) -> Form | None:
    """Tokens that are split already, padded with ""."""
    if not isinstance(encoder, TokenEncoder) or not encoder.splits:
        return None
    name = port.name or "tokens"
    spec = tf.TensorSpec([None] * _rank(port, encoder), tf.string, name)
    return Form((spec,), lambda sent: _unpadded(sent, ""), True)


def flat(port: Port, encoder: Any) -> Form | None:
    """The ids of all texts in one row, and how many each text has."""
    varies = encoder is not None or (_of_ids(port) and port.shape[-1] is None)
    if not varies or port.ragged or _rank(port, encoder) != 2:
        return None
    return Form(_flat_specs(port, tf.int64), _padded, encoder is not None)


FORMS = {"ids": ids, "tokens": tokens, "flat": flat}


def place_holder(port: Port, value: Any) -> Any:
    """An empty input, for a value that layers get in place of it."""
    count = len(port.shape)
    ends_in_one = count > 1 and port.shape[-1] == 1
    if isinstance(value, tf.RaggedTensor):
        outer = value.bounding_shape()[: count - ends_in_one]
    else:
        outer = tf.shape(value, tf.int64)[: count - ends_in_one]
    shape = tf.concat([outer, tf.ones([int(ends_in_one)], tf.int64)], 0)
    return tf.ensure_shape(tf.zeros(shape, port.dtype), port.shape)


def _of_ids(port: Port) -> bool:
    return bool(port.dtype.is_integer)


def _is_text(encoder: Any) -> bool:
    """Whether an encoder makes several ids of a string."""
    return not hasattr(encoder, "is_text") or (encoder.is_text and encoder.splits)


def _rank(port: Port, encoder: Any) -> int:
    """The rank of the ids of an input."""
    count = len(port.shape)
    if encoder is None or not _is_text(encoder):
        return count
    return count if count > 1 and port.shape[-1] == 1 else count + 1


def _flat_specs(port: Port, dtype: Any) -> tuple[tf.TensorSpec, ...]:
    before = f"{port.name}_" if port.name else ""
    inner = port.shape[2:] if port.ragged else ()
    return (
        tf.TensorSpec([None, *inner], dtype, f"{before}values"),
        tf.TensorSpec([None], tf.int64, f"{before}row_lengths"),
    )


def _padded(values: tf.Tensor, row_lengths: tf.Tensor) -> tf.Tensor:
    rows = tf.RaggedTensor.from_row_lengths(values, row_lengths)
    return at_least(1, rows.to_tensor())


def _unpadded(padded: tf.Tensor, padding: Any) -> tf.RaggedTensor:
    rank = padded.shape.rank - 1
    return tf.RaggedTensor.from_tensor(padded, padding=padding, ragged_rank=rank)
