"""A corpus as a file of ids, made in one pass, and the vocabulary found on the way."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_wembed.training.progress import Bar

Split = Callable[[tf.Tensor], tf.RaggedTensor]

BATCH = 1 << 20  # bytes of text that are split at once
END = 0  # stands behind each line


@dataclass(frozen=True)
class Stream:
    """A corpus as ids: 1..n in the order in which the tokens were first seen.

    Args:
        tokens: The token of each id.
        counts: How often each stands in the corpus.
        ids: The corpus, mapped into memory; 0 ends a line.

    Shapes:
        counts: `(n,)`
        ids: `(tokens and lines of the corpus,)`
    """

    tokens: tuple[str, ...]
    counts: NDArray[np.int64]
    ids: NDArray[np.int32]

    @classmethod
    def write(cls, folder: Path, lines: Iterable[bytes], split: Split) -> None:
        """Reads a corpus once and keeps it in a folder."""
        known: defaultdict[bytes, int] = defaultdict(lambda: len(known) + 1)
        counts = np.zeros(1, np.int64)
        with (folder / "stream.bin").open("wb") as file:
            for words, lengths in _split(lines, split):
                ids = np.fromiter(map(known.__getitem__, words), np.int32, len(words))
                more = np.bincount(ids, minlength=len(known) + 1)
                more[: len(counts)] += counts
                counts = more
                file.write(np.insert(ids, np.cumsum(lengths), END).tobytes())
        np.save(folder / "stream-counts.npy", counts[1:])
        (folder / "stream-tokens.txt").write_bytes(b"".join(t + b"\n" for t in known))

    @classmethod
    def open(cls, folder: Path) -> "Stream":
        """The corpus that `write` kept in a folder."""
        tokens = (folder / "stream-tokens.txt").read_bytes().decode().split("\n")[:-1]
        counts = np.load(folder / "stream-counts.npy")
        empty = (folder / "stream.bin").stat().st_size == 0
        ids = (
            np.empty(0, np.int32)
            if empty
            else np.memmap(folder / "stream.bin", np.int32, mode="r")
        )
        return cls(tuple(tokens), counts, ids)

    def chunks(self, length: int, tell: Bar) -> Iterator[NDArray[np.int32]]:
        """Parts of `length` ids or a little more or less, each of whole lines."""
        start = 0
        while start < len(self.ids):
            part = self.ids[start : start + length]
            size = len(part) - int(np.argmax(part[::-1] == END))
            yield np.asarray(part[:size])
            start += size
            tell(start)


def _split(
    lines: Iterable[bytes], split: Split
) -> Iterator[tuple[list[bytes], NDArray[np.int64]]]:
    """The tokens of some lines at a time, and how many each line has."""
    for batch in _batches(lines):
        tokens = split(tf.constant(batch))
        yield tokens.flat_values.numpy().tolist(), tokens.row_lengths().numpy()


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
