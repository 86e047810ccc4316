"""fastText's binary models: tokens, their rows and the rows of n-gram buckets.

    int32    793712314, the version 12, then 12 settings and a float64
    int32    tokens and labels, tokens, labels; int64 tokens read, -1
    tokens   bytes ended by 0, int64 count, int8 kind: 0 for a token, 1 for a label
    bool     whether the rows are quantized; int64 rows, size; then float32 rows

All little-endian. What follows, the output rows, is for training only.
"""

import struct
from typing import BinaryIO

import numpy as np

from keras_wembed.errors import FormatError
from keras_wembed.formats.rows import Floats
from keras_wembed.subwords import Subwords

MAGIC = struct.pack("<i", 793712314)
_CHUNK = 1 << 22


class Stream:
    """The bytes of a file in order, and what they mean."""

    def __init__(self, file: BinaryIO, name: str):
        self._file, self._name = file, name
        self._buffer, self._at = b"", 0

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if self._at + count > len(self._buffer):
            self._fill(count)
        self._at += count
        return self._buffer[self._at - count : self._at]

    def _fill(self, count: int) -> None:
        """Has at least `count` bytes at hand."""
        left = self._buffer[self._at :]
        more = self._file.read(max(_CHUNK, count - len(left)))
        self._buffer, self._at = left + more, 0
        if len(self._buffer) < count:
            raise FormatError(f"{self._name} must be a whole model. It ends early.")

    def numbers(self, kinds: str) -> tuple[int, ...]:
        """The next numbers, as `struct` calls their kinds."""
        return struct.unpack(f"<{kinds}", self.take(struct.calcsize(f"<{kinds}")))

    def until_zero(self) -> bytes:
        """The bytes up to the next zero, which is left out."""
        while (end := self._buffer.find(b"\0", self._at)) < 0:
            self._fill(len(self._buffer) - self._at + 1)
        return self.take(end + 1 - self._at)[:-1]

    def rows(self, count: int, size: int) -> Floats:
        """The next rows of float32."""
        matrix = np.empty((count, size), np.float32)
        step = max(1, _CHUNK // (4 * size))
        for start in range(0, count, step):
            some = matrix[start : start + step]
            some[:] = np.frombuffer(self.take(some.nbytes), "<f4").reshape(some.shape)
        return matrix


def read_model(file: BinaryIO, name: str) -> tuple[list[str], Floats, Subwords | None]:
    """The tokens of a model, their vectors, and those of n-grams if it has any.

    Args:
        file: The unpacked bytes.
        name: What messages call it.

    Raises:
        FormatError: If it is no whole model of this kind.
    """
    stream = Stream(file, name)
    if stream.take(4) != MAGIC:
        raise FormatError(f"{name} must be a model of fastText. It starts otherwise.")
    (version,) = stream.numbers("i")
    if version != 12:
        raise FormatError(f"{name} must be of fastText's version 12. Got {version}.")
    size, _, _, _, _, _, _, _, buckets, minn, maxn, _, _ = stream.numbers("12id")
    tokens = _tokens(stream, name)
    quantized, count, width = stream.numbers("?qq")
    if quantized:
        raise FormatError(
            f"{name} must hold plain numbers. They are quantized; use the .bin of the "
            "model, not the .ftz."
        )
    if (count, width) != (len(tokens) + buckets, size):
        raise FormatError(
            f"{name} must hold {len(tokens) + buckets} rows of size {size}, as its "
            f"settings say. Got {count} of size {width}."
        )
    rows = stream.rows(len(tokens), size)
    # Two tokens must not become one.
    texts = [token.decode(errors="backslashreplace") for token in tokens]
    if not buckets or not maxn:
        return texts, rows, None
    subwords = Subwords(stream.rows(buckets, size), minn, maxn)
    ends = [row for row, token in enumerate(tokens) if token == b"</s>"]
    own = rows[ends]  # the end of a sentence has no n-grams
    subwords.composed(tokens, rows)
    rows[ends] = own
    return texts, rows, subwords


def _tokens(stream: Stream, name: str) -> list[bytes]:
    both, tokens, _, _, pruned = stream.numbers("iiiqq")
    found = []
    for _ in range(both):
        found.append(stream.until_zero())
        stream.take(9)  # how often it occurred, and its kind; tokens come first
    if pruned > 0:
        raise FormatError(
            f"{name} must have all its buckets. They are pruned; use the .bin of the "
            "model, not the .ftz."
        )
    return found[:tokens]
