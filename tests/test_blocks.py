"""Which rows of a layer learn, and how fast."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed import EmbeddingLayer, TokenEncoder, WordVectors
from keras_wembed.new_rows import NewRows
from keras_wembed.optimizers import LazyOptimizer

ROWS = np.arange(10, dtype="float32").reshape(5, 2)
VECTORS = WordVectors(list("abcd"), ROWS[:4], unknown=ROWS[4])
OPTIMIZERS = {
    "adam": keras.optimizers.Adam,
    "adamw": lambda: keras.optimizers.AdamW(weight_decay=0.1),
    "momentum": lambda: keras.optimizers.SGD(momentum=0.9, weight_decay=0.1),
    "ftrl": keras.optimizers.Ftrl,
}


def layer_of(**arguments):
    """Rows 1 and 4 are new: "x" has no vector, and row 5 is for unknown tokens."""
    encoder = TokenEncoder(["a", "x", "c", "d"])
    return EmbeddingLayer.from_vectors(VECTORS, input=encoder, **arguments)


def fit(layer, optimizer, texts=("a x z", "c d x"), **compile):
    words = keras.Input((), dtype="string")
    hidden = keras.layers.GlobalAveragePooling1D()(layer(words))
    model = keras.Model(words, keras.layers.Dense(1)(hidden))
    model.compile(optimizer, "mse", **compile)
    model.fit(tf.constant(texts), np.ones(len(texts)), epochs=3, verbose=0)
    return np.asarray(layer.embeddings)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.booleans(), min_size=1, max_size=12))
def test_runs_say_which_rows_are_new(is_new):
    is_new = np.array(is_new)
    rows = NewRows.of(is_new)
    assert rows.mask(len(is_new)).tolist() == is_new.tolist()
    found, places = rows.places(tf.range(len(is_new), dtype=tf.int64))
    assert found.numpy().tolist() == is_new.tolist()
    assert places.numpy()[is_new].tolist() == list(range(is_new.sum()))
    assert places.numpy()[~is_new].tolist() == list(range((~is_new).sum()))


def test_two_blocks_give_the_rows_of_one():
    one, two = layer_of(), layer_of(trainable="new")
    shapes = {v.name: tuple(v.shape) for v in two.weights}
    assert shapes == {"embeddings": (3, 2), "new_embeddings": (2, 2)}
    assert [v.shape for v in two.trainable_weights] == [(2, 2)]
    np.testing.assert_array_equal(two.embeddings, one.embeddings)
    ids = tf.constant([[1, 2, 0], [5, 4, 3]])
    np.testing.assert_array_equal(two(ids), one(ids))
    compiled = tf.function(two, jit_compile=True)
    np.testing.assert_array_equal(compiled(ids), one(ids))
    logits = two(tf.ones((1, 2)), reverse=True)
    np.testing.assert_array_equal(logits, one(tf.ones((1, 2)), reverse=True))


@pytest.mark.parametrize("lazy", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_pretrained_rows_stay_bit_for_bit(optimizer, lazy):
    layer = layer_of(trainable="new")
    before = np.asarray(layer.embeddings)
    after = fit(layer, LazyOptimizer(optimizer()) if lazy else optimizer())
    np.testing.assert_array_equal(after[[0, 2, 3]], before[[0, 2, 3]])
    assert (after[[1, 4]] != before[[1, 4]]).all()


def test_a_block_without_ids_in_the_batch_does_not_learn():
    layer = layer_of(trainable="new")
    before = np.asarray(layer.embeddings)
    optimizer = LazyOptimizer(keras.optimizers.SGD(momentum=0.9))
    after = fit(layer, optimizer, ["a c", "d"])
    np.testing.assert_array_equal(after, before)


def test_no_row_learns_where_the_layer_is_frozen():
    layer = layer_of(trainable=False)
    before = np.asarray(layer.embeddings)
    np.testing.assert_array_equal(fit(layer, "adam"), before)


@pytest.mark.parametrize("multiplier", [0.5, -2, 3])
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_multiplier_scales_the_step(optimizer, multiplier):
    """One step from the same place: the difference is multiplied."""
    ids = tf.constant([[1, 2, 2]])
    rows = []
    for asked in (1, multiplier):
        layer = EmbeddingLayer(weights=ROWS, learning_rate_multiplier=asked)
        lazy = LazyOptimizer(optimizer())
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(ids) ** 2)
        gradient = tape.gradient(loss, layer.embeddings.value)
        lazy.apply([gradient], [layer.embeddings])
        rows.append(layer.embeddings.numpy() - ROWS)
    assert np.abs(rows[0][:2]).max() > 1e-4
    np.testing.assert_allclose(rows[1], multiplier * rows[0], atol=1e-6)


def test_groups_learn_at_their_own_rates():
    ids = tf.constant([[1, 2, 3, 4, 5]])
    layer = layer_of(learning_rate_multiplier={"pretrained": 0.5, "new": 2})
    before = np.asarray(layer.embeddings)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(ids))
    gradients = tape.gradient(loss, [v.value for v in layer.trainable_weights])
    lazy = LazyOptimizer(keras.optimizers.SGD(1.0))
    lazy.apply(gradients, layer.trainable_weights)
    steps = before - np.asarray(layer.embeddings)
    assert steps.tolist() == [[0.5] * 2, [2] * 2, [0.5] * 2, [0.5] * 2, [2] * 2]


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_plain_optimizers_raise_rather_than_lose_a_multiplier(optimizer, eager):
    layer = layer_of(learning_rate_multiplier=0.1, name="words")
    message = (
        "A layer with a learning_rate_multiplier must be trained by a LazyOptimizer. "
        "Got another optimizer; layer 'words' has the multiplier 0.1. Compile with "
        "LazyOptimizer(optimizer)."
    )
    with pytest.raises(ValueError, match=re.escape(message)):
        fit(layer, optimizer(), run_eagerly=eager)


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_plain_optimizers_obey_a_multiplier_of_zero(optimizer):
    layer = layer_of(learning_rate_multiplier=0)
    before = np.asarray(layer.embeddings)
    np.testing.assert_array_equal(fit(layer, optimizer()), before)


def test_a_constraint_is_kept_beside_a_multiplier():
    layer = EmbeddingLayer(
        weights=ROWS,
        learning_rate_multiplier=2,
        embeddings_constraint=keras.constraints.UnitNorm(axis=1),
    )
    gradient = tf.IndexedSlices(tf.ones((1, 2)), [3], (5, 2))
    LazyOptimizer("sgd").apply([gradient], [layer.embeddings])
    norms = np.linalg.norm(layer.embeddings, axis=1)
    np.testing.assert_allclose(
        norms, [1, *np.linalg.norm(ROWS, axis=1)[1:3], 1, 12.04], rtol=1e-3
    )


CONFIGS = [
    {"trainable": "new"},
    {"trainable": False},
    {"learning_rate_multiplier": {"pretrained": 0.5, "new": 2}},
]


@pytest.mark.parametrize("arguments", CONFIGS)
def test_saving_keeps_what_learns(tmp_path, arguments):
    words = keras.Input((), dtype="string")
    layer = layer_of(**arguments)
    model = keras.Model(words, layer(words))
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras").layers[-1]
    assert [v.shape for v in again.trainable_weights] == [
        v.shape for v in layer.trainable_weights
    ]
    assert again.get_config() == layer.get_config()
    np.testing.assert_array_equal(again.embeddings, layer.embeddings)


def test_weights_fit_whatever_rows_learn(tmp_path):
    words = keras.Input((), dtype="string")
    keras.Model(words, layer_of()(words)).save_weights(tmp_path / "a.weights.h5")
    layer = layer_of(trainable="new")
    rows = np.asarray(layer.embeddings)
    model = keras.Model(words, layer(words))
    for variable in layer.weights:
        variable.assign(tf.zeros_like(variable))
    model.load_weights(tmp_path / "a.weights.h5")
    np.testing.assert_array_equal(layer.embeddings, rows)


BAD = [
    (
        {"trainable": "old"},
        "trainable must be True, False or \"new\". Got 'old'.",
    ),
    (
        {"learning_rate_multiplier": float("nan")},
        "learning_rate_multiplier must be a finite number. Got nan.",
    ),
    (
        {"learning_rate_multiplier": "fast"},
        "learning_rate_multiplier must be a finite number. Got 'fast'.",
    ),
    (
        {"learning_rate_multiplier": {"old": 1}},
        "learning_rate_multiplier must be a number, or a dict with the keys "
        '"pretrained" and "new". Got the keys \'old\'.',
    ),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        EmbeddingLayer(2, 5, **arguments)


def test_trainable_cannot_become_new_later():
    layer = layer_of()
    message = (
        "trainable must be True or False once the layer is made. Got 'new'. Pass "
        'trainable="new" to EmbeddingLayer or zoo.load.'
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer.trainable = "new"


def test_freezing_and_thawing_a_layer_leaves_the_pretrained_rows_frozen():
    layer = layer_of(trainable="new")
    layer.trainable = False
    assert layer.trainable_weights == []
    assert layer.trainable is False
    layer.trainable = True
    assert [v.name for v in layer.trainable_weights] == ["new_embeddings"]
    assert layer.trainable == "new"
