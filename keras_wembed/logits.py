"""From vectors back to ids."""

from string import ascii_uppercase
from typing import Any

import tensorflow as tf


def logits(vectors: Any, table: Any, *, dtype: str) -> Any:
    """The products of vectors with each row of a table.

    Args:
        vectors: Floats, dense or ragged.
        table: The rows. They are read as a whole.
        dtype: That of the computation.

    Shapes:
        vectors: `(..., size)`
        table: `(n, size)`
        returns: `(..., n)`; column i - 1 is id i

    Raises:
        TypeError: If `vectors` are no floats.
        ValueError: If they are of another size.
    """
    kind = tf.as_dtype(vectors.dtype)
    if not kind.is_floating:
        raise TypeError(f"vectors must be floats with reverse=True. Got {kind.name}.")
    size = vectors.shape[-1] if vectors.shape.rank else "a single number"
    if size != table.shape[1]:
        raise ValueError(
            f"vectors must have the size {table.shape[1]} with reverse=True. "
            f"Got {size}."
        )
    rows = tf.cast(tf.convert_to_tensor(table), dtype)
    return tf.ragged.map_flat_values(
        lambda flat: _products(tf.cast(flat, dtype), rows), vectors
    )


def _products(vectors: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    # By letters: what makes ONNX of it knows no "...".
    outer = ascii_uppercase[: vectors.shape.rank - 1]
    return tf.einsum(f"{outer}s,ns->{outer}n", vectors, rows)
