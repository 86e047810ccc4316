"""How a file of vectors is laid out, found by looking at its first bytes."""

import re
from collections import Counter
from dataclasses import dataclass

from keras_wembed.errors import FormatError
from keras_wembed.formats.text import NUMBER, plain

FORMATS = ("glove", "word2vec-text", "word2vec-binary", "fasttext", "fasttext-model")
PEEK = 1 << 16  # bytes to look at: a row of 300 numbers takes some 3,000
HEADER = re.compile(rb"([0-9]+) ([0-9]+) ?\r?\n")


@dataclass(frozen=True)
class Layout:
    """How a file of vectors is laid out.

    Args:
        format: One of `FORMATS`.
        size: Numbers per row.
        rows: How many rows the header promises. None: there is no header.
        header: Bytes to leave out before the first row.
    """

    format: str
    size: int
    rows: int | None = None
    header: int = 0


def layout(start: bytes, format: str | None, file: str) -> Layout:
    """The layout of a file that starts so.

    Args:
        start: Its first `PEEK` bytes, or all of them.
        format: What the caller says it is. None: to be found.
        file: What messages call it.

    Raises:
        FormatError: If this is no file of vectors, or not of that format.
    """
    if not start:
        raise FormatError(f"{file} must hold at least one row. Got an empty file.")
    header = HEADER.match(start)
    if format == "glove" or not header:
        if format not in (None, "glove"):
            line = start.partition(b"\n")[0][:40]
            raise FormatError(
                f"{file} must start with a line of two numbers, rows and size. "
                f"Got {line!r}."
            )
        return Layout("glove", trailing(start, file))
    rows, size = int(header[1]), int(header[2])
    found = format or with_header(start[header.end() :], size)
    if found == "glove":
        return Layout("glove", trailing(start, file))
    if not size:
        raise FormatError(
            f"{file} must have vectors of at least one number. Got size 0."
        )
    return Layout(found, size, rows, header.end())


def with_header(rest: bytes, size: int) -> str:
    """The format of a file whose first line is two whole numbers."""
    first = rest.split(b"\n")[0]
    if plain(first + b"\n").count(b" ") >= size and numbers_at_end(first) >= size:
        return "fasttext" if first.endswith(b" ") else "word2vec-text"
    # "7 3" may be a token and its number, in a file of vectors of one number.
    is_text = NUMBER.fullmatch(first.rsplit(b" ", 1)[-1].rstrip())
    return "glove" if is_text and size != 1 else "word2vec-binary"


def trailing(start: bytes, file: str) -> int:
    """The size that most of the first rows have: the numbers at their ends."""
    lines = start.split(b"\n")
    whole = lines[:-1] if len(lines) > 1 else lines
    sizes = Counter(filter(None, map(numbers_at_end, whole[:100])))
    if not sizes:
        raise FormatError(
            f"{file} must be a text of tokens and numbers, or word2vec's binary "
            f"format. It starts with {start[:40]!r}."
        )
    return sizes.most_common(1)[0][0]


def numbers_at_end(line: bytes) -> int:
    """How many numbers stand at the end of a line; its first field is never one."""
    fields = plain(line + b"\n")[:-1].split(b" ")[1:]
    count = 0
    while fields and NUMBER.fullmatch(fields.pop()):
        count += 1
    return count
