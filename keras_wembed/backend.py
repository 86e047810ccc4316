"""The one backend that this package runs on, checked before Keras is imported."""

import os


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
