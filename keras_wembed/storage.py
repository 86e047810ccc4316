"""Vectors in a folder: a matrix that can be memory-mapped, tokens, and a summary.

    matrix.npy    the rows
    tokens.txt    one token a line, UTF-8, each ended by a line feed
    subwords.npy  the rows of n-grams, if there are any
    summary.json  rows, size, the unknown vector, and what a check needs

The folder gets its name only when it is whole.
"""

import contextlib
import json
import os
import shutil
import uuid
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from keras_wembed.errors import FormatError
from keras_wembed.report import Report
from keras_wembed.subwords import Subwords

Floats = NDArray[np.floating[Any]]
Parts = tuple[
    tuple[str, ...],
    Floats,
    Floats | None,
    Report,
    Subwords | None,
    dict[str, Any],
]

VERSION = 1
FILES = {"matrix.npy", "tokens.txt", "subwords.npy", "summary.json"}
PROBES, PROBE = 64, 4096  # how many places of the matrix `load` looks at; bytes each
CHUNK = 1 << 24  # bytes of a matrix copied at a time


@contextlib.contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new empty folder that takes the place of `folder` if all goes well."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}-{uuid.uuid4().hex[:8]}")
    old = fresh.with_name(f"{fresh.name}.old")
    fresh.mkdir()
    try:
        yield fresh
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


class Writer:
    """Fills a folder block by block, so that no table is ever held whole."""

    def __init__(self, folder: Path, size: int, dtype: Any = np.float32) -> None:
        self._folder, self._size, self._dtype = folder, size, np.dtype(dtype)
        self._rows, self._crc, self._sum = 0, 0, np.zeros(size, np.float64)
        self._matrix = (folder / "matrix.npy").open("wb")
        self._tokens = (folder / "tokens.txt").open("wb")
        self._write_header()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._matrix.close()
        self._tokens.close()

    @property
    def mean(self) -> Floats | None:
        """The mean of all rows so far; None without any."""
        return (self._sum / self._rows).astype(self._dtype) if self._rows else None

    def append(self, tokens: Sequence[str], rows: Floats) -> None:
        """Adds tokens and their rows."""
        text = "\n".join([*tokens, ""])
        if text.count("\n") > len(tokens):
            raise ValueError("A token that is saved must not hold a line feed.")
        self._tokens.write(text.encode())
        data = np.ascontiguousarray(rows, self._dtype)
        raw = data.view(np.uint8).ravel().data if data.size else b""
        self._matrix.write(raw)
        self._crc = zlib.crc32(raw, self._crc)
        with np.errstate(over="ignore", invalid="ignore"):
            self._sum += data.sum(0, dtype=np.float64)
        self._rows += len(tokens)

    def finish(self, unknown: Floats | None, report: Report, **facts: Any) -> None:
        """Writes the summary, with any facts of the caller's own."""
        self._write_header()
        self._matrix.flush()
        self._tokens.flush()
        facts |= {
            "version": VERSION,
            "rows": self._rows,
            "size": self._size,
            "unknown": None if unknown is None else [float(x) for x in unknown],
            "report": asdict(report),
            "matrix_crc": self._crc,
            "check": _check(self._folder),
        }
        (self._folder / "summary.json").write_text(_sealed(facts))

    def _write_header(self) -> None:
        # As long before as after: NumPy leaves room for the first axis to grow.
        self._matrix.seek(0)
        header = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (self._rows, self._size),
        }
        np.lib.format.write_array_header_1_0(self._matrix, header)


