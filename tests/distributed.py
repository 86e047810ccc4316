"""A model of text and of ragged ids, trained under a strategy; run as a process too.

python -m tests.distributed mirrored PLACE
python -m tests.distributed worker PLACE
"""

import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

import keras_wembed as kw

OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(0.1),
    "lazy": lambda: kw.LazyOptimizer("adam"),
}
TEXTS = ["a b", "c", "a a d", "b e e", "e", "d c b a", "", "c a"]
IDS = [[1, 2], [3], [], [2, 2, 1], [3], [1, 3, 2], [1, 2], [3, 1]]


def data():
    labels = np.arange(8.0, dtype="float32").reshape(8, 1)
    inputs = {"text": tf.constant(TEXTS), "ids": tf.ragged.constant(IDS, tf.int64)}
    return tf.data.Dataset.from_tensor_slices((inputs, labels)).batch(4)


def model():
    text = keras.Input((), dtype="string", name="text")
    ids = keras.Input((None,), dtype="int64", ragged=True, name="ids")
    encoder = kw.TokenEncoder(["a", "b", "c", "d"])
    layers = [
        kw.EmbeddingLayer(3, input=encoder, name="words"),
        kw.EmbeddingLayer(2, 3, output="padded", name="tags"),
    ]
    vectors = [layer(each) for layer, each in zip(layers, (text, ids), strict=True)]
    both = keras.layers.Concatenate()([summed(v) for v in vectors])
    return keras.Model({"text": text, "ids": ids}, keras.layers.Dense(1)(both))


def summed(vectors):
    """The sum over tokens: zeros, not NaN, for a text without any."""
    return keras.ops.sum(vectors, axis=1)


def trained(strategy, optimizer):
    """Losses, predictions and weights after two epochs."""
    keras.utils.set_random_seed(1)
    with strategy.scope():
        net = model()
        net.compile(OPTIMIZERS[optimizer](), "mse", metrics=["mae"])
    history = net.fit(data(), epochs=2, shuffle=False, verbose=0).history
    evaluated = net.evaluate(data(), verbose=0)
    predicted = net.predict(data(), verbose=0)
    return [*history.values(), evaluated, predicted, *net.get_weights()]


def main(kind, place):
    if kind == "mirrored":
        cpu = tf.config.list_physical_devices("CPU")[0]
        halves = [tf.config.LogicalDeviceConfiguration()] * 2
        tf.config.set_logical_device_configuration(cpu, halves)
        strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    else:
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    for optimizer in OPTIMIZERS:
        arrays = map(np.asarray, trained(strategy, optimizer))
        np.savez(f"{place}-{optimizer}.npz", *arrays)


if __name__ == "__main__":
    main(*sys.argv[1:])
