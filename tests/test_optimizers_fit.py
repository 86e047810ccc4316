"""LazyOptimizer in Keras's own training, against the plain optimizer."""

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_wembed import EmbeddingLayer
from keras_wembed.optimizers import LazyOptimizer

N, SIZE, BATCH = 6, 3, 4


def data():
    """Five batches; each one touches all rows, some of them several times."""
    rng = np.random.default_rng(0)
    some = [rng.integers(1, N + 1, 6) for _ in range(5)]
    ids = [rng.permutation([*range(1, N + 1), *more]) for more in some]
    return np.reshape(ids, (-1, 3)), rng.normal(size=(20, 2)).astype("float32")


class OneHot(keras.layers.Layer):
    """The same rows with a dense gradient: what to compare with."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.table = self.add_weight(shape=(N, SIZE), name="embeddings", autocast=False)

    def call(self, ids):
        hot = tf.one_hot(tf.cast(ids, tf.int32) - 1, N)
        return tf.cast(tf.tensordot(hot, self.table.value, 1), self.compute_dtype)


def model_of(words, optimizer, twice=False, tied=False, **compile):
    start = np.random.default_rng(1)
    ids = keras.Input((3,), dtype="int32")
    vectors = words(ids)
    if twice:
        vectors = keras.layers.Concatenate(1)([vectors, words(ids[:, :2])])
    hidden = keras.layers.GlobalAveragePooling1D()(vectors)
    if tied:
        hidden = words(hidden, reverse=True)
    model = keras.Model(ids, keras.layers.Dense(2, name="out")(hidden))
    model.set_weights([start.normal(size=w.shape) for w in model.weights])
    model.compile(optimizer, "mse", **compile)
    return model


def lazy_model(optimizer="adam", **compile):
    words = EmbeddingLayer(SIZE, N, name="words")
    return model_of(words, LazyOptimizer(optimizer), **compile)


def dense_model(optimizer="adam", **compile):
    return model_of(OneHot(name="words"), optimizer, **compile)


def fit(model, epochs=2, **arguments):
    ids, target = data()
    options = {"batch_size": BATCH, "shuffle": False, "verbose": 0} | arguments
    return model.fit(ids, target, epochs=epochs, **options)


def assert_same(one, other, within=1e-6):
    for a, b in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=within)


COMPILE = [
    {},
    {"steps_per_execution": 3},
    {"jit_compile": True, "steps_per_execution": 2},
    {"run_eagerly": True},
]


@pytest.mark.parametrize("compile", COMPILE)
def test_fit_equals_the_plain_optimizer(compile):
    lazy, dense = lazy_model(**compile), dense_model()
    fit(lazy)
    fit(dense)
    assert_same(lazy, dense)


@pytest.mark.parametrize(
    "callback",
    [
        lambda: keras.callbacks.LearningRateScheduler(lambda epoch, lr: lr / 2),
        lambda: keras.callbacks.ReduceLROnPlateau("loss", patience=0, min_delta=10),
    ],
)
def test_callbacks_set_the_learning_rate(callback):
    lazy, dense = lazy_model(), dense_model()
    fit(lazy, callbacks=[callback()])
    fit(dense, callbacks=[callback()])
    rate = float(lazy.optimizer.learning_rate)
    assert rate == float(dense.optimizer.learning_rate) < 0.001
    assert_same(lazy, dense)


def test_keras_scales_the_loss_in_float16():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        lazy, dense = lazy_model(), dense_model()
    finally:
        keras.config.set_dtype_policy("float32")
    assert isinstance(lazy.optimizer, keras.optimizers.LossScaleOptimizer)
    fit(lazy)
    fit(dense)
    assert_same(lazy, dense, within=1e-5)  # float16 sums in another order


def test_a_fixed_loss_scale_changes_nothing():
    scaled = lazy_model(keras.optimizers.SGD(0.1, loss_scale_factor=16.0))
    dense = dense_model(keras.optimizers.SGD(0.1))
    fit(scaled)
    fit(dense)
    assert_same(scaled, dense)


def test_a_layer_used_twice_counts_both_uses():
    lazy, dense = lazy_model(twice=True), dense_model(twice=True)
    fit(lazy)
    fit(dense)
    assert_same(lazy, dense)


def test_a_layer_that_is_tied_to_the_output_counts_both_uses():
    lazy = lazy_model(tied=True)
    # Its gradient is dense, so a plain optimizer has it right.
    plain = model_of(EmbeddingLayer(SIZE, N, name="words"), "adam", tied=True)
    fit(lazy)
    fit(plain)
    assert_same(lazy, plain)


def test_saving_keeps_the_slots(tmp_path):
    rules = {"out": 2.0, ("words", 1, 2): 0}
    inner = keras.optimizers.Adam(use_ema=True, loss_scale_factor=4.0)
    lazy = LazyOptimizer(inner, learning_rate_multipliers=rules)
    model = model_of(EmbeddingLayer(SIZE, N, name="words"), lazy)
    fit(model)
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    assert again.optimizer.get_config() == model.optimizer.get_config()
    fit(model)
    fit(again)
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(model.optimizer.variables, again.optimizer.variables, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_checkpoint_keeps_the_slots(tmp_path):
    model, again = lazy_model(), lazy_model()
    fit(model)
    path = tf.train.Checkpoint(model=model, optimizer=model.optimizer).save(
        str(tmp_path / "checkpoint")
    )
    fit(model)
    fit(again, epochs=1)
    saved = tf.train.Checkpoint(model=again, optimizer=again.optimizer)
    saved.restore(path).assert_consumed()
    fit(again)
    for a, b in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


MIRRORED = """
    import tensorflow as tf
    cpu = tf.config.list_physical_devices("CPU")[0]
    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, halves)
    import numpy as np
    from tests import test_optimizers_fit as here
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    options = {"weight_decay": 0.1, "use_ema": True}
    with strategy.scope():
        lazy = here.lazy_model(here.keras.optimizers.Nadam(**options))
    dense = here.dense_model(here.keras.optimizers.Nadam(**options))
    here.fit(lazy)
    here.fit(dense)
    pairs = zip(lazy.get_weights(), dense.get_weights())
    print(max(float(np.abs(a - b).max()) for a, b in pairs))
