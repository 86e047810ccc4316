"""What LoRA adds to rows, which stay as they are."""

import copy
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_wembed import (
    EmbeddingLayer,
    LazyOptimizer,
    TokenEncoder,
    WordVectors,
    zoo,
)
from keras_wembed import export as export_model
from keras_wembed.subwords import Subwords
from tests.small_layer import ROWS, model_of, text_layer

IDS = tf.constant([[1, 2, 0], [5, 2, 2]])
TEXTS = tf.constant(["a x z", "c d x"])
KEPT = [None, "float16", "int8"]
A, B = "lora_embeddings_a", "lora_embeddings_b"


def layer_of(dtype=None, rank=2, **arguments):
    """A layer to whose rows something is added already."""
    layer = EmbeddingLayer(weights=ROWS, dtype=dtype, **arguments)
    layer.enable_lora(rank, lora_alpha=6, b_initializer="ones")
    return layer


def values(layer):
    return {variable.name: variable.numpy() for variable in layer.weights}


def trainable(layer):
    return {variable.name for variable in layer.trainable_weights}


@pytest.mark.parametrize("dtype", KEPT)
def test_rows_are_those_of_the_base_and_the_product(dtype):
    base = np.asarray(EmbeddingLayer(weights=ROWS, dtype=dtype).embeddings)
    layer = layer_of(dtype)
    a, b = (values(layer)[name] for name in (A, B))
    assert (a.shape, b.shape, a.dtype) == ((5, 2), (2, 4), np.float32)
    expected = base + 3 * a @ b
    assert np.abs(expected - base).max() > 0.1
    np.testing.assert_allclose(layer.embeddings, expected, atol=1e-6)
    vectors = layer(IDS)
    np.testing.assert_allclose(vectors[1], expected[[4, 1, 1]], atol=1e-6)
    np.testing.assert_array_equal(vectors[0, 2], np.zeros(4))
    compiled = tf.function(layer, jit_compile=True)
    np.testing.assert_allclose(compiled(IDS), vectors, atol=1e-6)
    logits = layer(ROWS, reverse=True)
    np.testing.assert_allclose(logits, ROWS @ expected.T, atol=1e-5)


def test_nothing_is_added_at_first():
    layer = EmbeddingLayer(weights=ROWS)
    layer.enable_lora(3)
    np.testing.assert_array_equal(layer.embeddings, ROWS)
    assert np.abs(values(layer)[A]).min() > 0
    assert (layer.lora_rank, layer.lora_alpha) == (3, 3)


def test_only_rows_of_the_batch_are_multiplied():
    layer = EmbeddingLayer(weights=np.zeros((1000, 4)), lora_rank=2)
    graph = tf.function(layer).get_concrete_function(IDS).graph
    operations = graph.get_operations()
    assert {op.type for op in operations} >= {"ResourceGather", "MatMul"}
    shapes = [out.shape for op in operations for out in op.outputs]
    assert all(1000 not in shape for shape in shapes if shape.rank is not None)


@pytest.mark.parametrize("compiled", [False, True])
def test_gradient_names_each_row_of_the_batch_once(compiled):
    layer = layer_of("int8")
    weights = layer.trainable_weights
    assert [v.name for v in weights] == [A, B]

    @tf.function(jit_compile=compiled)
    def gradients():
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(IDS) ** 2)
        a, b = tape.gradient(loss, [v.value for v in weights])
        return tf.convert_to_tensor(a), a.indices, b

    dense, indices, of_b = gradients()
    a, b = (v.numpy().astype("float64") for v in weights)
    upstream = np.zeros((5, 4))
    np.add.at(upstream, [0, 1, 4, 1, 1], 2 * layer([1, 2, 5, 2, 2]).numpy())
    np.testing.assert_allclose(dense, 3 * upstream @ b.T, rtol=1e-4)
    np.testing.assert_allclose(of_b, 3 * a.T @ upstream, rtol=1e-4)
    assert set(indices.numpy().tolist()) == {0, 1, 4}
    assert compiled or len(indices) == 3


