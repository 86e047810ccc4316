"""The rows of n-grams in a layer, for tokens without a row of their own."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from keras_wembed.encoders.ngrams import NGrams
from keras_wembed.subwords import Subwords


class SubwordBlock:
    """Rows of n-gram buckets, which training leaves as they are.

    Args:
        subwords: `Subwords`; or what `get_config` gave, for rows that a file brings.
    """

    def __init__(self, subwords: Subwords | Mapping[str, int]):
        self._matrix = subwords.matrix if isinstance(subwords, Subwords) else None
        given = subwords if isinstance(subwords, Mapping) else _config(subwords)
        self.ngrams = NGrams(**given)
        self.rows: Any = None

    def subwords(self) -> Subwords:
        """The rows and their n-grams, as another layer may start with them."""
        return Subwords(np.asarray(self.rows), self.ngrams.minn, self.ngrams.maxn)

    def build(self, size: int, add_weight: Callable[..., Any]) -> None:
        """Makes the rows."""
        matrix, self._matrix = self._matrix, None  # held once, as a variable
        if matrix is not None and matrix.shape[1] != size:
            raise ValueError(
                f"subwords must be of the layer's size, {size}. Got {matrix.shape[1]}."
            )
        self.rows = add_weight(
            name="subwords",
            shape=(self.ngrams.buckets, size),
            initializer="zeros"
            if matrix is None
            else lambda shape, dtype: tf.cast(matrix, dtype),
            trainable=False,
        )

    def put(self, vectors: Any, ids: Any, n: int, buckets: tf.RaggedTensor) -> Any:
        """The vectors, with those of n-grams where an id is n.

        Args:
            vectors: The vectors of `ids`.
            ids: Dense or ragged.
            n: The id of unknown tokens.
            buckets: A row for each of these, in their order.
        """
        found = tf.gather(self.rows.value, buckets.values)
        found = tf.cast(found, vectors.dtype)
        rows = buckets.value_rowids(), buckets.nrows()
        means = tf.math.unsorted_segment_mean(found, *rows)  # zeros without n-grams

        def replaced(vectors: tf.Tensor, ids: tf.Tensor) -> tf.Tensor:
            at = tf.where(tf.equal(ids, n))
            return tf.tensor_scatter_nd_update(vectors, at, means)

        return tf.ragged.map_flat_values(replaced, vectors, ids)

    def get_config(self) -> dict[str, int]:
        """What makes a block like this one, its rows apart."""
        return {
            "minn": self.ngrams.minn,
            "maxn": self.ngrams.maxn,
            "buckets": self.ngrams.buckets,
        }


def _config(subwords: Subwords) -> dict[str, int]:
    buckets = len(subwords.matrix)
    return {"minn": subwords.minn, "maxn": subwords.maxn, "buckets": buckets}
