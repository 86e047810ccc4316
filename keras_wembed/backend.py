"""What must be settled before TensorFlow is imported."""

import os
import sys
from pathlib import Path


def quiet_command() -> None:
    """Imports TensorFlow without its log lines, where this package is a command.

    Importing any module of the package imports TensorFlow: the command itself would
    come too late. The lines come from C++, so that only the file can be turned away;
    TensorFlow 2.21 writes them whatever `TF_CPP_MIN_LOG_LEVEL` says.
    """
    if Path(sys.argv[0]).name not in ("keras-wembed", "-m"):
        return
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import tensorflow as tf

        tf.config.list_physical_devices()  # which looks for CUDA, and says so
    except KeyboardInterrupt:
        sys.exit(130)  # as shells have it, without a traceback
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def require_tensorflow() -> None:
    """Checks that Keras runs on TensorFlow.

    Raises:
        ImportError: If `KERAS_BACKEND`, or Keras's own settings file, names
            another backend.
    """
    chosen = os.environ.get("KERAS_BACKEND", "tensorflow")
    if chosen == "tensorflow":
        import keras

        chosen = keras.config.backend()
    if chosen != "tensorflow":
        raise ImportError(
            "keras_wembed runs on Keras's TensorFlow backend. Got KERAS_BACKEND="
            f"{chosen!r}. Set KERAS_BACKEND=tensorflow before you import keras."
        )