@pytest.mark.parametrize("optimizer", ["adam", LazyOptimizer("adam")])
def test_training_moves_vectors_and_leaves_rows(optimizer):
    layer = text_layer(dtype="int8", lora_rank=2)
    assert layer.trainable is True
    model, before, vectors = model_of(layer), values(layer), layer("a x c d").numpy()
    model.compile(optimizer, "mse")
    model.fit(tf.constant(["a x", "c x"]), np.ones(2), epochs=2, verbose=0)
    after = values(layer)
    for name in ("embeddings", "embeddings_scale"):
        np.testing.assert_array_equal(after[name], before[name])
    assert (after[A] != before[A]).any(axis=1).tolist()[:4] == [True, True, True, False]
    assert (layer("a x c").numpy() != vectors[:3]).all()
    assert layer.information("ArraysLearningRateMultipliers") == {
        A: 1.0,
        B: 1.0,
        "embeddings": 0.0,
        "embeddings_scale": 0.0,
    }


def test_new_rows_learn_beside_rows_that_are_adapted():
    layer = text_layer(dtype="int8", trainable="new")
    layer.enable_lora(2)
    assert layer.trainable is True
    assert values(layer)[A].shape == (3, 2)
    assert trainable(layer) == {"new_embeddings", A, B}
    model, before = model_of(layer), layer("a x c d z").numpy()
    model.compile(LazyOptimizer("adam"), "mse")
    model.fit(TEXTS, np.ones(2), epochs=2, verbose=0)
    assert (layer("a x c d z").numpy() != before).all()


def test_layer_that_is_frozen_learns_by_lora():
    layer = zoo.load(tokens=["king", "queen"], lora_rank=2)
    assert trainable(layer) == {A, B}
    layer = zoo.load(tokens=["king", "queen"])
    assert trainable(layer) == set()
    layer.enable_lora(2)
    assert trainable(layer) == {A, B}


def test_freezing_and_thawing_leaves_rows_frozen():
    layer = layer_of()
    layer.trainable = False
    assert (trainable(layer), layer.trainable) == (set(), False)
    layer.trainable = True
    assert (trainable(layer), layer.trainable) == ({A, B}, True)


def test_rules_for_ids_hold_for_rows_of_a():
    layer = text_layer(trainable="new", lora_rank=2, name="words")
    for variable in layer.trainable_weights:
        variable.assign(tf.ones_like(variable))
    before = values(layer)
    # Of tokens "a" and "x": row 1 is adapted, row 2 learns itself.
    rules = {("words", 1, 2): 0, "words": 1}
    lazy = LazyOptimizer(keras.optimizers.SGD(1.0), learning_rate_multipliers=rules)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer(tf.constant([1, 2, 3, 4, 5])))
    weights = layer.trainable_weights
    gradients = tape.gradient(loss, [v.value for v in weights])
    lazy.apply(gradients, weights)
    moved = {n: (v != before[n]).any(axis=1) for n, v in values(layer).items()}
    assert moved[A].tolist() == [False, True, True]
    assert moved["new_embeddings"].tolist() == [False, True]
    assert moved[B].all()


def test_learning_rate_multiplier_holds_for_what_is_added():
    layer = layer_of(learning_rate_multiplier=0.5, name="words")
    weights, before = layer.trainable_weights, values(layer)
    gradients = [tf.ones(v.shape) for v in weights]
    LazyOptimizer(keras.optimizers.SGD(1.0)).apply(gradients, weights)
    np.testing.assert_allclose(values(layer)[A], before[A] - 0.5, rtol=1e-5)
    with pytest.raises(ValueError, match="must be trained by a LazyOptimizer"):
        keras.optimizers.SGD(1.0).apply(gradients, weights)


@pytest.fixture(params=["float32", "int8", "int8 and new"])
def travelling(request):
    """A layer to whose rows something is added, and a model of it."""
    kept_as, _, new = request.param.partition(" and ")
    dtype = None if kept_as == "float32" else kept_as
    layer = text_layer(dtype=dtype, trainable=new or False)
    layer.enable_lora(2, lora_alpha=6, b_initializer="ones")
    return layer, model_of(layer)


def test_files_keep_rows_and_additions_apart(travelling, tmp_path):
    layer, model = travelling
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    cloned = keras.models.clone_model(model)
    cloned.load_weights(tmp_path / "model.weights.h5")
    for other in (loaded, cloned, copy.deepcopy(model)):
        (found,) = (part for part in other.layers if isinstance(part, EmbeddingLayer))
        assert found.get_config() == layer.get_config()
        assert trainable(found) == trainable(layer)
        for name, value in values(layer).items():
            np.testing.assert_array_equal(values(found)[name], value)
        np.testing.assert_array_equal(other(TEXTS), model(TEXTS))


