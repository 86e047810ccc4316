"""The lines of a corpus, from files or from anything that gives lines."""

import gzip
import zlib
from collections.abc import Iterable, Iterator
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

from keras_wembed.training.progress import Bar

Corpus = str | PathLike[str] | Iterable[str] | Iterable[PathLike[str]]

LONGEST = 1 << 20  # bytes; a longer line is cut, so that no line fills the memory
GZIP = b"\x1f\x8b"


class Lines:
    """The lines of a corpus, one pass over it.

    Args:
        corpus: The path of a text file, plain or compressed by gzip; several, as
            `Path` objects; or lines of text.

    Raises:
        TypeError: If the corpus is none of these.
    """

    def __init__(self, corpus: Corpus):
        self.done = 0  # bytes of the files, or lines
        self.paths, self._lines = _sort_out(corpus)
        sizes = [path.stat().st_size for path in self.paths]
        self.total = sum(sizes) if sizes else None

    def __iter__(self) -> Iterator[bytes]:
        for path in self.paths:
            yield from self._of_file(path)
        for line in self._lines:
            if not isinstance(line, str):
                raise TypeError(f"A line must be str. Got {type(line).__name__}.")
            yield from line.encode(errors="replace").splitlines()
            self.done += 1

    @property
    def identity(self) -> list[Any] | None:
        """What tells this corpus from another, without reading all of it.

        Name, size and a checksum of both ends of each file; of lines in a list, a
        checksum of them all. None of lines that come only once.
        """
        if isinstance(self._lines, list | tuple) and self._lines:
            text = "\n".join(map(str, self._lines))
            return [zlib.crc32(text.encode(errors="replace"))]
        files = [[path.name, path.stat().st_size, _ends(path)] for path in self.paths]
        return files or None

    def telling(self, tell: Bar) -> Iterator[bytes]:
        """The lines; `tell` is told of each how far that is."""
        for line in self:
            yield line
            tell(self.done)

    def _of_file(self, path: Path) -> Iterator[bytes]:
        before = self.done
        with path.open("rb") as raw:
            is_gzip = raw.peek(2)[:2] == GZIP
            text = gzip.GzipFile(fileobj=raw) if is_gzip else raw
            for line in _pieces(text):
                yield line
                self.done = before + raw.tell()


def _ends(path: Path) -> int:
    """A checksum of the first and the last MiB of a file."""
    with path.open("rb") as file:
        start = file.read(1 << 20)
        file.seek(max(0, path.stat().st_size - (1 << 20)))
        return zlib.crc32(file.read(), zlib.crc32(start))


def _sort_out(corpus: Corpus) -> tuple[list[Path], Iterable[str]]:
    """The files of a corpus, and its lines."""
    if isinstance(corpus, str | PathLike):
        return [Path(corpus)], ()
    if isinstance(corpus, bytes) or not isinstance(corpus, Iterable):
        raise TypeError(
            "corpus must be a path, several Path objects, or lines of text. "
            f"Got {type(corpus).__name__}."
        )
    items: Iterator[Any] = iter(corpus)
    first = next(items, "")
    every = chain([first], items)
    if isinstance(first, PathLike):
        return [Path(path) for path in every], ()
    return [], corpus if isinstance(corpus, list | tuple) else every


def _pieces(text: BinaryIO | gzip.GzipFile) -> Iterator[bytes]:
    """Lines, those that are too long cut at a blank."""
    rest = b""
    while read := text.readline(LONGEST):
        piece = rest + read
        goes_on = len(read) == LONGEST and not read.endswith(b"\n")
        cut = piece.rfind(b" ") if goes_on else -1
        head, rest = (piece[:cut], piece[cut:]) if cut > 0 else (piece, b"")
        yield head
    if rest:
        yield rest
