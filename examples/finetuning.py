"""Which rows learn: none, all, or only those of words without a pretrained vector.

Classifies questions by what they ask for; prints accuracy and time. From a clone:
    python -m examples.finetuning [folder of TREC.train.all and TREC.test.all] [vectors]
"""

import sys
import time
from collections import Counter
from pathlib import Path

import keras
import numpy as np

from examples.sentiment import SMALL, layer_of
from keras_wembed import WordVectors, zoo
from keras_wembed.optimizers import LazyOptimizer


def questions(path):
    """Texts, and the kind of each: 0 to 5."""
    lines = path.read_text("latin-1").split("\n")[:-1]
    kinds, texts = zip(*(line.split(" ", 1) for line in lines), strict=True)
    return np.array(texts, object), np.array(kinds, int)


def missing(layer, texts, min_count=2):
    """The tokens that come often enough to learn, and have no row yet."""
    counts = Counter(" ".join(texts).lower().split())
    known = set(layer.encoder.vocabulary)
    return [t for t, n in counts.items() if n >= min_count and t not in known]


def model_of(layer):
    inputs = keras.Input((), dtype="string")
    hidden = keras.layers.Bidirectional(keras.layers.GRU(32))(layer(inputs))
    return keras.Model(inputs, keras.layers.Dense(6, "softmax")(hidden))


def main(folder=SMALL, vectors=None, epochs=8):
    texts, kinds = questions(Path(folder, "TREC.train.all"))
    test = questions(Path(folder, "TREC.test.all"))
    base = layer_of(WordVectors.read(vectors)) if vectors else zoo.load()
    added, results = missing(base, texts), {}
    print(f"{len(texts)} questions, {base.n} rows, {len(added)} added")
    for rows, trainable in {"none": False, "all": True, "new": "new"}.items():
        keras.utils.set_random_seed(1)
        model = model_of(base.extend(added, init="normal", trainable=trainable))
        adam = LazyOptimizer(keras.optimizers.Adam(3e-3))
        model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
        start = time.perf_counter()
        model.fit(texts, kinds, batch_size=64, epochs=epochs, verbose=0)
        took = time.perf_counter() - start
        results[rows] = model.evaluate(*test, verbose=0)[1]
        print(f"{rows:5} rows learn: accuracy {results[rows]:.3f} in {took:.1f} s")
    return results


if __name__ == "__main__":
    main(*sys.argv[1:])
