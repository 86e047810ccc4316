"""A table of vectors in parts on two servers, and two workers that train it.

Starts the four processes on this machine, and stops them. From a clone:
    python -m examples.parameter_server
"""

import keras
import tensorflow as tf

from examples.cluster import running
from examples.sentiment import SMALL, reviews
from keras_wembed import Pooling, zoo


def strategy_of(addresses):
    """What puts variables on the servers, each in two parts."""
    spec = tf.train.ClusterSpec(addresses)
    there = tf.distribute.cluster_resolver.SimpleClusterResolver(spec, rpc_layer="grpc")
    in_two = tf.distribute.experimental.partitioners.FixedShardsPartitioner(2)
    return tf.distribute.ParameterServerStrategy(there, variable_partitioner=in_two)


def train(strategy, steps):
    texts, labels = reviews(SMALL)
    with strategy.scope():
        layer = zoo.load(trainable=True)
        model = keras.Sequential([layer, Pooling(), keras.layers.Dense(1, "sigmoid")])
        model(texts[:1])  # makes the variables
        # Its step is one operation on the server, and reads the rows of a batch alone.
        optimizer = tf.compat.v1.train.AdagradOptimizer(0.1)
    tables = [variable.value for variable in model.trainable_variables]
    parts = [part for table in tables for part in getattr(table, "variables", [table])]

    def learn(texts, labels):
        with tf.GradientTape() as tape:
            loss = keras.losses.BinaryCrossentropy()(labels, model(texts))
        optimizer.apply_gradients(zip(tape.gradient(loss, parts), parts, strict=True))
        return loss

    step = tf.function(lambda batches: strategy.run(learn, args=next(batches)))
    coordinator = tf.distribute.coordinator.ClusterCoordinator(strategy)
    batch = tf.data.Dataset.from_tensors((texts.tolist(), labels[:, None])).repeat()
    batches = iter(coordinator.create_per_worker_dataset(batch))
    losses = [coordinator.schedule(step, args=(batches,)) for _ in range(steps)]
    coordinator.join()
    return layer, coordinator.fetch(losses)


def main(steps=40):
    with running(worker=2, ps=2) as addresses:
        layer, losses = train(strategy_of(addresses), steps)
        for part in layer.embeddings.value.variables:
            print(f"{part.shape[0]} of {layer.n} rows on {part.device}")
        print(f"loss {losses[0]:.3f}, after {steps} steps {losses[-1]:.3f}")
        # To go on without the servers, or to save the layer as any other.
        return type(layer)(weights=layer.embeddings.value.numpy(), input=layer.encoder)


if __name__ == "__main__":
    main()