"""


def test_two_mirrored_devices_equal_one():
    """In a process of its own: TensorFlow splits a CPU only when it starts."""
    root = Path(__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(MIRRORED)],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(run.stdout.splitlines()[-1]) < 1e-6


REFUSED = [
    (
        keras.optimizers.Adafactor,
        "Got Adafactor. It keeps one number for each column of a table.",
    ),
    (
        keras.optimizers.Lamb,
        "Got Lamb. It scales a step by the norm of the whole table.",
    ),
    (
        lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()),
        "Got LossScaleOptimizer. Wrap the LazyOptimizer in it instead.",
    ),
    (
        lambda: keras.optimizers.MultiOptimizer(
            keras.optimizers.OptimizerMap(keras.optimizers.SGD())
        ),
        "Got MultiOptimizer. Wrap the optimizers in it instead.",
    ),
]


@pytest.mark.parametrize(("optimizer", "got"), REFUSED)
def test_optimizers_that_need_the_whole_table_are_refused(optimizer, got):
    rule = "The optimizer in a LazyOptimizer must update each row by itself. "
    with pytest.raises(ValueError, match=f"^{re.escape(rule + got)}$"):
        LazyOptimizer(optimizer())


def test_a_slot_of_another_shape_is_refused():
    class Norms(keras.optimizers.SGD):
        def build(self, variables):
            super().build(variables)
            self.norms = [self.add_variable(()) for _ in variables]

    message = (
        "The optimizer in a LazyOptimizer must update each row by itself. "
        "Norms keeps norms of shape () for a variable of shape (6, 3)."
    )
    table = keras.Variable(np.ones((N, SIZE)), name="embeddings")
    gradient = tf.IndexedSlices(tf.ones((1, SIZE)), [0], (N, SIZE))
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        LazyOptimizer(Norms()).apply([gradient], [table])


def test_muon_is_refused_where_it_does_not_use_adamw():
    message = (
        "The optimizer in a LazyOptimizer must update each row by itself. Got Muon for "
        "'table'. Let it use AdamW there: exclude_layers=['table']."
    )
    table = keras.Variable(np.ones((N, SIZE)), name="table")
    gradient = tf.IndexedSlices(tf.ones((1, SIZE)), [0], (N, SIZE))
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        LazyOptimizer(keras.optimizers.Muon()).apply([gradient], [table])
    excluded = keras.optimizers.Muon(exclude_layers=["table"])
    LazyOptimizer(excluded).apply([gradient], [table])
    assert (table.numpy()[0] != 1).all()
    assert (table.numpy()[1:] == 1).all()


def test_training_without_averages_ends_without_a_step():
    LazyOptimizer("adam").finalize_variable_values([])


@pytest.mark.parametrize("steps", [None, 2], ids=["each step", "accumulated"])
def test_a_last_smaller_batch_compiles_with_xla(steps):
    rows = np.random.default_rng(0).normal(size=(6, 3)).astype("float32")
    ids = np.array([[1, 2, 2, 0], [3, 1, 5, 2], [6, 6, 1, 4]])
    results = []
    for jit_compile in (False, True):
        inputs = keras.Input((4,), dtype="int64")
        layer = EmbeddingLayer(weights=rows)
        outputs = keras.layers.Flatten()(layer(inputs) * 1.0)
        model = keras.Model(inputs, outputs)
        adam = keras.optimizers.Adam(0.1, gradient_accumulation_steps=steps)
        model.compile(LazyOptimizer(adam), "mse", jit_compile=jit_compile)
        model.fit(ids, np.ones((3, 12)), batch_size=2, shuffle=False, verbose=0)
        results.append(layer.embeddings.numpy())
    np.testing.assert_allclose(results[0], results[1], atol=1e-6)
    assert not np.allclose(results[0], rows) or steps
