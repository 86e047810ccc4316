"""A model as a folder that TensorFlow Serving serves."""

import tempfile
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

import tensorflow as tf

from keras_wembed.choices import positive
from keras_wembed.embedding import EmbeddingLayer
from keras_wembed.serving.attribution import write_attribution
from keras_wembed.serving.port import serving
from keras_wembed.serving.ports import entry
from keras_wembed.serving.signatures import signatures
from keras_wembed.serving.versions import building, check_version, place, write_config
from keras_wembed.serving.warmup import write_requests

Examples = Sequence[Any] | Mapping[str, Sequence[Any]]


def export(
    model: Any,
    path: str | PathLike[str],
    *,
    version: int | None = None,
    warmup: Examples | None = None,
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

    Args:
        model: A Keras model, or an `EmbeddingLayer` alone.
        path: The folder of all versions; its last part is the name of the model.
        version: The number of this one. None: one more than the last that is there.
        warmup: Examples of what the first signature takes: a list, or a list by the
            name of each input. TensorFlow Serving sends them to itself as it starts.
        input_signature: What a subclassed model takes, as for Keras's `model.export`.

    Returns:
        The folder of the version. Beside it lies `models.config`, with which TensorFlow
        Serving starts; in its `assets.extra`, the licences of the vectors.

    Raises:
        TypeError: If `model` is none.
        ValueError: If it is not built, the version is there already, or `warmup` does
            not fit.
    """
    path = Path(path)
    check_version(path, positive("version", version))
    way = entry(model, input_signature)
    layers = _parts(model, EmbeddingLayer)
    with building(path) as folder, tempfile.TemporaryDirectory() as scratch:
        with serving(layers, Path(scratch)):
            functions = signatures(way, layers)
            _write(model, functions, folder)
            extra = folder / "assets.extra"
            extra.mkdir()
            write_attribution(extra, layers)
            if warmup is not None:
                first = next(iter(functions.values()))
                write_requests(extra, first, warmup, path.resolve().name)
        placed = place(folder, path, version)
    write_config(path)
    return placed


def _parts(model: Any, kind: Any) -> list[Any]:
    """All parts of a kind in a model, wherever they are."""
    parts = tf.train.TrackableView(model).descendants()
    return [part for part in parts if isinstance(part, kind)]


def _write(model: Any, functions: Mapping[str, Any], folder: Path) -> None:
    # Not by Keras's ExportArchive, which writes variables twice and traces once more
    # (keras-team/keras#23553).
    used = {id(v): v for function in functions.values() for v in function.variables}
    tables = _parts(model, tf.saved_model.experimental.TrackableResource)
    holder = tf.Module()
    holder.parts = [*used.values(), *tables]
    first = next(iter(functions.values()))
    signatures = {**functions, "serving_default": first}
    tf.saved_model.save(holder, str(folder), signatures)
