"""A layer of five rows, and a model of it: text in, one number out."""

import keras
import numpy as np

from keras_wembed import EmbeddingLayer, TokenEncoder, WordVectors

ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
VECTORS = WordVectors(list("abcd"), ROWS[:4], unknown=ROWS[4])


def text_layer(**arguments):
    """Rows 2 and 5 are new: "x" has no vector, and row 5 is for unknown tokens."""
    encoder = TokenEncoder(["a", "x", "c", "d"])
    return EmbeddingLayer.from_vectors(VECTORS, input=encoder, **arguments)


def model_of(layer):
    texts = keras.Input((), dtype="string")
    hidden = keras.layers.GlobalAveragePooling1D()(layer(texts))
    return keras.Model(texts, keras.layers.Dense(1)(hidden))
