"""Rules that say how fast the layers of a model learn."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_wembed import EmbeddingLayer
from keras_wembed.optimizers import LazyOptimizer

N, SIZE = 6, 2


def steps(rules, **layer):
    """How far one step of SGD moves each variable of a model, if its gradient is 1."""
    ids = keras.Input((N,), dtype="int32")
    words = EmbeddingLayer(SIZE, N, name="words", **layer)
    inner = keras.Sequential([keras.layers.Dense(2, name="hidden")], name="inner")
    model = keras.Model(ids, keras.layers.Dense(1, name="out")(inner(words(ids))))
    rules = rules(model) if callable(rules) else rules
    sgd = keras.optimizers.SGD(1.0)
    lazy = LazyOptimizer(sgd, learning_rate_multipliers=rules)
    before = [v.numpy() for v in model.trainable_variables]
    ones = [tf.ones_like(v) for v in model.trainable_variables]
    table = tf.IndexedSlices(ones[0], tf.range(N), (N, SIZE))
    lazy.apply([table, *ones[1:]], model.trainable_variables)
    after = [v.numpy() for v in model.trainable_variables]
    moved = [(a - b).round(5) for a, b in zip(before, after, strict=True)]
    return {"words": moved[0][:, 0].tolist()} | {
        v.path: float(np.unique(step).item())
        for v, step in zip(model.trainable_variables[1:], moved[1:], strict=True)
    }


def expected(words=(1.0,) * N, hidden=1.0, out=1.0, bias=1.0):
    return {
        "words": list(words),
        "inner/hidden/kernel": hidden,
        "inner/hidden/bias": hidden,
        "out/kernel": out,
        "out/bias": bias if out == 1 else out,
    }


RULES = [
    (None, {}, expected()),
    ({}, {}, expected()),
    ({"out": 0.5}, {}, expected(out=0.5)),
    ({"out/bias": 3}, {}, expected(bias=3.0)),
    ({"inner": 2}, {}, expected(hidden=2.0)),
    ({"hid*": -1, "inner": 2}, {}, expected(hidden=-1.0)),
    ([("inner", 2), ("hidden", 5)], {}, expected(hidden=2.0)),
    ({"out": None}, {}, expected(out=0.0)),
    ({"words": 0.5}, {}, expected(words=[0.5] * N)),
    ({("words", 2, 3): 0}, {}, expected(words=[1, 0, 0, 1, 1, 1])),
    (
        {("words", 1, 2): -2, ("words", 2, 4): 3, "words": 0},
        {},
        expected(words=[-2, -2, 3, 3, 0, 0]),
    ),
    ({"words": 2, ("words", 1, 2): 5}, {}, expected(words=[2] * N)),
    ({}, {"learning_rate_multiplier": 0.5}, expected(words=[0.5] * N)),
    ({"words": 2}, {"learning_rate_multiplier": 0.5}, expected(words=[2] * N)),
    (
        {("words", 6, 6): 1},
        {"learning_rate_multiplier": 0.5},
        expected(words=[0.5] * 5 + [1]),
    ),
    ({"*": 0.5}, {}, expected([0.5] * N, 0.5, 0.5, 0.5)),
    (
        lambda model: {model.get_layer("inner"): 0, model: 0.5},
        {},
        expected([0.5] * N, 0.0, 0.5, 0.5),
    ),
    (
        lambda model: {(model.get_layer("words"), 1, 1): 4},
        {},
        expected([4, 1, 1, 1, 1, 1]),
    ),
]


@pytest.mark.parametrize(("rules", "layer", "moved"), RULES)
def test_first_rule_that_matches_scales_the_step(rules, layer, moved):
    assert steps(rules, **layer) == moved


@pytest.mark.parametrize("name", ["adam", "adamw", "adagrad", "ftrl", "lion", "nadam"])
def test_rules_scale_the_step_of_every_optimizer(name):
    """Gradients of any size: an optimizer that divides by them is scaled too."""
    start = np.random.default_rng(1).normal(size=(N, SIZE)).astype("float32")
    moved = []
    for rules in ({}, {("rows", 1, 3): -2, "rows": 0}):
        optimizer = LazyOptimizer(name, learning_rate_multipliers=rules)
        table = keras.Variable(start, name="rows")
        slices = tf.IndexedSlices(tf.fill((N, SIZE), 7.0), tf.range(N), (N, SIZE))
        optimizer.apply([slices], [table])
        moved.append(table.numpy() - start)
    np.testing.assert_allclose(moved[1][:3], -2 * moved[0][:3], atol=1e-6)
    np.testing.assert_array_equal(moved[1][3:], 0)
    assert np.abs(moved[0]).min() > 1e-5


BAD = [
    (
        {"wrods": 1},
        ValueError,
        "Each rule of learning_rate_multipliers must match a trainable variable. Got "
        "'wrods'; the variables are 'words/embeddings', 'inner/hidden/kernel', "
        "'inner/hidden/bias', 'out/kernel', 'out/bias'.",
    ),
    (
        {"out": float("inf")},
        ValueError,
        "A multiplier of learning_rate_multipliers must be a finite number. Got inf.",
    ),
    (
        {("words", 3): 1},
        TypeError,
        "A rule of learning_rate_multipliers must name a layer, or be a tuple (layer, "
        "first id, last id). Got ('words', 3).",
    ),
    (
        {4: 1},
        TypeError,
        "A rule of learning_rate_multipliers must name a layer, or be a tuple (layer, "
        "first id, last id). Got 4.",
    ),
    (
        {("words", 0, 3): 1},
        ValueError,
        "The ids of a rule must be 1 <= first <= last. Got first 0, last 3.",
    ),
    (
        {keras.layers.Dense(1, name="unbuilt"): 1},
        ValueError,
        "A layer in learning_rate_multipliers must have variables. 'unbuilt' has none "
        "yet. Build it first, or give its name.",
    ),
]


@pytest.mark.parametrize(("rules", "error", "message"), BAD)
def test_bad_rules_are_refused(rules, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        steps(rules)


@pytest.mark.parametrize("built", [True, False])
def test_a_layer_frozen_at_first_keeps_its_multiplier(built):
    layer = EmbeddingLayer(2, 3, learning_rate_multiplier=0.5, trainable=False)
    if built:
        layer([1])
    layer.trainable = True
    model = keras.Sequential([keras.Input((2,), dtype="int64"), layer])
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match="LazyOptimizer"):
        model.fit(np.ones((4, 2), int), np.ones((4, 2, 2)), verbose=0)


def test_the_multiplier_is_given_when_the_layer_is_made():
    layer = EmbeddingLayer(2, 3, learning_rate_multiplier=np.float32(0.5))
    with pytest.raises(AttributeError):
        layer.learning_rate_multiplier = 0.0
    assert layer.learning_rate_multiplier == 0.5


BAD_RULES = [
    (
        0.5,
        TypeError,
        "learning_rate_multipliers must be a dict or pairs of where and how much. "
        'Got 0.5. For all layers alike: {"*": 0.5}.',
    ),
    (
        {("a", 1.5, 2): 1},
        TypeError,
        "The ids of a rule must be integers. Got ('a', 1.5, 2).",
    ),
    (
        {("a", True, 2): 1},
        TypeError,
        "The ids of a rule must be integers. Got ('a', True, 2).",
    ),
]


@pytest.mark.parametrize(("rules", "error", "message"), BAD_RULES)
def test_a_rule_of_another_kind_is_refused(rules, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        LazyOptimizer("sgd", learning_rate_multipliers=rules)


def test_a_lazy_optimizer_takes_no_other():
    message = (
        "The optimizer in a LazyOptimizer must be a Keras one. Got LazyOptimizer. "
        "Use it as it is."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        LazyOptimizer(LazyOptimizer("sgd"))
