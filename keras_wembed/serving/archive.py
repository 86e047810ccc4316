"""The SavedModel of some functions, each variable in it once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tensorflow as tf


def parts(model: Any, kind: Any) -> list[Any]:
    """All parts of a kind in a model, wherever they are."""
    found = tf.train.TrackableView(model).descendants()
    return [part for part in found if isinstance(part, kind)]


def write_archive(model: Any, functions: Mapping[str, Any], folder: Path) -> None:
    """Writes a SavedModel.

    Args:
        model: What holds the tables.
        functions: The signatures, by name; the first is `serving_default` too.
        folder: Where it is written.
    """
    # Not by Keras's ExportArchive, which writes variables twice and traces once more
    # (keras-team/keras#23553).
    traced = {name: each.get_concrete_function() for name, each in functions.items()}
    used = {id(v): v for function in traced.values() for v in function.variables}
    tables = parts(model, tf.saved_model.experimental.TrackableResource)
    holder = tf.Module()
    holder.parts = [*used.values(), *tables]
    signatures = {**traced, "serving_default": next(iter(traced.values()))}
    with _without_log():
        tf.saved_model.save(holder, str(folder), signatures)


@contextmanager
def _without_log() -> Iterator[None]:
    """Without TensorFlow's line on the folder, which soon has another name."""
    logger = tf.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(level)
