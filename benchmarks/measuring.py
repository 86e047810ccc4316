"""Time and memory of a function, in a process of its own."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple


class Measure(NamedTuple):
    """What a function takes.

    Args:
        seconds: On the clock.
        cpu: Seconds of all its threads together: the same on a busy machine.
        peak: MiB at the peak, beyond what its imports take.
    """

    seconds: float
    cpu: float
    peak: float


class Run(NamedTuple):
    """What a function took in this process.

    Args:
        seconds: On the clock.
        before: Bytes of memory that were the process's own.
        after: The same behind it, while what it gave is kept.
        peak: The most of them on the way.
    """

    seconds: float
    before: int
    after: int
    peak: int


def watched(function: Callable[[], Any]) -> tuple[Any, Run]:
    """What a function gives, and what it took.

    Pages of a mapped file are not the process's own.
    """
    peak = before = _own()
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.002):
            peak = max(peak, _own())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.perf_counter()
    result = function()
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    return result, Run(seconds, before, _own(), peak)


def _own() -> int:
    return _status("RssAnon") << 10


def measured(function: Callable[..., Any], *arguments: Any) -> Measure:
    """What a function takes.

    Args:
        function: Gives what is to be measured, so that its own imports are not.
        *arguments: For `function`.
    """
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_measure, (function, arguments))


def _measure(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Measure:
    work = function(*arguments)
    before, start, cpu = _peak(), time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return Measure(seconds, cpu, _peak() - before)


def _peak() -> float:
    return _status("VmHWM") / 1024


def _status(name: str) -> int:
    """A line of what Linux knows of this process, in KiB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if name in line)


def bytes_of(folder: Path) -> int:
    """The bytes of all files in a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
