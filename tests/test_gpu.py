"""That a GPU can run what a model does to its variables, asked of a machine without."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from tensorflow.core.framework import types_pb2
from tensorflow.python.framework import kernels

from keras_wembed import EmbeddingLayer, LazyOptimizer

ROWS = np.random.default_rng(0).normal(size=(6, 3))
IDS = np.array([[1, 2, 6], [3, 3, 0]])


def nodes_of(model):
    """All nodes of a training step and of a prediction."""
    ids, target = tf.constant(IDS), tf.zeros((2, 3, 3))

    @tf.function
    def step():
        return model.train_step((ids, target)), model.predict_step(ids)

    graph = step.get_concrete_function().graph.as_graph_def()
    return [*graph.node, *(n for f in graph.library.function for n in f.node_def)]


def has_gpu_kernel(node):
    """Whether a kernel is there for the dtypes of a node; one of the host counts."""

    def fits(kernel):
        asked = {each.name: each.allowed_values.list.type for each in kernel.constraint}
        return kernel.device_type in ("GPU", "DEFAULT") and all(
            node.attr[name].type in allowed for name, allowed in asked.items()
        )

    return any(map(fits, kernels.get_registered_kernels_for_op(node.op).kernel))


def written(node):
    types = [types_pb2.DataType.Name(each.type) for each in node.attr.values()]
    return node.op, [each for each in types if each != "DT_INVALID"]


def of_variables(node):
    return node.op.startswith(("Resource", "Assign", "ReadVariable"))


OPTIMIZERS = {
    "sgd": lambda: keras.optimizers.SGD(),
    "adam": lambda: keras.optimizers.Adam(),
    "ema": lambda: keras.optimizers.Adam(use_ema=True, ema_overwrite_frequency=2),
    "accumulation": lambda: keras.optimizers.Adam(gradient_accumulation_steps=2),
    "clip": lambda: keras.optimizers.Adagrad(global_clipnorm=1.0),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize(
    "layer",
    [{}, {"dtype": "mixed_float16"}, {"dtype": "int8", "lora_rank": 2}],
    ids=["floats", "half", "int8 and LoRA"],
)
def test_a_gpu_has_what_reads_and_writes_variables(optimizer, layer):
    ids = keras.Input((3,), dtype="int64")
    model = keras.Model(ids, EmbeddingLayer(weights=ROWS, **layer)(ids))
    model.compile(LazyOptimizer(optimizer()), "mse", jit_compile=False)
    found = list(filter(of_variables, nodes_of(model)))
    assert len(found) > 4
    assert [written(node) for node in found if not has_gpu_kernel(node)] == []


def test_kernels_that_a_gpu_lacks_are_seen():
    marks = tf.Variable([False, False])
    second = tf.IndexedSlices(True, tf.constant(1, tf.int64))
    write = tf.function(lambda: marks.scatter_update(second)).get_concrete_function()
    found = filter(of_variables, write.graph.as_graph_def().node)
    assert not all(map(has_gpu_kernel, found))
