"""A text model on a device without TensorFlow: in LiteRT, and in ONNX Runtime.

Trains on film reviews, exports the model twice, asks both files. From a clone:
    pip install ".[onnx]" ai-edge-litert onnxruntime
    python -m examples.edge
"""

import tempfile
from pathlib import Path

import keras
import numpy as np
import onnxruntime
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

import keras_wembed as kw
from examples.sentiment import SMALL, reviews

TEXTS = ["a joy from start to finish", "dull", "an honest and unforgettable film"]


def trained():
    texts, labels = reviews(SMALL)
    seen = sorted(set(" ".join(texts).lower().split()))
    encoder = kw.TokenEncoder(seen, split="whitespace")
    layer = kw.EmbeddingLayer.from_vectors(kw.zoo.vectors(), input=encoder)
    pool = keras.layers.GlobalAveragePooling1D()
    inputs = keras.Input((), dtype="string")
    model = keras.Model(inputs, keras.layers.Dense(1, "sigmoid")(pool(layer(inputs))))
    model.compile(keras.optimizers.Adam(0.05), "bce")
    model.fit(texts, labels, epochs=9, verbose=0)
    return model, encoder


def ids_of(text, vocabulary):
    """What the device does in its own language: a row each, unknown tokens the last."""
    rows = {token: row for row, token in enumerate(vocabulary, 1)}
    return np.array([[rows.get(t, len(rows) + 1) for t in text.lower().split()]])


def main(place=None):
    place = Path(place or tempfile.mkdtemp())
    model, encoder = trained()
    litert = kw.export(model, place / "reviews.tflite", format="litert")
    onnx = kw.export(model, place / "reviews.onnx", format="onnx")
    run = Interpreter(str(litert)).get_signature_runner("ids")
    session, answers = onnxruntime.InferenceSession(onnx), []
    print("text | Keras | LiteRT | ONNX")
    for text in TEXTS:
        ids = ids_of(text, encoder.vocabulary)
        outputs = [model(tf.constant([text])), run(ids=ids)["output"]]
        outputs += session.run(["output"], {"ids": ids})
        answers.append([float(np.ravel(output)[0]) for output in outputs])
        print(text, *(f"{answer:.6f}" for answer in answers[-1]), sep=" | ")
    return answers


if __name__ == "__main__":
    main()
