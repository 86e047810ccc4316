"""A progress bar with rate and time left, on a terminal; silence in a pipe."""

import contextlib
from collections.abc import Iterator
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)


class Bar(Protocol):
    """Is told how far a transfer is."""

    def __call__(self, done: int, total: int | None, /) -> None:
        """So many bytes of so many are here."""


@contextlib.contextmanager
def bar(name: str) -> Iterator[Bar]:
    """A bar on standard error that goes away when it is done."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    shown = console.is_terminal
    with Progress(
        *columns, console=console, disable=not shown, transient=True
    ) as progress:
        task = progress.add_task(name, total=None)

        def tell(done: int, total: int | None, /) -> None:
            progress.update(task, completed=done, total=total)

        yield tell
