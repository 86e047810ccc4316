"""Two processes, as two machines would, train one model: equal to one alone.

On machines each needs a TF_CONFIG. From a clone: python -m examples.machines
"""

import json
import os
import subprocess
import sys

import keras
import tensorflow as tf

import keras_wembed as kw
from examples.cluster import free_addresses
from examples.sentiment import SMALL, reviews


def train(strategy):
    keras.utils.set_random_seed(1)
    data = tf.data.Dataset.from_tensor_slices(reviews(SMALL)).batch(8)
    with strategy.scope():  # the layer too must be made in here
        layer = kw.zoo.load(trainable=True)
        pool = keras.layers.GlobalAveragePooling1D()
        model = keras.Sequential([layer, pool, keras.layers.Dense(1)])
        model.compile(kw.LazyOptimizer("adam"), "mse")
    losses = model.fit(data, epochs=2, shuffle=False, verbose=0).history["loss"]
    return [*losses, float(model.predict(data, verbose=0)[0, 0])]


def worker(addresses, index):
    here = {"type": "worker", "index": index}
    config = json.dumps({"cluster": {"worker": addresses}, "task": here})
    command = [sys.executable, "-m", "examples.machines", "worker"]
    about = os.environ | {"TF_CONFIG": config}
    return subprocess.Popen(command, env=about, stdout=subprocess.PIPE)


def main():
    addresses = free_addresses(2)
    workers = [worker(addresses, index) for index in (0, 1)]
    results = [train(tf.distribute.get_strategy())]
    results += [json.loads(each.communicate()[0]) for each in workers]
    print("alone, first, second:", *results, sep="\n")
    return results


if __name__ == "__main__":
    if sys.argv[1:] == ["worker"]:
        print(json.dumps(train(tf.distribute.MultiWorkerMirroredStrategy())))
    else:
        main()
