"""Ctrl-C as a wish to stop at the next good place."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def interruption() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets; the second one acts as usual."""
    event = threading.Event()
    before = signal.getsignal(signal.SIGINT)
    # Only the main thread may ask for signals; without a handler they are ignored, as
    # in a job in the background, and stay so.
    if threading.current_thread() is not threading.main_thread() or not callable(
        before
    ):
        yield event
        return

    def stop(number: int, frame: FrameType | None) -> None:
        event.set()
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, stop)
    try:
        yield event
    finally:
        signal.signal(signal.SIGINT, before)
