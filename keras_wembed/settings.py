"""What the environment says: where the cache is, and how the network may be used."""

import os
from pathlib import Path


def home() -> Path:
    """The folder of the cache: `KERAS_WEMBED_HOME`, or `wembed` in Keras's own."""
    if chosen := os.environ.get("KERAS_WEMBED_HOME"):
        return Path(chosen).expanduser()
    keras = os.environ.get("KERAS_HOME")
    return (Path(keras) if keras else Path.home() / ".keras") / "wembed"


def mirrors() -> tuple[str, ...]:
    """The base URLs in `KERAS_WEMBED_MIRROR`, separated by blanks, tried first."""
    return tuple(os.environ.get("KERAS_WEMBED_MIRROR", "").split())


def offline() -> bool:
    """Whether `KERAS_WEMBED_OFFLINE` forbids the network (any value but `0`)."""
    return os.environ.get("KERAS_WEMBED_OFFLINE", "0") not in ("", "0")
