"""What the layer gives, and what it refuses."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed import (
    CharacterEncoder,
    ClassEncoder,
    EmbeddingLayer,
    TokenEncoder,
    WordVectors,
)

ROWS = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "float32")


def layer_of(**arguments):
    return EmbeddingLayer(weights=ROWS, **arguments)


def listed(vectors):
    if isinstance(vectors, tf.RaggedTensor):
        return vectors.to_list()
    return vectors.numpy().tolist()


A, B, C, PADDING = [1, 2], [3, 4], [5, 6], [0, 0]

CALLS = [
    (2, B),
    ([1, 2, 1], [A, B, A]),
    ([[1, 0]], [[A, PADDING]]),
    ([[1], [2, 3]], [[A], [B, C]]),
    ([[[1], []], [[2, 3]]], [[[A], []], [[B, C]]]),
    ([], []),
    ([[], []], [[], []]),
    ([[], [3]], [[], [C]]),
    (np.array([3], "uint8"), [C]),
    (np.array([[3]], "int16"), [[C]]),
    (np.zeros((0, 3), int), []),
    (tf.constant(3), C),
    (tf.Variable([3, 1]), [C, A]),
    (tf.ragged.constant([[1], []]), [[A], []]),
    (tf.ragged.constant([[[1], [2]], [[]]]), [[[A], [B]], [[]]]),
]


@pytest.mark.parametrize(("ids", "expected"), CALLS)
def test_layer_gives_the_rows_of_ids(ids, expected):
    assert listed(layer_of()(ids)) == expected


@pytest.mark.parametrize(
    "dtype", ["int8", "uint8", "int16", "uint16", "int32", "uint64"]
)
def test_every_integer_type_is_an_id(dtype):
    assert listed(layer_of()(np.array([2], dtype))) == [B]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.integers(1, 3)), min_size=1))
def test_ragged_is_dense_and_a_mask(ids):
    ids = tf.ragged.constant(ids, dtype=tf.int64)
    ragged, dense = layer_of()(ids), layer_of(output="padded")(ids)
    assert listed(tf.ragged.boolean_mask(dense, dense._keras_mask)) == listed(ragged)
    assert not dense.numpy()[~dense._keras_mask.numpy()].any()


OUTPUTS = [
    ([[1], [2, 3]], "padded", [[A, PADDING], [B, C]]),
    ([[1, 0], [2, 3]], "ragged", [[A], [B, C]]),
    ([1, 0], "ragged", [A, PADDING]),
]


@pytest.mark.parametrize(("ids", "output", "expected"), OUTPUTS)
def test_output_decides_on_raggedness(ids, output, expected):
    assert listed(layer_of(output=output)(ids)) == expected


def test_mask_marks_what_is_no_padding():
    mask = layer_of()([[1, 0, 2], [0, 0, 3]])._keras_mask
    assert mask.numpy().tolist() == [[True, False, True], [False, False, True]]


def test_embeddings_are_the_rows():
    layer = layer_of()
    ids = np.array([3, 1])
    assert layer.embeddings.shape == (3, 2)
    np.testing.assert_array_equal(layer(ids), layer.embeddings.numpy()[ids - 1])


def test_layer_has_its_sizes():
    layer = EmbeddingLayer(4, 3)
    assert (layer.size, layer.n, layer.embeddings, layer.encoder) == (4, 3, None, None)
    assert layer([1]).shape == (1, 4)
    assert layer.embeddings.shape == (3, 4)


def test_weights_set_the_sizes_and_stay_out_of_the_config():
    layer = layer_of(size=2, n=3)
    assert (layer.size, layer.n) == (2, 3)
    assert "weights" not in layer.get_config()
    assert layer.built


@pytest.mark.parametrize(
    "weights",
    [ROWS.tolist(), tf.constant(ROWS), ROWS.astype("float64"), [[1, 2], [3, 4]]],
)
def test_weights_may_be_any_matrix(weights):
    assert listed(EmbeddingLayer(weights=weights)(2)) == B


TEXT_CALLS = [
    ("b a", [B, A]),
    (b"b", [B]),
    ("", []),
    (["b", "a z"], [[B, PADDING], [A, C]]),
    ([["b"], ["a z"]], [[B, PADDING], [A, C]]),
    (np.array(["b", "a z"]), [[B, PADDING], [A, C]]),
    (np.array(["b", "a z"], object), [[B, PADDING], [A, C]]),
    (tf.constant(["", ""]), [[], []]),
    ([], []),
    (np.zeros((0, 5), int), []),
    (tf.ragged.constant([["a"], []]), [[[A]], [[PADDING]]]),
    (
        [["a", "b"], ["z a", ""]],
        [[[A, PADDING], [B, PADDING]], [[C, A], [PADDING] * 2]],
    ),
    ([2, 1], [B, A]),
    ([[2], [1, 3]], [[B], [A, C]]),
]


@pytest.mark.parametrize(("texts", "expected"), TEXT_CALLS)
def test_layer_with_an_encoder_gives_the_rows_of_tokens(texts, expected):
    assert listed(layer_of(input=TokenEncoder(["a", "b"]))(texts)) == expected


def test_texts_come_ragged_if_so_wanted():
    layer = layer_of(input=TokenEncoder(["a", "b"]), output="ragged")
    assert listed(layer(["b", "a z"])) == [[B], [A, C]]
    assert listed(layer([["b", "a z"]])) == [[[B], [A, C]]]
    assert listed(layer("b")) == [B]


def test_tokens_may_come_split():
    layer = layer_of(input=TokenEncoder(["a b", "c"], split=None))
    assert listed(layer("a b")) == A
    assert listed(layer([["a b", "c"], ["c"]])) == [[A, B], [B, PADDING]]


def test_labels_keep_their_shape():
    layer = layer_of(input=ClassEncoder(["a", "b", "c"]))
    assert listed(layer("b")) == B
    assert listed(layer([["a"], ["b", "c"]])) == [[A], [B, C]]
    assert listed(layer(3)) == C  # an id, as the labels are strings


def test_integers_are_labels_where_labels_are_integers():
    layer = layer_of(input=ClassEncoder([30, 10, 20]))
    assert listed(layer([10, 30])) == [B, A]


def test_booleans_are_labels_where_labels_are_booleans():
    layer = EmbeddingLayer(weights=ROWS[:2], input=ClassEncoder([False, True]))
    assert listed(layer([True, False])) == [B, A]


def test_n_comes_from_an_encoder_adapted_later():
    encoder = TokenEncoder()
    layer = EmbeddingLayer(5, input=encoder)
    encoder.adapt(["a b c"])
    assert layer.n == 4
    assert layer("a z").shape == (2, 5)


INPUTS = [
    ("integer", 2, [2], [[2]], "() or (batch,)", "(1, 1)"),
    (2, [1, 2], [[1, 2]], [1, 2, 3], "(2,) or (batch, 2)", "(3,)"),
    ((2, 1), [[1], [2]], [[[1], [2]]], 1, "(2, 1) or (batch, 2, 1)", "()"),
    ("varying", [1, 2, 3], [[1], [2, 3]], 1, "(length,) or (batch, length)", "()"),
    (
        ("varying", 2),
        [[1, 2]],
        [[[1, 2]], [[1, 2], [2, 3]]],
        [[1], [2, 3]],
        "(length, 2) or (batch, length, 2)",
        "(2, length)",
    ),
]


@pytest.mark.parametrize(("form", "one", "batch", "other", "said", "got"), INPUTS)
def test_form_of_input_is_checked(form, one, batch, other, said, got):
    layer = layer_of(input=form)
    assert layer(one).shape.rank == tf.ragged.constant(one).shape.rank + 1
    assert layer(batch).shape.rank == layer(one).shape.rank + 1
    written = tuple(form) if isinstance(form, tuple) else form
    message = (
        f"inputs must have the shape {said}, as input={written!r} says. Got {got}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer(other)


def test_length_known_late_is_checked_in_the_graph():
    layer = layer_of(input=2)
    spec = tf.TensorSpec([None, None], tf.int64)
    function = tf.function(layer.call, input_signature=[spec])
    assert function(tf.constant([[1, 2]], tf.int64)).shape == (1, 2, 2)
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[1,3\]"):
        function(tf.constant([[1, 2, 3]], tf.int64))


SWAPPED = (
    " This is EmbeddingLayer(size=50, n=3); Keras's Embedding takes the two the other "
    "way round."
)

BAD_INPUTS = [
    (
        layer_of(),
        [[1, 4]],
        ValueError,
        "ids must be in 1..3, or 0 for padding. Got 4 at position (0, 1).",
    ),
    (layer_of(), -1, ValueError, "ids must be in 1..3, or 0 for padding. Got -1."),
    (
        EmbeddingLayer(50, 3),
        40,
        ValueError,
        "ids must be in 1..3, or 0 for padding. Got 40." + SWAPPED,
    ),
    (layer_of(), 1.0, TypeError, "ids must be integers. Got float64."),
    (layer_of(), np.float32([1]), TypeError, "ids must be integers. Got float32."),
    (layer_of(), [True], TypeError, "ids must be integers. Got bool."),
    (
        layer_of(),
        "a",
        TypeError,
        "ids must be integers. Got string. input=TokenEncoder(vocabulary) makes the "
        "layer take text.",
    ),
    (
        layer_of(input=TokenEncoder(["a", "b"])),
        1.0,
        TypeError,
        "EmbeddingLayer with a TokenEncoder takes string. Got float64.",
    ),
    (
        layer_of(input=TokenEncoder(["a", "b"])),
        4,
        ValueError,
        "ids must be in 1..3, or 0 for padding. Got 4.",
    ),
    (
        layer_of(input=ClassEncoder(["a", "b", "c"])),
        ["a", "d"],
        ValueError,
        "labels must be among 'a', 'b', 'c'. Got 'd' at position (1,).",
    ),
]


@pytest.mark.parametrize(("layer", "inputs", "error", "message"), BAD_INPUTS)
def test_bad_input_is_refused(layer, inputs, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        layer(inputs)


@pytest.mark.parametrize("dtype", ["float32", "bool", "string"])
def test_symbolic_input_of_another_kind_is_refused(dtype):
    with pytest.raises(TypeError, match=rf"^ids must be integers. Got {dtype}\."):
        layer_of()(keras.Input((2,), dtype=dtype))


def test_bad_id_in_a_graph_is_an_invalid_argument():
    model = keras.Sequential([layer_of()])
    model.compile(jit_compile=False)  # XLA, which checks nothing, is a GPU's default
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"ids must be in 1\.\.3"):
        model.predict(np.array([[1, 9]]), verbose=0)


def test_unknown_label_in_a_graph_is_an_invalid_argument():
    model = keras.Sequential([layer_of(input=ClassEncoder(["a", "b", "c"]))])
    with pytest.raises(tf.errors.InvalidArgumentError, match="labels must be among"):
        model.predict(tf.constant([["a"], ["d"]]), verbose=0)


def test_bad_id_under_xla_is_nan():
    model = keras.Sequential([layer_of()])
    model.compile(jit_compile=True)
    vectors = model.predict(np.array([[1, 9]]), verbose=0)
    np.testing.assert_array_equal(vectors, [[A, [np.nan, np.nan]]])


FORMS = (
    'input must be an encoder, "integer", d, (d1, d2, ...), "varying" or '
    '("varying", d2, ...).'
)

BAD_ARGUMENTS = [
    ({}, ValueError, "size must be given, or weights that set it. Got neither."),
    ({"size": 2.5}, TypeError, "size must be an integer. Got 2.5 (float)."),
    ({"size": True}, TypeError, "size must be an integer. Got True (bool)."),
    ({"size": 0}, ValueError, "size must be at least 1. Got 0."),
    ({"size": 2, "n": -1}, ValueError, "n must be at least 1. Got -1."),
    (
        {"size": 2, "output": "raged"},
        ValueError,
        "output must be one of 'auto', 'padded', 'ragged'. Got 'raged'. "
        "Did you mean 'ragged'?",
    ),
    ({"size": 2, "input": "text"}, ValueError, f"{FORMS} Got 'text'."),
    ({"size": 2, "input": ()}, ValueError, f"{FORMS} Got ()."),
    ({"size": 2, "input": (2, "varying")}, ValueError, f"{FORMS} Got (2, 'varying')."),
    (
        {"size": 2, "input": 0},
        ValueError,
        "each length of input must be at least 1. Got 0.",
    ),
    (
        {"weights": [1, 2]},
        ValueError,
        "weights must be a matrix, (n, size). Got shape (2,).",
    ),
    (
        {"weights": np.zeros((0, 2))},
        ValueError,
        "weights must be a matrix, (n, size). Got shape (0, 2).",
    ),
    (
        {"weights": WordVectors(("a",), np.ones((1, 2)))},
        TypeError,
        "weights must be a matrix. Got WordVectors. Use EmbeddingLayer.from_vectors.",
    ),
    ({"weights": [["a"]]}, TypeError, "weights must be numbers. Got <U1."),
    (
        {"size": 3, "weights": ROWS},
        ValueError,
        "size must be that of weights, 2. Got 3.",
    ),
    ({"n": 4, "weights": ROWS}, ValueError, "n must be that of weights, 3. Got 4."),
    (
        {"weights": ROWS, "input": TokenEncoder(["a"])},
        ValueError,
        "n must be the encoder's, 2. Got 3.",
    ),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD_ARGUMENTS)
def test_bad_argument_is_refused(arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        EmbeddingLayer(**arguments)


def test_unknown_n_is_refused_when_called():
    message = (
        "n must be known before the layer is called. Got no n and no encoder with a "
        "vocabulary. Pass n, or adapt the encoder first."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        EmbeddingLayer(2)(1)


def test_n_other_than_the_encoders_is_refused_when_called():
    layer = EmbeddingLayer(2, 5, input=TokenEncoder(["a"]))
    with pytest.raises(ValueError, match=r"^n must be the encoder's, 2. Got 5.$"):
        layer("a")


def test_encoder_is_not_adapted_once_a_layer_is_built_on_it():
    encoder = TokenEncoder(["a"])
    EmbeddingLayer(2, input=encoder)("a")
    message = (
        "adapt must come before a layer is built on the encoder: its rows stand for "
        "the tokens that there were. Make both anew."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        encoder.adapt(["a b c"])


@pytest.mark.parametrize("make", [EmbeddingLayer, EmbeddingLayer.from_vectors])
def test_encoder_without_a_vocabulary_is_refused(make):
    first = 2 if make is EmbeddingLayer else VECTORS
    arguments = {"n": 9} if make is EmbeddingLayer else {}
    message = (
        "TextVectorization must have a vocabulary before it is used. Got none. "
        "Adapt it, or load the file that its config was saved with."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        make(first, input=keras.layers.TextVectorization(), **arguments)("a")


def test_sequential_keeps_large_ids_apart():
    model = keras.Sequential([layer_of()])
    model.compile(jit_compile=False)  # XLA, which checks nothing, is a GPU's default
    with pytest.raises(tf.errors.InvalidArgumentError, match="4294967297"):
        model.predict(np.array([[2**32 + 1]]), verbose=0)


class Subclassed(keras.Model):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def call(self, inputs):
        return self.layer(inputs)


FLOATS = [
    (layer_of(), [[1.0, 2.0]], "ids must be integers. Got float32."),
    (
        layer_of(input=ClassEncoder([5, 6, 7])),
        [5.0, 6.0],
        "EmbeddingLayer with a ClassEncoder takes int64. Got float32.",
    ),
    (
        layer_of(input=TokenEncoder(["a", "b"])),
        [1.5],
        "EmbeddingLayer with a TokenEncoder takes string. Got float32.",
    ),
]


@pytest.mark.parametrize(("layer", "floats", "message"), FLOATS)
def test_floats_are_refused_in_a_graph_too(layer, floats, message):
    model = Subclassed(layer)
    model.compile(jit_compile=False)
    with pytest.raises(tf.errors.InvalidArgumentError, match=message):
        model.predict(np.array(floats, "float32"), verbose=0)


def test_subclassed_model_of_ids_becomes_a_saved_model(tmp_path):
    model = Subclassed(layer_of())
    model(np.array([[1, 2]]))
    spec = tf.TensorSpec([None, None], tf.int64)
    tf.saved_model.save(
        model, str(tmp_path), tf.function(model, input_signature=[spec])
    )
    served = tf.saved_model.load(str(tmp_path)).signatures["serving_default"]
    (vectors,) = served(tf.constant([[3]], tf.int64)).values()
    assert listed(vectors) == [[C]]


SYMBOLIC = [
    ({"output": "ragged"}, (3,), "int64", (None, None, 2)),
    (
        {"output": "ragged", "input": TokenEncoder(["a", "b"])},
        (),
        "string",
        (None, None, 2),
    ),
    ({}, (3,), "int64", (None, 3, 2)),
    ({"input": TokenEncoder(["a", "b"], length=4)}, (1,), "string", (None, 4, 2)),
    ({"input": ClassEncoder(["a", "b", "c"])}, (4,), "string", (None, 4, 2)),
]


@pytest.mark.parametrize(("arguments", "shape", "dtype", "expected"), SYMBOLIC)
def test_symbolic_shape_is_the_real_one(arguments, shape, dtype, expected):
    layer = layer_of(**arguments)
    assert layer(keras.Input(shape, dtype=dtype)).shape == expected
    one = (
        tf.zeros((5, *shape), dtype) if dtype == "int64" else tf.fill((5, *shape), "a")
    )
    real = tuple(layer(one).shape)
    assert all(
        said in (None, found) for said, found in zip(expected, real, strict=True)
    )


def test_reverse_gives_logits_over_all_ids():
    layer = layer_of()
    logits = layer(tf.constant([[[1.0, 0.0]], [[1.0, -1.0]]]), reverse=True)
    assert listed(logits) == [[[1, 3, 5]], [[-1, -1, -1]]]


@pytest.mark.parametrize("shape", [(2,), (3, 2), (0, 2), (2, 1, 3, 2), (2, 0, 2)])
def test_reverse_takes_vectors_in_any_shape(shape):
    layer = EmbeddingLayer(2, 3)
    layer([1])
    vectors = np.random.default_rng(0).normal(size=shape).astype("float32")
    expected = vectors @ layer.embeddings.numpy().T
    np.testing.assert_allclose(layer(vectors, reverse=True), expected, rtol=1e-5)


def test_reverse_ties_the_two_ends_of_a_model():
    layer = EmbeddingLayer(4, 3)
    inputs = keras.Input((None,), dtype="int64")
    hidden = keras.layers.GRU(4, return_sequences=True)(layer(inputs))
    model = keras.Model(inputs, layer(hidden, reverse=True))
    assert model.output_shape == (None, None, 3)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss)
    model.fit(np.array([[1, 2, 3, 0]]), np.array([[1, 2, 0, 0]]), verbose=0)
    again = keras.models.clone_model(model)
    assert again.count_params() == model.count_params()


BAD_VECTORS = [
    ([[1, 2]], TypeError, "vectors must be floats with reverse=True. Got int64."),
    ([[1.0]], ValueError, "vectors must have the size 2 with reverse=True. Got 1."),
    (
        1.0,
        ValueError,
        "vectors must have the size 2 with reverse=True. Got a single number.",
    ),
]


@pytest.mark.parametrize(("vectors", "error", "message"), BAD_VECTORS)
def test_bad_vectors_are_refused(vectors, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        layer_of()(vectors, reverse=True)


VECTORS = WordVectors(("a", "b"), np.array([[1.0, 2.0], [3.0, 4.0]], "float32"))


def test_vectors_alone_are_the_rows():
    layer = EmbeddingLayer.from_vectors(VECTORS)
    assert (layer.n, listed(layer([2, 1]))) == (2, [B, A])


FROM_VECTORS = [
    (TokenEncoder(["a", "b"]), "b a z", [B, A, [2, 3]]),
    (TokenEncoder(["z", "b"]), "b a z", [B, [2, 3], [2, 3]]),
    (CharacterEncoder("ba"), "abz", [A, B, [2, 3]]),
    (ClassEncoder(["b", "a"]), ["a", "b"], [A, B]),
    (keras.layers.TextVectorization(vocabulary=["b", "a"]), "b a z", [B, A, [2, 3]]),
    (keras.layers.StringLookup(vocabulary=["b", "a"]), ["a", "z"], [A, [2, 3]]),
]


@pytest.mark.parametrize(("encoder", "inputs", "expected"), FROM_VECTORS)
def test_vectors_go_to_the_tokens_of_the_encoder(encoder, inputs, expected):
    layer = EmbeddingLayer.from_vectors(VECTORS, input=encoder)
    assert listed(layer(inputs)) == expected


def test_unknown_row_is_that_of_the_vectors():
    vectors = WordVectors(VECTORS.tokens, VECTORS.matrix, np.float32([9, 9]))
    layer = EmbeddingLayer.from_vectors(vectors, input=TokenEncoder(["a"]))
    assert listed(layer("z")) == [[9, 9]]


def test_vectors_may_be_frozen():
    layer = EmbeddingLayer.from_vectors(VECTORS, trainable=False)
    assert layer.trainable_weights == []
