"""The lines of a corpus, from files or from anything that gives lines."""

import gzip
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
    return [], every


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
