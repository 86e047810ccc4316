"""The report on a layer: its arrays, ports and layers."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_wembed.choices import one_of


class Information:
    """What there is to know of a layer; its repr is a report for people.

    Properties have the names of Wolfram's `Information`. `information["Properties"]`
    lists them.

    Args:
        layer: An `EmbeddingLayer`.
    """

    def __init__(self, layer: Any):
        self._layer = layer

    def __getitem__(self, name: str) -> Any:
        return _PROPERTIES[one_of("property", name, _PROPERTIES)](self._layer)

    def __repr__(self) -> str:
        layer = self._layer
        rows = "an unknown number of" if layer.n is None else f"{layer.n:,}"
        lines = [
            f"{type(layer).__name__} {layer.name!r}: {rows} rows of size {layer.size}",
            f"  input   {_input_of(layer)}",
            f"  output  {_output_of(layer)}",
            *(f"  array   {_array(array)}" for array in layer.weights),
        ]
        if not layer.weights:
            lines.append(
                "  no arrays yet: they are made when the layer is first called"
            )
        return "\n".join(lines)


def _array(array: Any) -> str:
    size = " x ".join(f"{length:,}" for length in array.shape)
    state = "trainable" if array.trainable else "frozen"
    return f"{array.name}  {array.dtype}  {size}  {_written(_bytes(array))}  {state}"


def _written(count: int) -> str:
    """A number of bytes as people write it: 48 B, 76.3 MiB."""
    size, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if size < 1024:
            break
        size, unit = size / 1024, larger
    return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"


def _bytes(array: Any) -> int:
    return _count(array) * np.dtype(array.dtype).itemsize


def _count(array: Any) -> int:
    return int(np.prod(array.shape))


def _input_of(layer: Any) -> str:
    ids = "ids" if layer.n is None else f"ids 1..{layer.n:,}"
    if layer.encoder is not None:
        return f"{type(layer.encoder).__name__} to {ids}"
    shape = layer.get_config()["input"]
    return f"{ids} of any shape" if shape is None else f"{ids}, {shape!r}"


def _output_of(layer: Any) -> str:
    return f"vectors of size {layer.size}, {layer.output_form}"


def _input_form(layer: Any) -> str:
    """The expression that makes a layer like this one."""
    config = layer.get_config()
    shape = config["input"] if layer.encoder is None else type(layer.encoder).__name__
    given = {"size": layer.size, "n": layer.n, "input": shape}
    given["output"] = None if layer.output_form == "auto" else layer.output_form
    said = (f"{name}={value!r}" for name, value in given.items() if value is not None)
    return f"{type(layer).__name__}({', '.join(said)})"


def _multiplier(array: Any) -> float:
    return getattr(array, "learning_rate_multiplier", 1.0) if array.trainable else 0.0


def _each(value: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    """A property that gives a value for each array, by its name."""
    return lambda layer: {array.name: value(array) for array in layer.weights}


def _total(value: Callable[[Any], int]) -> Callable[[Any], int]:
    return lambda layer: sum(value(array) for array in layer.weights)


def _layers(layer: Any) -> list[Any]:
    return [layer, *layer._flatten_layers(include_self=False)]


def _topology(layer: Any) -> str:
    """A hash of what the layer is, its name and values apart."""
    text = json.dumps(_nameless(layer.get_config()), sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _nameless(config: Any) -> Any:
    """A config without the names of layers, which are made up."""
    if not isinstance(config, dict):
        return config
    return {key: _nameless(value) for key, value in config.items() if key != "name"}


_PROPERTIES: dict[str, Callable[[Any], Any]] = {
    "Arrays": _each(lambda array: array.numpy()),
    "ArraysByteCounts": _each(_bytes),
    "ArraysCount": lambda layer: len(layer.weights),
    "ArraysDimensions": _each(lambda array: tuple(array.shape)),
    "ArraysElementCounts": _each(_count),
    "ArraysLearningRateMultipliers": _each(_multiplier),
    "ArraysList": lambda layer: [array.numpy() for array in layer.weights],
    "ArraysPositionList": lambda layer: [array.name for array in layer.weights],
    "ArraysSizes": _each(_count),
    "ArraysTotalByteCount": _total(_bytes),
    "ArraysTotalElementCount": _total(_count),
    "ArraysTotalSize": lambda layer: _written(_total(_bytes)(layer)),
    "FullSummaryGraphic": lambda layer: repr(Information(layer)),
    "InputForm": _input_form,
    "InputPortNames": lambda layer: ["inputs"],
    "InputPorts": lambda layer: {"inputs": _input_of(layer)},
    "Layers": lambda layer: {part.name: part for part in _layers(layer)},
    "LayersCount": lambda layer: len(_layers(layer)),
    "LayersGraph": lambda layer: [
        (part.name, layer.name) for part in _layers(layer)[1:]
    ],
    "LayersList": _layers,
    "LayerTypeCounts": lambda layer: dict(
        Counter(type(part).__name__ for part in _layers(layer))
    ),
    "OutputPortNames": lambda layer: ["vectors"],
    "OutputPorts": lambda layer: {"vectors": _output_of(layer)},
    "Properties": lambda layer: list(_PROPERTIES),
    "RecurrentStatesCount": lambda layer: 0,
    "RecurrentStatesPositionList": lambda layer: [],
    "SharedArraysCount": lambda layer: 0,
    "SummaryGraphic": lambda layer: repr(Information(layer)).splitlines()[0],
    "TopologyHash": _topology,
}
