"""The SavedModel of some functions, each variable in it once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf


def write_archive(model: Any, functions: Mapping[str, Any], folder: Path) -> None:
    """Writes a SavedModel.

    Args:
        model: What holds the variables.
        functions: The signatures, by name.
        folder: Where it is written.
    """
    archive = keras.export.ExportArchive()
    # Keras writes the variables of a tracked layer, and those of the functions once
    # more (keras-team/keras#23553). Of what is no layer it finds the tables alone.
    holder = tf.Module()
    holder.model = model
    archive.track(holder)
    for name, function in functions.items():
        archive.add_endpoint(name, function)
    archive.write_out(str(folder), verbose=False)
