"""A file of vectors, of any public format, into memory."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np

from keras_wembed.choices import positive
from keras_wembed.formats.fasttext_model import MAGIC, read_model
from keras_wembed.formats.opening import opened
from keras_wembed.formats.reading import pour, reading
from keras_wembed.formats.rows import Floats
from keras_wembed.formats.selection import Selection
from keras_wembed.report import Report
from keras_wembed.subwords import Subwords
from keras_wembed.vectors import distinct

Parts = tuple[list[str], Floats, Floats | None, Report, Subwords | None]


class Memory:
    """Rows in an array that grows in place."""

    def __init__(self, size: int) -> None:
        self.tokens: list[str] = []
        self._matrix = np.empty((0, size), np.float32)

    def append(self, tokens: Sequence[str], rows: Floats, /) -> None:
        """Adds tokens and their rows."""
        start = len(self.tokens)
        self.tokens.extend(tokens)
        if len(self.tokens) > len(self._matrix):
            # Large arrays grow by moving pages; pages never written take no memory.
            self._resize(2 * len(self.tokens))
        self._matrix[start : len(self.tokens)] = rows

    def matrix(self) -> Floats:
        """All rows."""
        self._resize(len(self.tokens))
        return self._matrix

    def _resize(self, n: int) -> None:
        self._matrix.resize((n, self._matrix.shape[1]), refcheck=False)


def read(
    path: str | PathLike[str],
    format: str | None = None,
    *,
    limit: int | None = None,
    tokens: Iterable[str] | None = None,
    member: str | None = None,
    on_bad_row: str = "error",
) -> Parts:
    """The parts of `WordVectors`: see `WordVectors.read`."""
    positive("limit", limit)
    if Path(path).is_dir():
        raise IsADirectoryError(
            f"path must be a file. Got the folder {os.fspath(path)!r}. "
            "WordVectors.load reads one that save wrote."
        )
    wanted = None if tokens is None else distinct(tokens)
    path = Path(path)
    if is_model(path, format, member):
        return _model(path, member, limit, wanted)
    selection = Selection(limit=limit, tokens=wanted)
    with reading(path, format, member=member, on_bad_row=on_bad_row) as file:
        memory = Memory(file.layout.size)
        report = pour(file, selection, memory)
    found, matrix = memory.tokens, memory.matrix()
    if wanted is not None:
        found, matrix, report = ordered(found, matrix, report, wanted)
    return found, matrix, selection.unknown, report, None


def is_model(path: Path, format: str | None, member: str | None) -> bool:
    """Whether a file is a model of fastText, or is said to be one."""
    if format is not None:
        return format == "fasttext-model"
    with opened(path, member) as file:
        return file.read(len(MAGIC)) == MAGIC


def _model(
    path: Path, member: str | None, limit: int | None, wanted: list[str] | None
) -> Parts:
    """A model of fastText, whose rows can be composed only once all are read."""
    with opened(path, member) as file:
        found, matrix, subwords = read_model(file, member or path.name)
    found, matrix = found[:limit], matrix[:limit]
    report = Report(rows=len(found))
    if wanted is not None:
        found, matrix, report = ordered(found, matrix, report, wanted)
    return found, matrix, None, report, subwords


def ordered(
    found: list[str], matrix: Floats, report: Report, wanted: list[str]
) -> tuple[list[str], Floats, Report]:
    """The rows in the order asked for."""
    rows = {token: row for row, token in enumerate(found)}
    tokens = [token for token in wanted if token in rows]
    missing = tuple(token for token in wanted if token not in rows)
    order = [rows[token] for token in tokens]
    return tokens, matrix[order], replace(report, missing=missing)