def save(
    folder: str | PathLike[str],
    tokens: Sequence[str],
    matrix: Floats,
    unknown: Floats | None,
    report: Report,
    subwords: Subwords | None = None,
    encoder_options: Mapping[str, Any] | None = None,
) -> None:
    """Writes a whole folder, in place of an older one.

    Raises:
        ValueError: If something else than saved vectors is there.
    """
    check_place(folder)
    step = max(1, CHUNK // max(1, matrix.shape[1] * matrix.itemsize))
    with (
        replacing(Path(folder).absolute()) as fresh,
        Writer(fresh, matrix.shape[1], matrix.dtype) as writer,
    ):
        for start in range(0, len(tokens), step):
            rows = slice(start, start + step)
            writer.append(tokens[rows], matrix[rows])
        facts: dict[str, Any] = {"encoder_options": dict(encoder_options or {})}
        if subwords is not None:
            facts["subwords"] = subwords.save(fresh)
        writer.finish(unknown, report, **facts)


def check_place(folder: str | PathLike[str]) -> None:
    """Refuses a place where saving would delete what is not saved vectors.

    Raises:
        ValueError: If a file is there, or a folder that holds anything else.
    """
    place = Path(folder)
    if not place.exists():
        return
    if not place.is_dir():
        raise ValueError(f"{place} must be a folder, or not exist. Got a file.")
    if odd := sorted({path.name for path in place.iterdir()} - FILES):
        raise ValueError(
            f"{place} must be empty or hold saved vectors. Got {odd[0]!r} in it. "
            "Take another folder."
        )


def summary(folder: Path) -> dict[str, Any]:
    """The summary of a folder, after a cheap check that the rest is whole.

    Raises:
        FormatError: If a file is missing, cut or changed.
    """
    try:
        text = (folder / "summary.json").read_text()
        found: dict[str, Any] = json.loads(text)
        whole = _sealed(found) == text and found["version"] == VERSION
        whole = whole and found["check"] == _check(folder)
        if whole and "subwords" in found:
            whole = Subwords.is_whole(folder, found["subwords"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FormatError(f"{folder} must hold saved vectors. {error}") from error
    if not whole:
        raise FormatError(
            f"{folder} must hold the vectors that were saved. It was changed or cut: "
            "save them again."
        )
    return found


def load(folder: str | PathLike[str]) -> Parts:
    """What `WordVectors` is made of; the matrix is memory-mapped."""
    folder = Path(folder)
    facts = summary(folder)
    tokens = tuple((folder / "tokens.txt").read_bytes().decode().split("\n")[:-1])
    # A memmap of no bytes is refused by the operating system.
    mode: Any = "r" if facts["rows"] and facts["size"] else None
    matrix = np.asarray(np.load(folder / "matrix.npy", mode, allow_pickle=False))
    unknown = facts["unknown"]
    if unknown is not None:
        unknown = np.array(unknown, matrix.dtype)
    counts = facts["report"]
    return (
        tokens,
        matrix,
        unknown,
        Report(**counts | {"missing": tuple(counts["missing"])}),
        Subwords.load(folder, facts["subwords"]) if "subwords" in facts else None,
        facts.get("encoder_options", {}),
    )


def damaged(folder: Path) -> bool:
    """Whether the matrix differs anywhere from what was written; reads all of it."""
    crc = 0
    with (folder / "matrix.npy").open("rb") as file:
        np.lib.format.read_magic(file)
        np.lib.format.read_array_header_1_0(file)
        while chunk := file.read(CHUNK):
            crc = zlib.crc32(chunk, crc)
    return bool(crc != summary(folder)["matrix_crc"])


def _sealed(facts: dict[str, Any]) -> str:
    """The facts as JSON, with a checksum of themselves."""
    facts = {key: value for key, value in facts.items() if key != "seal"}
    text = json.dumps(facts, sort_keys=True)
    return json.dumps(facts | {"seal": zlib.crc32(text.encode())}, sort_keys=True)


def _check(folder: Path) -> dict[str, int]:
    """What tells a whole folder from a damaged one, in milliseconds at any size."""
    tokens = (folder / "tokens.txt").read_bytes()
    crc = 0
    with (folder / "matrix.npy").open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        for place in np.linspace(0, max(0, size - PROBE), PROBES).astype(int):
            file.seek(int(place))
            crc = zlib.crc32(file.read(PROBE), crc)
    return {"tokens": zlib.crc32(tokens), "matrix_bytes": size, "probes": crc}
