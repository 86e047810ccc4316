"""How often the token of each row of a layer occurs."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_wembed.encoders.counting import batches
from keras_wembed.ports import port_of

Shares = NDArray[np.float64]


def shares(frequencies: Any, form: Any, n: int) -> Shares:
    """What share of all tokens is that of each row; 0 for rows of unknown tokens.

    These stand for many different tokens, each of which is rare.

    Args:
        frequencies: A dict from tokens to counts, texts to count in, or None for Zipf's
            law; see `SIF`.
        form: What the layer takes: its encoder, or another `input` of its.
        n: How many rows it has.

    Shapes:
        returns: `(n,)`

    Raises:
        ValueError: If a count is negative, or all are 0.
    """
    port: Any = port_of(form)
    # Without an encoder a row's token is its id.
    tokens = range(1, n + 1) if port.encoder is None else port.adapter.row_tokens()
    is_known = np.array([token is not None for token in tokens])
    if frequencies is None:
        counts = is_known / np.maximum(1, np.cumsum(is_known))
        total = counts.sum()
    elif isinstance(frequencies, Mapping):
        fold = getattr(port.encoder, "ignore_case", False)
        counts, total = _of_mapping(frequencies, tokens, fold)
    else:
        counts = _of_texts(frequencies, port, n)
        total = counts.sum()
    if not total:
        raise ValueError("frequencies must count at least one token. Got none.")
    return is_known * counts / total


def _of_mapping(
    mapping: Mapping[Any, float], tokens: Sequence[Any], fold: bool
) -> tuple[Shares, float]:
    """The counts of tokens, and that of all."""
    row: dict[Any, int] = {}
    for at, token in enumerate(tokens):
        row.setdefault(_folded(token, fold), at)
    counts = np.zeros(len(tokens))
    for token, count in mapping.items():
        if not count >= 0:
            raise ValueError(f"counts must be at least 0. Got {count} for {token!r}.")
        if (folded := _folded(token, fold)) in row:
            counts[row[folded]] += count
    return counts, sum(mapping.values())


def _folded(token: Any, fold: bool) -> Any:
    return token.lower() if fold and isinstance(token, str) else token


def _of_texts(texts: Any, port: Any, n: int) -> Shares:
    """The counts of the ids of texts."""
    counts = np.zeros(n + 1)
    for batch in batches(texts):
        ids = port.ids(batch, "auto", n=n, hint="")
        flat = ids.flat_values if isinstance(ids, tf.RaggedTensor) else ids
        counts += np.bincount(np.ravel(flat), minlength=n + 1)
    return counts[1:]