def test_checkpoints_hold_rows_and_additions(travelling, tmp_path):
    _, model = travelling
    path = tf.train.Checkpoint(model=model).save(str(tmp_path / "checkpoint"))
    other = keras.models.clone_model(model)
    tf.train.Checkpoint(model=other).restore(path).assert_consumed()
    np.testing.assert_array_equal(other(TEXTS), model(TEXTS))


def test_weights_fit_a_layer_without_lora_and_with_another(travelling, tmp_path):
    layer, model = travelling
    model.save_weights(tmp_path / "model.weights.h5")
    for other in (text_layer(), text_layer(lora_rank=3), text_layer(lora_rank=2)):
        model_of(other).load_weights(tmp_path / "model.weights.h5")
        np.testing.assert_allclose(other.embeddings, layer.embeddings, atol=1e-6)


def test_weights_without_lora_leave_nothing_added(tmp_path):
    plain = text_layer()
    model_of(plain).save_weights(tmp_path / "model.weights.h5")
    layer = text_layer()
    layer.enable_lora(2, b_initializer="ones")
    model_of(layer).load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(layer.embeddings, plain.embeddings)
    assert (values(layer)[A] != 0).all()  # else it would never learn again


def test_growing_keeps_rows_and_additions_apart(travelling):
    layer, _ = travelling
    vectors = layer("a x c d z").numpy()
    more = layer.extend(["q"], init=[[1, 2, 3, 4]])
    np.testing.assert_array_equal(more("a x c d z"), vectors)
    np.testing.assert_allclose(more("q"), [[1, 2, 3, 4]], atol=0.02)
    np.testing.assert_array_equal(values(more)[B], values(layer)[B])
    less = more.restrict(["d", "a"])
    np.testing.assert_array_equal(less("d a z"), vectors[[3, 0, 4]])
    new = layer.extend(["q"], trainable="new")
    np.testing.assert_allclose(new("a x c d z"), vectors, atol=1e-6)
    assert trainable(new) == {"new_embeddings", A, B}


def test_what_was_learnt_is_added_for_good(travelling):
    layer, _ = travelling
    vectors = layer("a x c d z").numpy()
    merged = layer.extend([], lora_rank=None)
    assert not {A, B} & set(values(merged))
    within = 1e-6 if layer.get_config()["dtype"]["config"].get("mode") is None else 0.05
    np.testing.assert_allclose(merged("a x c d z"), vectors, atol=within)


def test_adapted_rows_are_quantized_beneath():
    layer, expected = layer_of(), np.asarray(layer_of("int8").embeddings)
    b = values(layer)[B]
    layer.quantize("int8")
    assert {v.name: v.dtype for v in layer.weights} == {
        A: "float32",
        B: "float32",
        "embeddings": "int8",
        "embeddings_scale": "float32",
    }
    np.testing.assert_array_equal(values(layer)[B], b)
    assert trainable(layer) == {A, B}
    assert layer.embeddings.shape == expected.shape


def test_additions_are_served(tmp_path):
    model = model_of(text_layer(dtype="int8", trainable="new", lora_rank=2))
    model.get_layer(index=1).weights[2].assign(tf.ones((2, 4)))  # b, zeros until then
    folder = export_model(model, tmp_path / "model")
    served = tf.saved_model.load(str(folder)).signatures["serving_default"]
    np.testing.assert_allclose(served(TEXTS)["output"], model(TEXTS), atol=1e-6)


def test_half_precision_computes_additions_in_float32():
    keras.config.set_dtype_policy("mixed_float16")
    layer = layer_of("int8")
    keras.config.set_dtype_policy("float32")
    assert layer([1]).dtype == tf.float16
    assert layer.embeddings.dtype == tf.float32
    np.testing.assert_allclose(layer([1]), layer.embeddings[:1], atol=2e-3)


