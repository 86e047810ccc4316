"""Film reviews as strings in, the chance that they are good out.

Trains on frozen word vectors; saves, loads and exports the model. From a clone:
    python -m examples.sentiment [folder of rt-polarity.pos and .neg] [vectors file]
"""

import sys
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from keras_wembed import EmbeddingLayer, Pooling, TokenEncoder, WordVectors, zoo

SMALL = Path(__file__).with_name("data")  # a few sentences, to see it run


def reviews(folder):
    """Texts, and 1 for the good ones."""
    files = [Path(folder, f"rt-polarity.{kind}") for kind in ("neg", "pos")]
    bad, good = (file.read_text("latin-1").strip().split("\n") for file in files)
    labels = np.repeat([0.0, 1.0], [len(bad), len(good)])
    order = np.random.default_rng(1).permutation(len(labels))
    return np.array(bad + good, object)[order], labels[order]


def layer_of(vectors):
    encoder = TokenEncoder(vectors.tokens, split="treebank")
    return EmbeddingLayer.from_vectors(vectors, input=encoder, trainable=False)


def main(folder=SMALL, vectors=None, place=None, epochs=4):
    keras.utils.set_random_seed(1)
    texts, labels = reviews(folder)
    held = len(texts) // 10
    inputs = keras.Input((), dtype="string")
    layer = layer_of(WordVectors.read(vectors)) if vectors else zoo.load()
    gru = keras.layers.Bidirectional(keras.layers.GRU(32, return_sequences=True))
    hidden = Pooling("mean")(gru(layer(inputs)))
    model = keras.Model(inputs, keras.layers.Dense(1, "sigmoid")(hidden))
    model.compile(keras.optimizers.Adam(5e-3), "bce", metrics=["accuracy"])
    model.fit(texts[held:], labels[held:], batch_size=64, epochs=epochs, verbose=2)
    accuracy = model.evaluate(texts[:held], labels[:held], verbose=0)[1]

    place = place or tempfile.mkdtemp()
    model.save(f"{place}/model.keras")
    model.export(f"{place}/served", verbose=False)
    loaded = keras.models.load_model(f"{place}/model.keras")
    served = tf.saved_model.load(f"{place}/served")
    ways, some = (model, loaded, served.serve), tf.constant(texts[:5].tolist())
    chances = [np.ravel(ask(some)) for ask in ways]
    print(f"accuracy on a held-out tenth: {accuracy:.3f}")
    print("three ways to ask:", *(chance[0].round(6) for chance in chances))
    return accuracy, chances


if __name__ == "__main__":
    main(*sys.argv[1:])
