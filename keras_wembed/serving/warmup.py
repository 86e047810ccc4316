"""Requests that TensorFlow Serving sends to itself as it starts."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_wembed.inputs import as_tensor

# Fields of `tensorflow_serving/apis`: prediction_log.proto, predict.proto, model.proto.
_PREDICT_LOG, _REQUEST = 6, 1
_MODEL_SPEC, _INPUTS = 1, 2
_NAME, _SIGNATURE_NAME = 1, 3
_KEY, _VALUE = 1, 2

NAME = "tf_serving_warmup_requests"


def write_requests(folder: Path, function: Any, examples: Any, model: str) -> None:
    """Writes a TFRecord file of one request, for the signature `serving_default`.

    Args:
        folder: Where to.
        function: What serves it, traced.
        examples: What to send: a list, or a list by the name of each input.
        model: The name of the model.

    Raises:
        TypeError: If they are of another kind.
        ValueError: If these are not the inputs, of another shape, or a bad request.
    """
    specs = {spec.name: spec for spec in function.input_signature}
    sent = {
        name: _tensor(specs[name], values)
        for name, values in _by_name(specs, examples).items()
    }
    _check(function, [sent[name] for name in specs])
    inputs = b"".join(
        _field(_INPUTS, _field(_KEY, name.encode()) + _field(_VALUE, _proto(tensor)))
        for name, tensor in sent.items()
    )
    spec = _field(_NAME, model.encode())
    spec += _field(_SIGNATURE_NAME, b"serving_default")
    request = _field(_MODEL_SPEC, spec) + inputs
    with tf.io.TFRecordWriter(str(folder / NAME)) as file:
        file.write(_field(_PREDICT_LOG, _field(_REQUEST, request)))


def _by_name(specs: Mapping[str, Any], examples: Any) -> Mapping[str, Any]:
    if not isinstance(examples, Mapping):
        if len(specs) > 1:
            raise TypeError(
                "warmup must be a dict of lists, one for each input: "
                f"{_listed(specs)}. Got {type(examples).__name__}."
            )
        examples = {next(iter(specs)): examples}
    if examples.keys() != specs.keys():
        raise ValueError(
            f"warmup must have examples for {_listed(specs)}. Got {_listed(examples)}."
        )
    return examples


def _listed(names: Any) -> str:
    return ", ".join(map(repr, names)) or "none"


def _tensor(spec: tf.TensorSpec, values: Any) -> tf.Tensor:
    tensor = as_tensor(values, empty=spec.dtype.name)
    if isinstance(tensor, tf.RaggedTensor):
        tensor = tensor.to_tensor()
    if not _fits(tensor.dtype, spec.dtype):
        raise TypeError(
            f"warmup must have examples of dtype {spec.dtype.name} for {spec.name!r}. "
            f"Got {tensor.dtype.name}."
        )
    if not spec.shape.is_compatible_with(tensor.shape):
        raise ValueError(
            f"warmup must have examples of shape {spec.shape} for {spec.name!r}. "
            f"Got {tensor.shape}."
        )
    return tensor if tensor.dtype == spec.dtype else tf.cast(tensor, spec.dtype)


def _fits(given: tf.DType, wanted: tf.DType) -> bool:
    """Whether values of a dtype can stand for those of another."""
    if tf.string in (given, wanted):
        return bool(given == wanted)
    kinds = given.as_numpy_dtype, wanted.as_numpy_dtype
    return bool(np.can_cast(*kinds, casting="same_kind"))


def _check(function: Any, sent: Sequence[tf.Tensor]) -> None:
    """Sends a request: an error here is better than one as the server starts."""
    try:
        function(*sent)
    except tf.errors.InvalidArgumentError as error:
        said = re.search("assertion failed: .*", error.message)
        raise ValueError(
            "warmup must have examples that the model can serve. Got an error: "
            f"{said[0] if said else error.message}"
        ) from error


def _proto(tensor: tf.Tensor) -> bytes:
    return tf.make_tensor_proto(tensor).SerializeToString()


def _field(number: int, data: bytes) -> bytes:
    """A field of a message that holds bytes, in the wire format of Protocol Buffers."""
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    parts = []
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*parts, value])
