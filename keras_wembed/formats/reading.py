"""A file of vectors as blocks of rows, whatever its format."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from keras_wembed.errors import FormatError
from keras_wembed.formats.binary import binary_blocks
from keras_wembed.formats.layout import FORMATS, PEEK, Layout, layout
from keras_wembed.formats.opening import chunks, opened, peeked
from keras_wembed.formats.rows import BadRows, Block, Floats
from keras_wembed.formats.selection import Selection
from keras_wembed.formats.text import text_blocks
from keras_wembed.report import Report

BOM = b"\xef\xbb\xbf"  # what some editors put before a text


class Table(Protocol):
    """Where rows go: into memory, or into a folder."""

    def append(self, tokens: Sequence[str], rows: Floats, /) -> None:
        """Adds tokens and their rows."""


@dataclass(frozen=True)
class Reading:
    """A file that is being read.

    Args:
        file: What messages call it.
        layout: How it is laid out.
        blocks: Its rows, once.
        bad: What was wrong with rows so far.
    """

    file: str
    layout: Layout
    blocks: Iterator[Block]
    bad: BadRows


@contextlib.contextmanager
def reading(
    path: Path, format: str | None, *, member: str | None, on_bad_row: str
) -> Iterator[Reading]:
    """A file, opened; the arguments are those of `WordVectors.read`."""
    if format is not None and format not in FORMATS:
        listed = ", ".join(map(repr, FORMATS))
        raise ValueError(f"format must be one of {listed}. Got {format!r}.")
    if on_bad_row not in ("error", "skip"):
        raise ValueError(f"on_bad_row must be 'error' or 'skip'. Got {on_bad_row!r}.")
    bad = BadRows(member or path.name, skip=on_bad_row == "skip")
    with opened(path, member) as file, contextlib.closing(chunks(file)) as stream:
        start, rest = peeked(stream, PEEK)
        mark = len(BOM) if start.startswith(BOM) else 0
        found = layout(start[mark:], format, bad.file)
        rows = after(rest, mark + found.header)
        if found.format == "word2vec-binary":
            blocks = binary_blocks(rows, found.size, bad)
        else:
            blocks = text_blocks(rows, found.size, bad, 1 if found.rows is None else 2)
        yield Reading(bad.file, found, blocks, bad)


def after(stream: Iterator[bytes], count: int) -> Iterator[bytes]:
    """The stream without its first `count` bytes, which lie in its first chunk."""
    yield next(stream)[count:]
    yield from stream


def pour(read: Reading, selection: Selection, table: Table) -> Report:
    """Puts the rows that are selected into a table.

    Raises:
        FormatError: If no row is left, or not as many stand there as the header says.
    """
    kept = 0
    for block in read.blocks:
        tokens, rows = selection.of(block)
        table.append(tokens, rows)
        kept += len(tokens)
        if selection.full:
            break
    else:
        count, promised = selection.rows + read.bad.count, read.layout.rows
        if promised not in (None, count):
            raise FormatError(
                f"{read.file} must hold {promised} rows, as its header says. "
                f"Got {count}."
            )
        if not selection.rows:
            raise FormatError(f"{read.file} must hold at least one row. Got none.")
    return Report(rows=kept, duplicates=selection.duplicates, skipped=read.bad.count)
