"""The rows of a layer while its model is exported."""

import threading
from typing import Any

import tensorflow as tf

from keras_wembed.lookup import lookup
from keras_wembed.serving.feed import Feed, key


class ServedRows:
    """Gives the vectors of ids, without what only training needs.

    To other threads than that which makes it, it gives them as the layer does.

    Args:
        layer: An `EmbeddingLayer` whose rows are one variable.
        feed: Of the signature that is traced.
    """

    def __init__(self, layer: Any, feed: Feed):
        self._layer, self._feed = layer, feed
        self._thread = threading.get_ident()

    def __call__(self, ids: tf.Tensor) -> tf.Tensor:
        if threading.get_ident() != self._thread:
            return type(self._layer)._vectors(self._layer, ids)
        # Read as a whole, for no write can follow that would copy it then. One gather
        # from the variable itself, anywhere, would make each read a copy.
        (variable,) = self._layer._blocks.variables
        table = tf.convert_to_tensor(variable.value)
        if key(ids) in self._feed.encoded:
            # Padding is at -1, which is nowhere, and becomes zeros.
            places = tf.expand_dims(ids - 1, -1)
            vectors = tf.gather_nd(table, places, bad_indices_policy="IGNORE")
        else:
            vectors = lookup(table, ids, n=self._layer.n)
        return tf.cast(vectors, self._layer.dtype_policy.compute_dtype)
