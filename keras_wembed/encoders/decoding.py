"""Ids as Python has them, and what stands for them in the same nesting."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from keras_wembed.inputs import as_tensor


def listed(ids: Any, *, n: int) -> Any:
    """An int or nested lists of ints, each of them 0 or an id.

    Args:
        ids: As for an `EmbeddingLayer`.
        n: The largest id.

    Raises:
        TypeError: If ids are no integers.
        ValueError: If one is neither 0 nor in 1..n.
    """
    ids = as_tensor(ids)
    if not ids.dtype.is_integer:
        raise TypeError(f"ids must be integers. Got {ids.dtype.name}.")
    flat = ids.flat_values if isinstance(ids, tf.RaggedTensor) else ids
    for id in flat.numpy().ravel().tolist():
        if not 0 <= id <= n:
            raise ValueError(f"ids must be in 1..{n}, or 0 for padding. Got {id}.")
    return ids.to_list() if isinstance(ids, tf.RaggedTensor) else ids.numpy().tolist()


def decoded(ids: Any, token_of: Callable[[int], Any]) -> Any:
    """What `token_of` gives for each id, nested as they are.

    Args:
        ids: An int, or nested lists of them.
        token_of: The token of an id, or None if there is nothing to show. 0 shows
            nothing.
    """
    if isinstance(ids, int):
        return token_of(ids) if ids else None
    tokens = (decoded(id, token_of) for id in ids)
    return [token for token in tokens if token is not None]
