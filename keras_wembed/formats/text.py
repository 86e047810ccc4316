"""GloVe and word2vec text: a token and its numbers, parted by single blanks.

Only U+0020 parts fields and only a line feed ends a line, for tokens may hold U+00A0,
U+0085 or U+2028; hence bytes, never `str.split` or `str.splitlines`. Fields are counted
from the right, for a token may even hold blanks. fastText ends each line with a blank.
"""

import re
from collections.abc import Iterable, Iterator

import numpy as np
import simdjson

from keras_wembed.errors import FormatError
from keras_wembed.formats.rows import BadRows, Block, Floats

NUMBER = re.compile(rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
NOT_FINITE = re.compile(rb"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
LINE = 1 << 24  # bytes; a row of 300 numbers takes some 3,000
IN_NUMBERS = b"0123456789+-.eE \n"
# Blanks and line ends become commas; what is in no number becomes what JSON refuses.
TO_JSON = bytes(
    ord(",") if byte in b" \n" else byte if byte in IN_NUMBERS else ord("!")
    for byte in range(256)
)


def text_blocks(
    chunks: Iterable[bytes], size: int, bad: BadRows, line: int = 1
) -> Iterator[Block]:
    """The rows of a text without its header.

    Args:
        chunks: The bytes, cut anywhere.
        size: Numbers per row.
        bad: Told of rows that cannot be read.
        line: The number of the first line, for messages.
    """
    for whole in whole_lines(chunks, bad.file):
        block = regular(whole, size)
        if block is None:
            text = plain(whole)
            block = regular(text, size) or irregular(text, size, bad, line)
            line += whole.count(b"\n")
        else:
            line += len(block.tokens)
        yield block


def whole_lines(chunks: Iterable[bytes], file: str) -> Iterator[bytes]:
    """The same bytes, cut at line ends only; the last line gets one if it has none."""
    kept = b""
    for chunk in chunks:
        end = chunk.rfind(b"\n") + 1
        if end:
            yield kept + chunk[:end]
            kept = chunk[end:]
        else:
            kept += chunk
        if len(kept) > LINE:
            raise FormatError(
                f"{file} must have lines of at most {LINE:,} bytes. Got a longer one."
            )
    if kept:
        yield kept + b"\n"


def plain(text: bytes) -> bytes:
    """Lines without Windows's carriage return and fastText's blank at the end."""
    data = np.frombuffer(text, np.uint8)
    # `b" \n" in text` would stop at each blank, of which there are millions.
    before = set(data[np.flatnonzero(data == ord("\n")) - 1].tolist())
    if ord("\r") in before:
        text = text.replace(b"\r\n", b"\n")
    return text.replace(b" \n", b"\n") if before & {ord(" "), ord("\r")} else text


def regular(text: bytes, size: int) -> Block | None:
    """The rows, fast, if all are well formed and no token holds a blank."""
    data = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    blanks = np.flatnonzero(data == ord(" "))
    if len(blanks) != len(ends) * size:
        return None
    starts = np.concatenate(([0], ends[:-1] + 1))
    cuts, last = blanks[::size], blanks[size - 1 :: size]
    if not ((starts < cuts) & (last < ends)).all():
        return None
    cut, end = cuts.tolist(), ends.tolist()
    tokens = [text[a:b] for a, b in zip(starts.tolist(), cut, strict=True)]
    numbers = [text[a + 1 : b + 1] for a, b in zip(cut, end, strict=True)]
    rows = parsed(b"".join(numbers))
    return None if rows is None else Block(tokens, rows.reshape(len(tokens), size))


def parsed(numbers: bytes) -> Floats | None:
    """The numbers, or None if a field is not one finite number in plain notation."""
    listed = b"[" + numbers[:-1].translate(TO_JSON) + b"]"
    try:
        array = simdjson.Parser().parse(listed)
    except ValueError:
        return None
    assert isinstance(array, simdjson.Array)
    values = np.frombuffer(array.as_buffer(of_type="d"), np.float64)
    with np.errstate(over="ignore"):
        rows = values.astype(np.float32)
    # One empty field alone would be an empty list.
    return rows if len(rows) and np.isfinite(rows).all() else None


def irregular(text: bytes, size: int, bad: BadRows, line: int) -> Block:
    """The rows, line by line, with every check."""
    tokens, rows = [], []
    for number, row in enumerate(text.split(b"\n")[:-1], line):
        fields = row.rsplit(b" ", size)
        if what := complaint(fields, size):
            bad.found(f"line {number}", what)
            continue
        tokens.append(fields[0])
        rows.append([float(field) for field in fields[1:]])
    return Block(tokens, np.array(rows, np.float32).reshape(len(tokens), size))


def complaint(fields: list[bytes], size: int) -> str | None:
    """What is wrong with a row, or None."""
    token, *numbers = fields
    rule = f"a row must be a token and {size} numbers."
    if len(numbers) < size:
        return f"{rule} Got {len(numbers)} numbers."
    for text in numbers:
        if NUMBER.fullmatch(text) and fits(float(text)):
            continue
        kind = (
            "finite number"
            if NUMBER.fullmatch(text) or NOT_FINITE.fullmatch(text)
            else "number"
        )
        return f"{rule} {text.decode(errors='replace')!r} is no {kind}."
    before = token.rsplit(b" ", 1)
    # A token may hold a blank; but a number before the numbers is one too many.
    if len(before) == 2 and NUMBER.fullmatch(before[1]):
        return (
            f"{rule} Got more numbers: {token.decode(errors='replace')!r} stands first."
        )
    return None if token else f"{rule} Got no token."


def fits(value: float) -> bool:
    """Whether a number is finite as a float32."""
    with np.errstate(over="ignore"):
        return bool(np.isfinite(np.float32(value)))