MIRRORED = """
    import tensorflow as tf
    cpu = tf.config.list_physical_devices("CPU")[0]
    halves = [tf.config.LogicalDeviceConfiguration()] * 2
    tf.config.set_logical_device_configuration(cpu, halves)
    import sys
    import numpy as np
    from tests import test_lora as here
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    def model():
        layer = here.text_layer(dtype="int8", trainable="new", lora_rank=2)
        ids = here.keras.Input((3,), dtype="int64")
        hidden = here.keras.layers.GlobalAveragePooling1D()(layer(ids))
        model = here.keras.Model(ids, hidden)
        model.compile(here.LazyOptimizer("adam"), "mse")
        return model
    one = model()
    with strategy.scope():
        two = model()
    one.save_weights(sys.argv[1])
    two.load_weights(sys.argv[1])
    for each in (one, two):
        x = np.array([[1, 2, 5], [5, 4, 3]])
        each.fit(x, np.ones((2, 4)), epochs=3, shuffle=False, verbose=0)
    pairs = zip(one.get_weights(), two.get_weights())
    print(max(float(np.abs(a - b.astype(a.dtype)).max()) for a, b in pairs))
    print(one.get_weights()[0].dtype, len(one.get_weights()))
"""


def test_two_mirrored_devices_equal_one(tmp_path):
    """In a process of its own: TensorFlow splits a CPU only when it starts."""
    code, file = textwrap.dedent(MIRRORED), str(tmp_path / "model.weights.h5")
    run = subprocess.run(
        [sys.executable, "-c", code, file],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    difference, about = run.stdout.splitlines()[-2:]
    assert float(difference) < 1e-6
    assert about == "float32 5"


ERRORS = [
    (
        lambda: EmbeddingLayer(4, 3, name="words").enable_lora(2),
        "A layer must have rows to be adapted. 'words' has none yet. Call it first, or "
        "make it from vectors.",
    ),
    (
        lambda: layer_of(name="words").enable_lora(2),
        "A layer must be adapted once. 'words' is already, with rank 2.",
    ),
    (lambda: layer_of(rank=0), "rank must be at least 1. Got 0."),
    (
        lambda: EmbeddingLayer(weights=ROWS, lora_rank=2, lora_alpha=float("inf")),
        "lora_alpha must be a finite number. Got inf.",
    ),
    (
        lambda: EmbeddingLayer(4, 3, lora_rank=0),
        "lora_rank must be at least 1. Got 0.",
    ),
    (
        lambda: EmbeddingLayer(4, 3, lora_rank=2, embeddings_constraint="non_neg"),
        "A layer with LoRA must have no embeddings_constraint: it would hold for a and "
        "b. Got NonNeg.",
    ),
    (
        lambda: layer_of(embeddings_constraint="non_neg"),
        "A layer with LoRA must have no embeddings_constraint: it would hold for a and "
        "b. Got NonNeg.",
    ),
    (
        lambda: layer_of(learning_rate_multiplier={"pretrained": 0, "new": 1}),
        "learning_rate_multiplier must not be 0 for rows that LoRA adapts. Got 0.",
    ),
]


@pytest.mark.parametrize(("make", "message"), ERRORS)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make()


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"dtype": "int8"},
        {"trainable": "new"},
        {"learning_rate_multiplier": {"pretrained": 0.5, "new": 2}},
        {"dtype": "int8", "trainable": "new"},
    ],
)
def test_order_of_weights_is_kept_beside_new_rows_and_subwords(arguments):
    vectors = WordVectors(
        ("a",),
        np.ones((1, 2), "float32"),
        subwords=Subwords(np.ones((11, 2), "float32"), 3, 6),
    )
    layer = EmbeddingLayer.from_vectors(
        vectors, input=TokenEncoder(["a", "b"]), **arguments
    )
    text = keras.Input((), dtype="string")
    model = keras.Model(text, layer(text))
    layer.enable_lora(2)
    clone = keras.models.clone_model(model)
    assert [w.name for w in clone.weights] == [w.name for w in model.weights]


@pytest.mark.parametrize("dtype", [None, "int8"])
def test_weights_stand_in_one_order_however_lora_came(dtype):
    layer = EmbeddingLayer(weights=np.eye(3), dtype=dtype)
    model = keras.Sequential([keras.Input((None,), dtype="int64"), layer])
    layer.enable_lora(3)
    layer.trainable_weights[1].assign(np.arange(9.0).reshape(3, 3))
    clone = keras.models.clone_model(model)
    clone.set_weights(model.get_weights())
    np.testing.assert_array_equal(clone.layers[-1]([1, 2, 3]), layer([1, 2, 3]))
