"""A model where there is no Keras: a folder for TensorFlow Serving, or one file."""

import tempfile
import threading
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from keras_wembed.choices import one_of, positive
from keras_wembed.embedding import EmbeddingLayer
from keras_wembed.serving.archive import parts, write_archive
from keras_wembed.serving.attribution import write_attribution
from keras_wembed.serving.layers import serving
from keras_wembed.serving.portable import CONVERTERS, write_file
from keras_wembed.serving.ports import Entry, entry
from keras_wembed.serving.signatures import signatures
from keras_wembed.serving.versions import (
    building,
    check_version,
    checked,
    place,
    write_config,
)
from keras_wembed.serving.warmup import write_requests

Examples = Sequence[Any] | Mapping[str, Sequence[Any]]

SAVED_MODEL = "tf_saved_model"  # as Keras calls it

# Each changes for a while what the layers of its model read, for its own thread.
_LOCK = threading.Lock()


def export(
    model: Any,
    path: str | PathLike[str],
    *,
    format: str = SAVED_MODEL,
    version: int | None = None,
    warmup: Examples | None = None,
    batch_size: int | None = None,
    input_signature: Sequence[Any] | None = None,
) -> Path:
    """Writes a model as a SavedModel, for TensorFlow Serving or any other runtime.

    Each table and vocabulary is written once. The folder appears whole or not at all,
    beside those of other versions. It holds signatures, each with named inputs and
    outputs, for batches of any size:

    - `text` (`labels`, for a `ClassEncoder`): what the model takes. It is
      `serving_default` too.
    - `ids`: `(batch, longest)`, padded with 0.
    - `tokens`: `(batch, longest)` strings that are split already, padded with "".
    - `flat`: `values`, the ids of all texts in one row, and `row_lengths`, how many of
      them each text has.

    Inputs have the names that the model's `Input`s were given, else these words; in the
    flat signature with `_values` and `_row_lengths` behind. A single output is
    `output`, or `values` and `row_lengths` if it is ragged. Where something else than
    an `EmbeddingLayer` reads a text too, there is only `text`. Texts must be UTF-8.

    `format="litert"` and `format="onnx"` write the `ids` signature alone, as one file
    that runs without TensorFlow; `encoder(texts)` gives the ids. No check runs there:
    an id that is not in 0..n gives NaN.

    Args:
        model: A Keras model, or an `EmbeddingLayer` alone.
        path: The folder of all versions; its last part is the name of the model. Or the
            file.
        format: As for Keras's `model.export`: `"tf_saved_model"`, `"litert"`, or
            `"onnx"`, which needs `pip install "keras-wembed[onnx]"`.
        version: The number of this one. None: one more than the last that is there.
        warmup: Examples of what the first signature takes: a list, or a list by the
            name of each input. TensorFlow Serving sends them to itself as it starts.
        batch_size: How many texts each call of the file has. None: any number, which
            LiteRT cannot do for recurrent layers.
        input_signature: What a subclassed model takes, as for Keras's `model.export`.

    Returns:
        The folder of the version, or the file. Beside the folder lies `models.config`,
        with which TensorFlow Serving starts; in its `assets.extra`, the licences of the
        vectors.

    Raises:
        TypeError: If `model` is none, or an argument is of a wrong kind.
        ValueError: If it is not built, the version is there already, or an argument
            does not fit.
        ImportError: If `format="onnx"` lacks tf2onnx.
    """
    if one_of("format", format, [SAVED_MODEL, *CONVERTERS]) != SAVED_MODEL:
        _check_absent(format, version=version, warmup=warmup)
        size = positive("batch_size", batch_size)
        way = entry(model, input_signature)
        layers = parts(model, EmbeddingLayer)
        with _LOCK:
            return write_file(model, way, layers, Path(path), format, size)
    _check_absent(format, batch_size=batch_size)
    way = entry(model, input_signature)
    folder = checked(path)
    check_version(folder, version)
    with building(folder) as fresh, _LOCK:
        _write(model, way, fresh, warmup, folder.resolve().name)
        placed = place(fresh, folder, version)
    write_config(folder)
    return placed


def _check_absent(format: str, **arguments: Any) -> None:
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(
                f"{name} must be None with format={format!r}. Got {value!r}."
            )


def _write(
    model: Any, way: Entry, folder: Path, warmup: Examples | None, name: str
) -> None:
    layers = parts(model, EmbeddingLayer)
    with tempfile.TemporaryDirectory() as scratch, serving(layers, Path(scratch)):
        functions = signatures(way, layers)
        write_archive(model, functions, folder)
        extra = folder / "assets.extra"
        extra.mkdir()
        write_attribution(extra, layers)
        if warmup is not None:
            first = next(iter(functions.values()))
            write_requests(extra, first, warmup, name)
