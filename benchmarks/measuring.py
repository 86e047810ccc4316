"""Time and memory of a function, in a process of its own."""

import multiprocessing
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
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if "VmHWM" in line)
