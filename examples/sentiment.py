"""Film reviews as strings in, the chance that they are good out.

Trains on frozen word vectors; saves, loads and exports the model. Run it from a clone:

    python -m examples.sentiment [folder of rt-polarity.pos and .neg] [vectors file]
"""

import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from keras_wembed import EmbeddingLayer, TokenEncoder, WordVectors, zoo


def reviews(folder):
    """Texts and labels: the folder's, or the small set beside this program."""
    if folder is None:
        lines = Path(__file__).with_name("data").joinpath("reviews.tsv").read_text()
        labels, texts = zip(*(x.split("\t") for x in lines.splitlines()), strict=True)
    else:
        texts, labels = [], []
        for label, name in enumerate(["rt-polarity.neg", "rt-polarity.pos"]):
            lines = Path(folder, name).read_text("latin-1").strip().split("\n")
            texts, labels = texts + lines, labels + [label] * len(lines)
    order = np.random.default_rng(1).permutation(len(texts))
    return np.array(texts, object)[order], np.array(labels, "float32")[order]


def model_of(layer):
    inputs = keras.Input((), dtype="string")
    hidden = keras.layers.Bidirectional(keras.layers.GRU(32))(layer(inputs))
    hidden = keras.layers.Dropout(0.3)(hidden)
    return keras.Model(inputs, keras.layers.Dense(1, "sigmoid")(hidden))


def main(folder=None, vectors=None):
    keras.utils.set_random_seed(1)
    texts, labels = reviews(folder)
    if vectors is None:
        layer = zoo.load()
    else:
        found = WordVectors.read(vectors)
        encoder = TokenEncoder(found.tokens)
        layer = EmbeddingLayer.from_vectors(found, input=encoder, trainable=False)
    model = model_of(layer)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    held = len(texts) // 10
    model.fit(texts[held:], labels[held:], epochs=6, verbose=2)
    accuracy = model.evaluate(texts[:held], labels[:held], verbose=0)[1]

    with tempfile.TemporaryDirectory() as place:
        model.save(f"{place}/model.keras")
        model.export(f"{place}/served", verbose=False)
        loaded = keras.models.load_model(f"{place}/model.keras")
        served = tf.saved_model.load(f"{place}/served")
        some = tf.constant(texts[:5].tolist())
        chances = model(some), loaded(some), served.serve(some)
    print(f"accuracy on a held-out tenth: {accuracy:.3f}")
    print("three ways to ask:", *(np.round(chance[0, 0], 6) for chance in chances))
    return accuracy, chances


if __name__ == "__main__":
    main(*sys.argv[1:])
