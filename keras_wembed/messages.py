"""Errors that reach the caller as they were written."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def as_written() -> Iterator[None]:
    """Keeps Keras from wrapping an error raised in `call` into a list of arguments.

    Keras leaves an error alone that has this attribute (`keras.src.utils.
    traceback_utils`). Should that change, its text is only longer again.
    """
    try:
        yield
    except (TypeError, ValueError) as error:
        error._keras_call_info_injected = True  # type: ignore[union-attr]
        raise
