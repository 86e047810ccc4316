"""word2vec's binary format: a token, a blank, then little-endian float32 numbers."""

from collections.abc import Iterable, Iterator

import numpy as np

from keras_wembed.formats.rows import BadRows, Block


def binary_blocks(chunks: Iterable[bytes], size: int, bad: BadRows) -> Iterator[Block]:
    """The rows of a binary file without its header.

    Args:
        chunks: The bytes, cut anywhere.
        size: Numbers per row.
        bad: Told of rows that cannot be read.
    """
    width, row, kept = 4 * size, 1, b""
    for chunk in chunks:
        data = kept + chunk
        tokens, numbers, place = [], [], 0
        while (cut := data.find(b" ", place)) >= 0 and cut + 1 + width <= len(data):
            # Google's file ends each row with a line feed, gensim's does not.
            tokens.append(data[place:cut].lstrip(b"\n"))
            place = cut + 1 + width
            numbers.append(data[cut + 1 : place])
        kept = data[place:]
        yield finite(tokens, b"".join(numbers), size, bad, row)
        row += len(tokens)
    if kept.strip(b"\n"):
        bad.found(
            f"row {row}",
            f"a row must be a token and {size} numbers. The file ends in it.",
        )


def finite(
    tokens: list[bytes], numbers: bytes, size: int, bad: BadRows, row: int
) -> Block:
    """The rows that have a token and finite numbers."""
    rows = np.frombuffer(numbers, "<f4").reshape(len(tokens), size)
    good = np.isfinite(rows).all(1) & np.array([bool(t) for t in tokens], bool)
    for place in np.flatnonzero(~good).tolist():
        what = "is not finite." if tokens[place] else "has no token."
        rule = f"a row must be a token and {size} finite numbers."
        bad.found(f"row {row + place}", f"{rule} This one {what}")
    if good.all():
        return Block(tokens, rows)
    kept = [token for token, is_good in zip(tokens, good, strict=True) if is_good]
    return Block(kept, rows[good])
