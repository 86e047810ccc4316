"""The rows of n-grams in a layer, for tokens without a row of their own."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from keras_wembed import saved
from keras_wembed.encoders.ngrams import NGrams
from keras_wembed.keeping import Keeping
from keras_wembed.rows import Rows
from keras_wembed.subwords import Subwords


class SubwordBlock:
    """Rows of n-gram buckets, which training leaves as they are.

    Args:
        subwords: `Subwords`; the block of another layer; or what `get_config` gave, for
            rows that a file brings.
    """

    def __init__(self, subwords: "Subwords | SubwordBlock | Mapping[str, int]"):
        self._matrix: Any = None
        if isinstance(subwords, Subwords):
            self._matrix = subwords.matrix
            subwords = _config(subwords)
        elif isinstance(subwords, SubwordBlock):
            self._matrix = subwords.block.part()
            subwords = subwords.get_config()
        self.ngrams = NGrams(**subwords)
        self.block: Any = None

    def build(self, size: int, keeping: Keeping) -> None:
        """Makes the rows, of a size."""
        matrix, self._matrix = self._matrix, None  # held once, as a variable
        if matrix is None:
            self.block = keeping.block("subwords", (self.ngrams.buckets, size))
            return
        if matrix.shape[1] != size:
            raise ValueError(
                f"subwords must be of the layer's size, {size}. Got {matrix.shape[1]}."
            )
        self.block = keeping.filled(matrix, "subwords")

    @property
    def variables(self) -> list[Any]:
        """The variables that hold the rows."""
        return [] if self.block is None else self.block.variables

    def subwords(self) -> Subwords:
        """A copy of the rows as floats, and what n-grams they are of."""
        matrix = np.array(self.block.all())
        return Subwords(matrix, self.ngrams.minn, self.ngrams.maxn)

    def check(self, keeping: Keeping) -> None:
        """Checks that the rows can be kept in another way."""
        keeping.check(self.block.part())

    def keep(self, keeping: Keeping) -> list[Any]:
        """Keeps the rows in another way; gives the variables that held them."""
        old = self.variables
        self.block = keeping.filled(self.block.part(), "subwords")
        return old

    def save_to(self, store: Any) -> None:
        """Writes the rows into a store of a Keras file."""
        if self.block is not None:
            self.block.save(store, "subwords")

    def load_from(self, store: Any) -> None:
        """Undoes `save_to`."""
        if self.block is not None:
            rows = Rows((saved.part(store, "subwords"),))
            shape = tuple(self.block.variables[0].shape)
            self.block.fill(rows.checked("subwords", shape))

    def put(self, vectors: Any, ids: Any, n: int, buckets: tf.RaggedTensor) -> Any:
        """The vectors, with those of n-grams where an id is n.

        Args:
            vectors: The vectors of `ids`.
            ids: Dense or ragged.
            n: The id of unknown tokens.
            buckets: A row for each of these, in their order.
        """
        found = tf.cast(self.block.gather(buckets.values), vectors.dtype)
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
