"""How often each token occurs, in texts that need not fit into memory."""

import gzip
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import tensorflow as tf

from keras_wembed.inputs import as_tensor

_BATCH = 1024  # texts that are split at a time


def counted(texts: Any, *ways: Callable[[tf.Tensor], Any]) -> tuple[Counter[str], ...]:
    """How often each token of texts occurs, for each way to split them.

    Args:
        texts: A list, array, tensor, `tf.data.Dataset` or other iterable of texts, of
            batches of them or of lists of tokens; or the `Path` of a file, plain or
            .gz, with a text in each line.
        *ways: Each gives the tokens of a batch of texts.
    """
    counts: tuple[Counter[str], ...] = tuple(Counter() for _ in ways)
    for batch in batches(texts):
        flat = batch.flat_values if isinstance(batch, tf.RaggedTensor) else batch
        for found, tokenize in zip(counts, ways, strict=True):
            _count(tokenize(tf.reshape(flat, [-1])), found)
    return counts


def _count(tokens: Any, counts: Counter[str]) -> None:
    if isinstance(tokens, tf.RaggedTensor):
        tokens = tokens.flat_values
    unique, _, number = tf.unique_with_counts(tokens)
    for token, count in zip(unique.numpy(), number.numpy().tolist(), strict=True):
        counts[token.decode(errors="replace")] += count


def batches(texts: Any) -> Iterator[Any]:
    """Batches of texts as tensors.

    Args:
        texts: As for `counted`.
    """
    is_path = isinstance(texts, str) and "\0" not in texts and os.path.isfile(texts)
    if is_path or not isinstance(texts, Iterable | os.PathLike | tf.RaggedTensor):
        raise TypeError(
            "texts must be a list of texts, or the Path of a file. "
            f"Got {texts!r} ({type(texts).__name__})."
        )
    if isinstance(texts, os.PathLike):
        texts = lines(texts)
    if isinstance(texts, str | bytes | tf.Tensor | tf.RaggedTensor):
        texts = [texts]
    items = iter(texts)
    while some := list(islice(items, _BATCH)):
        single = all(isinstance(item, str | bytes) for item in some)
        for batch in [some] if single else some:
            yield as_tensor(batch, empty="string")


def lines(path: os.PathLike[str]) -> Iterable[bytes]:
    """The lines of a file, plain or .gz, with what ends them."""
    opened = gzip.open if os.fspath(path).endswith(".gz") else open
    with opened(path, "rb") as file:
        yield from file
