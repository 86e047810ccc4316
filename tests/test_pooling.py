"""The layer that makes one vector of a text's vectors."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

import keras_wembed as kw
from keras_wembed import EmbeddingLayer, Pooling, TokenEncoder

MODES = ["mean", "sum", "max", "sqrtn"]
VECTORS = [[[1.0, -5.0], [3.0, -1.0]], [[-2.0, 2.0]], []]
POOLED = {
    "mean": [[2.0, -3.0], [-2.0, 2.0], [0.0, 0.0]],
    "sum": [[4.0, -6.0], [-2.0, 2.0], [0.0, 0.0]],
    "max": [[3.0, -1.0], [-2.0, 2.0], [0.0, 0.0]],
    "sqrtn": [[4 / 2**0.5, -6 / 2**0.5], [-2.0, 2.0], [0.0, 0.0]],
}
WEIGHTS = [[1.0, 3.0], [0.5], []]
WEIGHTED = {
    "mean": [[10 / 4, -8 / 4], [-2.0, 2.0], [0.0, 0.0]],
    "sum": [[10.0, -8.0], [-1.0, 1.0], [0.0, 0.0]],
    "sqrtn": [[10 / 10**0.5, -8 / 10**0.5], [-2.0, 2.0], [0.0, 0.0]],
}


def ragged(rows, inner=()):
    """A ragged float32 tensor of texts, also of none or of empty ones."""
    flat = [item for row in rows for item in row]
    values = np.array(flat, np.float32).reshape(-1, *inner)
    return tf.RaggedTensor.from_row_lengths(values, [len(row) for row in rows])


def padded(rows, inner=(), filler=np.nan, more=2):
    """The same, padded with what must not matter; and its mask."""
    tensor = ragged(rows, inner)
    dense = tensor.to_tensor(tf.constant(filler, tf.float32))
    mask = tf.sequence_mask(tensor.row_lengths(), tf.shape(dense)[1] + more)
    widths = [[0, 0], [0, more], *[[0, 0]] * len(inner)]
    return tf.pad(dense, widths, constant_values=filler), mask


@pytest.mark.parametrize("mode", MODES)
def test_texts_of_any_length_are_pooled(mode):
    pooled = Pooling(mode)(ragged(VECTORS, [2]))
    np.testing.assert_allclose(pooled, POOLED[mode], rtol=1e-6)


@pytest.mark.parametrize("mode", WEIGHTED)
@pytest.mark.parametrize("column", [False, True])
def test_weights_say_how_much_a_token_counts(mode, column):
    inner = [1] if column else []
    pooled = Pooling(mode)(ragged(VECTORS, [2]), weights=ragged(WEIGHTS, inner))
    np.testing.assert_allclose(pooled, WEIGHTED[mode], rtol=1e-6)
    dense, mask = padded(VECTORS, [2])
    weights, _ = padded(WEIGHTS, inner)
    pooled = Pooling(mode)(dense, weights=weights, mask=mask)
    np.testing.assert_allclose(pooled, WEIGHTED[mode], rtol=1e-6)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("vectors", "pooled"),
    [
        (np.zeros((0, 3, 2)), np.zeros((0, 2))),
        (np.zeros((3, 0, 2)), np.zeros((3, 2))),
        (np.zeros((0, 0, 2)), np.zeros((0, 2))),
        (np.zeros((0, 2)), np.zeros(2)),
        (np.array([[-1.0, 2.0]]), np.array([-1.0, 2.0])),
        (np.array([[[[-1.0, 2.0]]]]), np.array([[[-1.0, 2.0]]])),
        (np.zeros((2, 3, 0, 2)), np.zeros((2, 3, 2))),
    ],
)
def test_every_rank_and_every_emptiness(mode, vectors, pooled):
    result = Pooling(mode)(vectors)
    assert result.shape == Pooling(mode).compute_output_shape(vectors.shape)
    np.testing.assert_array_equal(result, pooled)


@pytest.mark.parametrize("mode", MODES)
def test_texts_of_ragged_documents_are_pooled(mode):
    documents = tf.ragged.stack([ragged(VECTORS, [2]), ragged(VECTORS[1:], [2])])
    pooled = Pooling(mode)(documents)
    assert pooled.shape.as_list() == [2, None, 2]
    np.testing.assert_allclose(pooled[0], POOLED[mode], rtol=1e-6)
    np.testing.assert_allclose(pooled[1], POOLED[mode][1:], rtol=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_layer_of_texts_gives_its_mask(mode):
    layer = EmbeddingLayer(
        weights=np.array([[1.0, -5.0], [3.0, -1.0], [-2.0, 2.0]], "float32"),
        input=TokenEncoder(["a", "b"]),
    )
    pooled = Pooling(mode)(layer(["a b", "unknown", ""]))
    np.testing.assert_allclose(pooled, POOLED[mode], rtol=1e-6)
    assert not hasattr(pooled, "_keras_mask")
    np.testing.assert_allclose(Pooling(mode)(layer("a b")), POOLED[mode][0])
    nothing = Pooling(mode)(layer(["", ""]))
    np.testing.assert_array_equal(nothing, np.zeros((2, 2)))
    assert Pooling(mode)(layer([])).shape == (0, 2)


def test_own_mask_comes_before_that_of_the_layer():
    vectors = EmbeddingLayer(weights=np.eye(2, dtype="float32"))([[1, 2, 0]])
    pooled = Pooling("sum")(vectors, mask=[[True, False, False]])
    np.testing.assert_array_equal(pooled, [[1.0, 0.0]])


def test_mask_of_the_layer_counts_beside_weights():
    layer = EmbeddingLayer(weights=np.eye(2, dtype="float32"))
    weights = EmbeddingLayer(weights=np.array([[1.0], [3.0]], "float32"))
    ids = np.array([[1, 2, 0], [0, 0, 0]])
    pooled = Pooling("mean")(layer(ids), weights=weights(ids) + 1.0)
    np.testing.assert_allclose(pooled, [[2 / 6, 4 / 6], [0.0, 0.0]])


numbers = st.floats(-8, 8, width=16)
texts = st.lists(st.lists(st.tuples(numbers, numbers), max_size=5), max_size=4)


@pytest.mark.parametrize("mode", MODES)
@settings(max_examples=25, deadline=None)
@given(texts=texts, more=st.integers(0, 3), data=st.data())
def test_padding_never_changes_a_result(mode, texts, more, data):
    filler = data.draw(st.sampled_from([np.nan, np.inf, -np.inf, 0.0, 7.0]))
    expected = Pooling(mode)(ragged(texts, [2]))
    vectors, mask = padded(texts, [2], filler, more)
    pooled = Pooling(mode)(vectors, mask=mask)
    np.testing.assert_allclose(pooled, expected, atol=1e-5)
    for text, vector in zip(texts, expected, strict=True):  # nor do other texts
        alone = Pooling(mode)(np.array(text, "float32").reshape(-1, 2))
        np.testing.assert_allclose(alone, vector, atol=1e-5)


@pytest.mark.parametrize("mode", WEIGHTED)
@settings(max_examples=25, deadline=None)
@given(texts=texts, data=st.data())
def test_weights_of_padding_never_change_a_result(mode, texts, data):
    counts = st.integers(0, 9).map(float)
    weights = [[data.draw(counts) for _ in text] for text in texts]
    expected = Pooling(mode)(ragged(texts, [2]), weights=ragged(weights))
    vectors, mask = padded(texts, [2])
    dense, _ = padded(weights)
    pooled = Pooling(mode)(vectors, weights=dense, mask=mask)
    np.testing.assert_allclose(pooled, expected, atol=1e-5)
    if mode == "mean":
        for text, weight, vector in zip(texts, weights, expected, strict=True):
            if sum(weight):
                average = np.average(text, axis=0, weights=weight)
                np.testing.assert_allclose(vector, average, atol=1e-4)


@pytest.mark.parametrize("jit_compile", [False, True], ids=["graph", "xla"])
@pytest.mark.parametrize("mode", MODES)
def test_gradient_of_empty_texts_is_zero(mode, jit_compile):
    vectors, mask = padded(VECTORS, [2], filler=0.0)
    weights = tf.cast(mask, tf.float32)
    pooling = Pooling(mode)

    @tf.function(jit_compile=jit_compile)
    def gradients(vectors, weights):
        given = {} if mode == "max" else {"weights": weights}
        with tf.GradientTape() as tape:
            tape.watch([vectors, weights])
            loss = tf.reduce_sum(pooling(vectors, mask=mask, **given))
        return tape.gradient(loss, [vectors, *given.values()])

    for gradient in gradients(vectors, weights):
        assert np.isfinite(gradient).all()
        assert np.any(gradient[:2])
        assert not np.any(tf.boolean_mask(gradient, ~mask))


@pytest.mark.parametrize("mode", MODES)
def test_gradient_of_ragged_texts_is_that_of_padded_ones(mode):
    rows, (dense, mask) = ragged(VECTORS, [2]), padded(VECTORS, [2], filler=0.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([rows.flat_values, dense])
        of_rows = tf.reduce_sum(Pooling(mode)(rows) ** 2)
        of_dense = tf.reduce_sum(Pooling(mode)(dense, mask=mask) ** 2)
    expected = tf.boolean_mask(tape.gradient(of_dense, dense), mask)
    got = tape.gradient(of_rows, rows.flat_values)
    np.testing.assert_allclose(got, expected, rtol=1e-6)


@pytest.mark.parametrize("mode", ["mean", "sqrtn"])
def test_weights_of_zero_have_a_finite_gradient(mode):
    weights = tf.zeros([2, 1])
    with tf.GradientTape() as tape:
        tape.watch(weights)
        loss = tf.reduce_sum(Pooling(mode)(np.ones((2, 1, 3)), weights=weights))
    assert loss == 0
    np.testing.assert_array_equal(tape.gradient(loss, weights), [[3.0], [3.0]])


@pytest.mark.parametrize(("mode", "expected"), [("mean", 100.0), ("sqrtn", 3200.0)])
def test_sums_are_made_in_float32(mode, expected):
    vectors = np.full((1024, 1), 100.0, "float16")  # Their sum is no float16.
    pooled = Pooling(mode, dtype="mixed_float16")(vectors)
    assert pooled.dtype == tf.float16
    assert float(pooled[0]) == expected
    assert Pooling(mode, dtype="float64")(vectors).dtype == tf.float64


class Subclassed(keras.Model):
    def __init__(self, embedding, pooling):
        super().__init__()
        self.embedding, self.pooling = embedding, pooling
        self.dense = keras.layers.Dense(1)

    def call(self, inputs):
        return self.dense(self.pooling(self.embedding(inputs)))


def functional(embedding, pooling):
    text = keras.Input((), dtype=embedding.compute_dtype)
    return keras.Model(text, keras.layers.Dense(1)(pooling(embedding(text))))


KINDS = [
    Subclassed,
    functional,
    lambda *layers: keras.Sequential([*layers, keras.layers.Dense(1)]),
]
TEXTS = np.array(["the cat sat", "a dog", "", "the dog sat on the cat"], object)


def text_layer(**arguments):
    return EmbeddingLayer(4, input=TokenEncoder(["the", "cat", "sat"]), **arguments)


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
@pytest.mark.parametrize("kind", KINDS)
def test_texts_train_in_every_kind_of_model(kind, dtype):
    model = kind(text_layer(dtype=dtype), Pooling("sqrtn", dtype=dtype))
    model.compile("adam", "mse")
    model.fit(TEXTS, np.arange(4.0), verbose=0)
    every = model.predict(TEXTS, verbose=0)
    alone = model.predict(TEXTS[1:2], verbose=0)
    np.testing.assert_allclose(every[1:2], alone, atol=1e-5)
    bias = model.layers[-1].bias.numpy()
    np.testing.assert_allclose(every[2], bias, atol=1e-5)  # the empty text


def ids_model(mode):
    ids = keras.Input((None,), dtype="int64")
    vectors = EmbeddingLayer(4, 3)(ids)
    model = keras.Model(ids, keras.layers.Dense(1)(Pooling(mode)(vectors)))
    return model


@pytest.mark.parametrize("mode", ["mean", "max"])
def test_xla_trains_as_a_plain_graph_does(mode):
    ids, results = np.array([[1, 2, 3, 3], [2, 0, 0, 0], [0, 0, 0, 0]]), []
    for jit_compile in (False, True):
        keras.utils.set_random_seed(1)
        model = ids_model(mode)
        model.compile("adam", "mse", jit_compile=jit_compile)
        model.fit(ids, np.ones(3), epochs=2, verbose=0)
        results.append(model.get_weights())
    for plain, compiled in zip(*results, strict=True):
        np.testing.assert_allclose(plain, compiled, atol=1e-6)


def test_strategy_of_one_device_trains_as_none():
    ids, results = np.array([[1, 2], [3, 0]]), []
    for strategy in (
        tf.distribute.get_strategy(),
        tf.distribute.MirroredStrategy(["CPU:0"]),
    ):
        with strategy.scope():
            keras.utils.set_random_seed(1)
            model = ids_model("max")
            model.compile("sgd", "mse")
            model.fit(ids, np.ones(2), verbose=0)
        results.append(model.predict(ids, verbose=0))
    np.testing.assert_allclose(*results, atol=1e-6)


def test_ragged_input_is_pooled_in_a_model():
    ids = keras.Input((None,), dtype="int64", ragged=True)
    vectors = EmbeddingLayer(weights=np.eye(2, dtype="float32"))(ids)
    pooled = Pooling("mean")(vectors)
    assert (pooled.shape, pooled.ragged) == ((None, 2), False)
    model = keras.Model(ids, pooled)
    batch = tf.ragged.constant([[1, 2], [], [2]], dtype=tf.int64)
    expected = [[0.5, 0.5], [0.0, 0.0], [0.0, 1.0]]
    np.testing.assert_array_equal(model.predict(batch, verbose=0), expected)


def weighted_model():
    text, layer = keras.Input((), dtype="string", name="text"), text_layer()
    ids = layer.encoder(text)
    weights = EmbeddingLayer(1, layer.n, embeddings_initializer="ones")(ids)
    return keras.Model(text, Pooling("mean")(layer(ids), weights=weights))


def test_weights_learn_beside_the_vectors():
    model = weighted_model()
    model.compile("adam", "mse")
    before = model.get_weights()
    model.fit(TEXTS, np.ones((4, 4)), verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        assert np.isfinite(new).all()
        assert np.any(old != new)


def test_file_and_export_give_the_same_outputs(tmp_path):
    model, texts = weighted_model(), tf.constant(TEXTS.tolist())
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(texts), model(texts))
    model.export(tmp_path / "plain", verbose=False)
    plain = tf.saved_model.load(str(tmp_path / "plain"))
    np.testing.assert_allclose(plain.serve(texts), model(texts), atol=1e-6)
    served = tf.saved_model.load(str(kw.export(model, tmp_path / "served")))
    output = served.signatures["serving_default"](text=texts)["output"]
    np.testing.assert_allclose(output, model(texts), atol=1e-6)


ERRORS = {
    "mode": (
        lambda: Pooling("men"),
        "mode must be one of 'mean', 'sum', 'sqrtn', 'max'. Got 'men'. "
        "Did you mean 'mean'?",
    ),
    "rank": (
        lambda: Pooling()(np.zeros(3)),
        "vectors must have the shape (tokens, size), with any dimensions before "
        "these. Got shape (3,).",
    ),
    "symbolic rank": (
        lambda: Pooling()(keras.Input(())),
        "vectors must have the shape (tokens, size), with any dimensions before "
        "these. Got shape (None,).",
    ),
    "weights of a maximum": (
        lambda: Pooling("max")(np.zeros((3, 2)), weights=np.ones(3)),
        'weights must be left out where mode is "max". Got some.',
    ),
    "shape of weights": (
        lambda: Pooling()(np.zeros((3, 2)), weights=np.ones(2)),
        "weights must have the shape of vectors without its size, (3,). "
        "Got shape (2,).",
    ),
    "shape of mask": (
        lambda: Pooling()(np.zeros((3, 2)), mask=[[True, False, True]]),
        "mask must have the shape of vectors without its size, (3,). Got shape (1, 3).",
    ),
    "padded weights": (
        lambda: Pooling()(ragged(VECTORS, [2]), weights=np.ones((3, 2))),
        "weights must be ragged, as vectors are. Got padded ones.",
    ),
    "ragged weights": (
        lambda: Pooling()(padded(VECTORS, [2])[0], weights=ragged(WEIGHTS)),
        "weights must be padded, as vectors are. Got ragged ones.",
    ),
    "lengths of weights": (
        lambda: Pooling()(ragged(VECTORS, [2]), weights=ragged([[1], [1, 2], []])),
        "weights must be as long as vectors, [[2, 1, 0]]. Got lengths [[1, 2, 0]].",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_what_does_not_fit_is_refused(case):
    call, message = ERRORS[case]
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


def test_config_holds_the_mode():
    pooling = Pooling("sqrtn", name="pooled")
    copy = Pooling.from_config(pooling.get_config())
    assert (copy.mode, copy.name) == ("sqrtn", "pooled")


@pytest.mark.parametrize("name", ["mask", "weights"])
def test_graph_that_knows_no_shape_stretches_nothing(name):
    dtype = tf.bool if name == "mask" else tf.float32
    specs = tf.TensorSpec([None, None, 2]), tf.TensorSpec([None, None], dtype)

    @tf.function(input_signature=specs)
    def pooled(vectors, given):
        return Pooling("mean")(vectors, **{name: given})

    vectors = tf.reshape(tf.range(12.0), [2, 3, 2])
    one_each = tf.cast([[1, 0, 1], [0, 1, 0]], dtype)
    np.testing.assert_array_equal(pooled(vectors, one_each), [[2, 3], [8, 9]])
    with pytest.raises(tf.errors.InvalidArgumentError, match="requested shape has 6"):
        pooled(vectors, one_each[:, :1])


def test_mask_may_be_of_numbers():
    for mask in ([[1, 0]], [[1.0, 0.0]]):
        pooled = Pooling("sum")(np.ones((1, 2, 3)), mask=mask)
        np.testing.assert_array_equal(pooled, np.ones((1, 3)))
