"""From strings and labels to a folder that TensorFlow Serving serves.

Classifies questions by what they ask for; prints how to start the server, which
`examples.client` asks. From a clone:
    python -m examples.serve [served/questions]
"""

import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import keras_wembed as kw

QUESTIONS = Path(__file__).with_name("data") / "TREC.train.all"
KINDS = ("abbreviation", "entity", "description", "human", "place", "number")
START = """\
Start the server:
    docker run -p 8500:8500 -p 8501:8501 -v "{path}:/models/{path.name}" \\
        tensorflow/serving --model_config_file=/models/{path.name}/models.config
Ask it:
    python -m examples.client {path.name} "How tall is Mount Everest ?"
"""


@keras.saving.register_keras_serializable("examples")
class Named(keras.layers.Layer):
    """The likeliest kind by its name, and how likely it is."""

    def call(self, chances):
        best = tf.gather(tf.constant(KINDS), tf.argmax(chances, 1))
        return {"kind": best, "probability": tf.reduce_max(chances, 1)}

    def compute_output_spec(self, chances):
        one = keras.KerasTensor(chances.shape[:1], "float32")
        kind = keras.KerasTensor(chances.shape[:1], "string")
        return {"kind": kind, "probability": one}


def main(folder="served/questions"):
    lines = QUESTIONS.read_text("latin-1").splitlines()
    kinds, texts = zip(*(line.split(" ", 1) for line in lines), strict=True)
    text = keras.Input((), dtype="string", name="text")
    pooled = kw.Pooling("mean")(kw.zoo.load()(text))
    chances = keras.layers.Dense(len(KINDS), "softmax")(pooled)
    model = keras.Model(text, chances)
    model.compile(keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy")
    model.fit(np.array(texts, object), np.array(kinds, int), epochs=30, verbose=0)

    served = keras.Model(text, Named()(chances))
    path = kw.export(served, folder, warmup=texts[:2]).parent.resolve()
    print(START.format(path=path))
    return served, path


if __name__ == "__main__":
    main(*sys.argv[1:])
