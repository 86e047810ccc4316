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


def ids(port: Port, encoders: list[Any]) -> Form | None:
    """Ids, padded with 0; for encoders with ids of their own there is no such form."""
    if len(encoders) > 1 or not (encoders or (port.ragged and _of_ids(port))):
        return None
    encoder = encoders[0] if encoders else None
    shape = _ids_shape(port, encoder)
    spec = tf.TensorSpec(shape, tf.int64, port.name or "ids")
    if encoder is None:
        return Form((spec,), lambda sent: _unpadded(sent, 0))
    varies = _splits(encoder) and shape[-1] is None
    return Form((spec,), lambda sent: at_least(1, sent) if varies else sent, True)


def tokens(port: Port, encoders: list[Any]) -> Form | None:
    """Tokens that are split already, padded with ""; the same for all encoders."""
    ways = {_split_as(encoder) for encoder in encoders}
    if len(ways) != 1 or None in ways:
        return None
    shape = [None] * len(_ids_shape(port, encoders[0]))
    spec = tf.TensorSpec(shape, tf.string, port.name or "tokens")
    return Form((spec,), lambda sent: _unpadded(sent, ""), True)


def flat(port: Port, encoders: list[Any]) -> Form | None:
    """The ids of all texts in one row, and how many each text has; else as `ids`."""
    if len(encoders) > 1:
        return None
    encoder = encoders[0] if encoders else None
    shape = _ids_shape(port, encoder)
    varies = _splits(encoder) or shape[-1] is None
    of_ids = encoder is not None or _of_ids(port)
    if not (of_ids and varies) or port.ragged or len(shape) != 2:
        return None

    def padded(values: tf.Tensor, row_lengths: tf.Tensor) -> tf.Tensor:
        rows = tf.RaggedTensor.from_row_lengths(values, row_lengths)
        dense = rows.to_tensor(shape=[None, shape[-1]])
        return dense if shape[-1] else at_least(1, dense)

    return Form(_flat_specs(port, tf.int64), padded, encoder is not None)


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


def _split_as(encoder: Any) -> Any:
    """How a `TokenEncoder` splits texts; None for another, or if it does not."""
    return encoder.way_of_splitting if isinstance(encoder, TokenEncoder) else None


def _splits(encoder: Any) -> bool:
    """Whether an encoder makes several ids of a string."""
    return bool(getattr(encoder, "is_text", False) and getattr(encoder, "splits", True))


def _ids_shape(port: Port, encoder: Any) -> tuple[int | None, ...]:
    """The shape of the ids of an input."""
    if encoder is None:
        return port.shape
    return (None, *encoder.output_shape_of(port.shape, "padded")[1:])


def _flat_specs(port: Port, dtype: Any) -> tuple[tf.TensorSpec, ...]:
    before = f"{port.name}_" if port.name else ""
    inner = port.shape[2:] if port.ragged else ()
    return (
        tf.TensorSpec([None, *inner], dtype, f"{before}values"),
        tf.TensorSpec([None], tf.int64, f"{before}row_lengths"),
    )


def _unpadded(padded: tf.Tensor, padding: Any) -> tf.RaggedTensor:
    rank = padded.shape.rank - 1
    return tf.RaggedTensor.from_tensor(padded, padding=padding, ragged_rank=rank)
