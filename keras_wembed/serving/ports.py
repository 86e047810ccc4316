"""The inputs of a model that is exported."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from keras_wembed.embedding import EmbeddingLayer

# What Keras calls an `Input` that nobody named.
_UNNAMED = re.compile(r"(keras_tensor|input_layer|args)(_\d+)*")


@dataclass(frozen=True)
class Port:
    """An input of a model.

    Attributes:
        name: As the user called it; None for the only one, if nobody did.
        shape: None for the batch, and where a length varies.
        dtype: Of the values.
        ragged: Whether it is a RaggedTensor.
    """

    name: str | None
    shape: tuple[int | None, ...]
    dtype: Any
    ragged: bool = False


@dataclass(frozen=True)
class Entry:
    """How a model is called.

    Attributes:
        ports: Its inputs, in order.
        call: Gives the outputs for a list of tensors, one for each port.
    """

    ports: tuple[Port, ...]
    call: Callable[[list[Any]], Any]


def entry(model: Any, input_signature: Sequence[Any] | None) -> Entry:
    """How to call a model, or an `EmbeddingLayer` alone.

    Raises:
        ValueError: If it is not built, or its inputs are nowhere declared.
    """
    if not isinstance(model, keras.layers.Layer):
        raise TypeError(
            f"model must be a Keras model or layer. Got {type(model).__name__}."
        )
    if input_signature is not None:
        signature = list(input_signature)
        return _entry(signature, lambda inputs: model(*inputs), model)
    if getattr(model, "inputs", None):
        # A Sequential that was only loaded has no `input` yet.
        one = isinstance(model, keras.Sequential)
        return _entry(model.inputs[0] if one else model.input, model, model)
    if isinstance(model, EmbeddingLayer):
        spec = tf.TensorSpec(_shape(model), model.compute_dtype)
        return _entry(spec, model, model)
    raise ValueError(
        "model must have inputs that are declared. Got a subclassed one, or one that "
        "was never called. Pass input_signature=[tf.TensorSpec([None], tf.string)], or "
        "what else it takes."
    )


def _shape(layer: EmbeddingLayer) -> tuple[int | None, ...]:
    """The shape of a batch of what a layer takes."""
    if layer.encoder is not None:
        return (None,) if getattr(layer.encoder, "splits", True) else (None, None)
    port: Any = layer._port
    example = port.shape
    return (None, None) if example is None else (None, *example)


def _entry(structure: Any, call: Any, model: Any) -> Entry:
    if not model.built:
        raise ValueError("model must be built before it is exported. Call it once.")
    names = _names(structure)
    specs = keras.tree.flatten(structure)
    ports = tuple(
        Port(name, (None, *spec.shape[1:]), tf.as_dtype(spec.dtype), _is_ragged(spec))
        for name, spec in zip(names, specs, strict=True)
    )
    return Entry(
        ports, lambda tensors: call(keras.tree.pack_sequence_as(structure, tensors))
    )


def _is_ragged(spec: Any) -> bool:
    return isinstance(spec, tf.RaggedTensorSpec) or bool(getattr(spec, "ragged", False))


def _names(structure: Any) -> list[str | None]:
    """What inputs are called: their keys in dicts, else their own names."""
    leaves = keras.tree.flatten_with_path(structure)
    names = [_name(path, spec) for path, spec in leaves]
    if len(names) == 1:
        return names
    return [name or f"input_{number}" for number, name in enumerate(names, 1)]


def _name(path: Sequence[Any], spec: Any) -> str | None:
    if keys := [key for key in path if isinstance(key, str)]:
        return "_".join(keys)
    name = getattr(spec, "name", None)
    return name if name and not _UNNAMED.fullmatch(name) else None
