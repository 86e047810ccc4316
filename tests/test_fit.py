"""The layer in models that train: every kind of model, of input and of optimizer."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_wembed import CharacterEncoder, EmbeddingLayer, TokenEncoder

TEXTS = ["the cat sat", "a dog", "the dog sat on the cat", ""]
TOKENS = ["the", "cat", "sat", "dog", "on"]
LABELS = np.array([0.0, 1.0, 0.0, 1.0])
IDS = np.array([[1, 2, 3, 0], [3, 3, 1, 1], [2, 0, 0, 0], [1, 1, 1, 1]])


def fitted(model, data, labels=LABELS, **compile):
    """`model` after two steps, which must have moved its rows."""
    model.compile("sgd", "mse", **compile)
    model.predict(data, verbose=0)
    before = [weight.numpy() for weight in model.trainable_weights]
    model.fit(data, labels, epochs=2, verbose=0)
    after = [weight.numpy() for weight in model.trainable_weights]
    assert any(not np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    return model


def text_layer(**arguments):
    return EmbeddingLayer(4, input=TokenEncoder(TOKENS), **arguments)


class Subclassed(keras.Model):
    def __init__(self, embedding, **kwargs):
        super().__init__(**kwargs)
        self.embedding = embedding
        self.pool = keras.layers.GlobalAveragePooling1D()
        self.dense = keras.layers.Dense(1)

    def call(self, inputs):
        return self.dense(self.pool(self.embedding(inputs)))


def sequential(embedding):
    pool, dense = keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(1)
    return keras.Sequential([embedding, pool, dense])


def sequential_with_input(embedding, dtype="int64", shape=(None,), **arguments):
    model = sequential(embedding)
    inputs = keras.Input(shape, dtype=dtype, **arguments)
    return keras.Sequential([inputs, *model.layers])


def functional(embedding, dtype="int64", shape=(None,), **arguments):
    inputs = keras.Input(shape, dtype=dtype, **arguments)
    vectors = embedding(inputs)
    pooled = keras.layers.GlobalAveragePooling1D()(vectors)
    return keras.Model(inputs, keras.layers.Dense(1)(pooled))


def nested(embedding, dtype="int64", shape=(None,)):
    inner = functional(embedding, dtype, shape)
    inputs = keras.Input(shape, dtype=dtype)
    return keras.Model(inputs, keras.layers.Dense(1)(inner(inputs)))


KINDS = [sequential, sequential_with_input, functional, Subclassed, nested]


@pytest.mark.parametrize("kind", KINDS)
def test_ids_train_in_every_kind_of_model(kind):
    fitted(kind(EmbeddingLayer(4, 3)), IDS)


@pytest.mark.parametrize("kind", KINDS)
def test_texts_train_in_every_kind_of_model(kind):
    texts = {"dtype": "string", "shape": ()}
    arguments = {} if kind in (sequential, Subclassed) else texts
    fitted(kind(text_layer(), **arguments), tf.constant(TEXTS))


@pytest.mark.parametrize("kind", [sequential_with_input, functional, Subclassed])
def test_ragged_ids_train_when_padded(kind):
    embedding = EmbeddingLayer(4, 3, output="padded")
    arguments = {} if kind is Subclassed else {"ragged": True}
    fitted(kind(embedding, **arguments), tf.ragged.constant([[1], [2, 3], [], [1, 1]]))


@pytest.mark.parametrize(
    "texts",
    [
        tf.constant(TEXTS),
        tf.constant(TEXTS)[:, tf.newaxis],
        np.array(TEXTS, dtype=object),
    ],
    ids=["tensor", "column", "objects"],
)
def test_fit_takes_texts_in_these_forms(texts):
    fitted(functional(text_layer(), "string", ()), texts)


def test_fit_takes_a_dataset_of_texts():
    model = functional(text_layer(), "string", ())
    model.compile("sgd", "mse")
    data = tf.data.Dataset.from_tensor_slices((TEXTS, LABELS)).batch(2)
    before = model.predict(data, verbose=0)
    model.fit(data, epochs=2, shuffle=False, verbose=0)
    assert not np.allclose(before, model.predict(data, verbose=0))


def test_fit_takes_a_dataset_of_ragged_batches():
    rows = tf.ragged.constant([[1], [2, 3], [], [1, 1]])
    data = tf.data.Dataset.from_tensor_slices((rows, LABELS)).batch(2)
    model = functional(EmbeddingLayer(4, 3, output="padded"))
    model.compile("sgd", "mse")
    before = model.predict(data, verbose=0)
    model.fit(data, epochs=2, shuffle=False, verbose=0)
    assert not np.allclose(before, model.predict(data, verbose=0))


def test_encoder_runs_inside_a_dataset():
    encoder = TokenEncoder(TOKENS)
    data = tf.data.Dataset.from_tensor_slices(TEXTS).batch(2).map(encoder)
    assert [ids.numpy().tolist() for ids in data] == [
        [[1, 2, 3], [6, 4, 0]],
        [[1, 4, 3, 5, 1, 2], [0, 0, 0, 0, 0, 0]],
    ]


def average():
    return keras.layers.GlobalAveragePooling1D()


def both_ways():
    return keras.layers.Bidirectional(keras.layers.GRU(3))


class Attention(keras.layers.Layer):
    """Attends to itself and takes the first place."""

    def __init__(self):
        super().__init__()
        self.attention = keras.layers.MultiHeadAttention(2, 2)
        self.supports_masking = True

    def call(self, vectors, mask=None):
        return self.attention(vectors, vectors)[:, 0]


READERS = {
    "GRU": lambda: keras.layers.GRU(3),
    "LSTM": lambda: keras.layers.LSTM(3),
    "Bidirectional": both_ways,
    "GlobalAveragePooling1D": average,
    "MultiHeadAttention": Attention,
}


@pytest.mark.parametrize("reader", READERS)
def test_more_padding_changes_no_output(reader):
    inputs = keras.Input((None,), dtype="int64")
    outputs = READERS[reader]()(EmbeddingLayer(4, 3)(inputs))
    model = keras.Model(inputs, outputs)
    ids = np.array([[1, 2, 3], [3, 1, 0]])
    padded = np.pad(ids, [(0, 0), (0, 4)])
    expected = model.predict(ids, verbose=0)
    np.testing.assert_allclose(model.predict(padded, verbose=0), expected, atol=1e-6)
    assert not np.allclose(model.predict(ids[:, :2], verbose=0), expected, atol=1e-4)


@pytest.mark.parametrize("reader", READERS)
def test_longer_texts_in_the_batch_change_no_output(reader):
    inputs = keras.Input((), dtype="string")
    model = keras.Model(inputs, READERS[reader]()(text_layer()(inputs)))
    alone = model.predict(tf.constant(["the cat"]), verbose=0)
    beside = model.predict(tf.constant(["the cat", "the dog sat on"]), verbose=0)
    np.testing.assert_allclose(beside[:1], alone, atol=1e-6)


@pytest.mark.parametrize("id", [2049, 2**24 + 1])
def test_large_ids_survive_mixed_precision(id):
    rows = np.zeros((id, 1), "float32")
    rows[-1] = 7
    layer = EmbeddingLayer(weights=rows, dtype="mixed_float16")
    model = keras.Sequential([layer])
    output = model.predict(np.array([[id]]), verbose=0)
    assert output.dtype == "float16"
    assert output.tolist() == [[[7.0]]]
    assert layer.embeddings.dtype == "float32"


@pytest.mark.parametrize("kind", KINDS)
def test_mixed_precision_trains(kind):
    keras.config.set_dtype_policy("mixed_float16")
    try:
        fitted(kind(EmbeddingLayer(4, 3)), IDS)
    finally:
        keras.config.set_dtype_policy("float32")


def test_ids_compile_with_xla():
    model = fitted(functional(EmbeddingLayer(4, 3)), IDS, jit_compile=True)
    assert model.jit_compile is True


def test_xla_gives_the_weights_that_a_plain_graph_gives():
    results = []
    for jit_compile in (False, True):
        keras.utils.set_random_seed(3)
        model = functional(EmbeddingLayer(4, 3))
        fitted(model, IDS, jit_compile=jit_compile)
        results.append(model.layers[1].embeddings.numpy())
    np.testing.assert_allclose(results[0], results[1], atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "jit"),
    [
        (EmbeddingLayer(4, 3), True),
        (EmbeddingLayer(4, 3, input=5), True),
        (EmbeddingLayer(4, 3, input="varying"), False),
        (EmbeddingLayer(4, input=CharacterEncoder()), False),
    ],
    ids=["ids", "fixed", "varying", "text"],
)
def test_layer_says_whether_xla_can_compile_it(layer, jit):
    assert layer.supports_jit is jit


def test_ragged_input_says_that_xla_cannot_compile_it():
    layer = EmbeddingLayer(4, 3)
    layer(keras.Input((None,), dtype="int64", ragged=True))
    assert layer.supports_jit is False


@pytest.mark.parametrize("jit_compile", ["auto", True])
@pytest.mark.filterwarnings("ignore:Model doesn't support `jit_compile=True`")
def test_text_models_fall_back_from_xla(jit_compile):
    model = functional(text_layer(), "string", ())
    fitted(model, tf.constant(TEXTS), jit_compile=jit_compile)
    assert model.jit_compile is False


def one_hot_model(rows):
    """What an embedding is: a product with one-hot vectors."""
    inputs = keras.Input((None,), dtype="int64")
    one_hot = keras.ops.one_hot(inputs - 1, len(rows))
    dense = keras.layers.Dense(rows.shape[1], use_bias=False)
    model = keras.Model(inputs, dense(one_hot))
    dense.set_weights([rows])
    return model


OPTIMIZERS = {
    "SGD": keras.optimizers.SGD,
    "Adam": keras.optimizers.Adam,
    "AdamW": keras.optimizers.AdamW,
    "Adagrad": keras.optimizers.Adagrad,
    "RMSprop": keras.optimizers.RMSprop,
}


def rows_after_three_steps(model, optimizer, jit_compile):
    ids = np.array([[1, 1, 1, 4], [2, 4, 4, 4], [1, 2, 2, 1]])
    targets = np.random.default_rng(0).normal(size=(3, 4, 3))
    model.compile(OPTIMIZERS[optimizer](0.1), "mse", jit_compile=jit_compile)
    model.fit(ids, targets, batch_size=3, epochs=3, verbose=0)
    return model.trainable_weights[0].numpy()


@pytest.mark.parametrize("jit_compile", [False, True], ids=["graph", "xla"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_repeated_ids_train_as_one_hot_vectors_do(optimizer, jit_compile):
    rows = np.random.default_rng(1).normal(size=(5, 3)).astype("float32")
    expected = rows_after_three_steps(one_hot_model(rows), optimizer, jit_compile)
    inputs = keras.Input((None,), dtype="int64")
    model = keras.Model(inputs, EmbeddingLayer(weights=rows)(inputs))
    got = rows_after_three_steps(model, optimizer, jit_compile)
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_embedding_of_keras_does_not_train_so():
    """The claim in README; should it fail one day, Keras has mended it."""
    rows = np.random.default_rng(1).normal(size=(5, 3)).astype("float32")
    expected = rows_after_three_steps(one_hot_model(rows), "Adam", False)
    inputs = keras.Input((None,), dtype="int64")
    embedding = keras.layers.Embedding(5, 3)
    model = keras.Model(inputs, embedding(inputs - 1))
    embedding.set_weights([rows])
    got = rows_after_three_steps(model, "Adam", False)
    assert np.abs(got - expected).max() > 0.01


def test_padding_trains_no_row():
    layer = EmbeddingLayer(2, 3)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer([[2, 0], [0, 0]]))
    gradient = tape.gradient(loss, layer.embeddings.value)
    dense = tf.convert_to_tensor(gradient).numpy().tolist()
    assert dense == [[0, 0], [1, 1], [0, 0]]
    assert set(gradient.indices.numpy().tolist()) == {1}


def operations(function):
    """The types of all operations of a concrete function, those it calls included."""
    graph = function.graph.as_graph_def()
    nodes = [
        *graph.node,
        *(node for f in graph.library.function for node in f.node_def),
    ]
    return {node.op for node in nodes}


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_forward_pass_never_reads_the_table(dtype):
    layer = EmbeddingLayer(4, 3, dtype=dtype)
    layer.build()
    spec = tf.TensorSpec([None, None], tf.int64)
    names = operations(tf.function(layer.call).get_concrete_function(spec))
    assert "ResourceGather" in names
    assert "ReadVariableOp" not in names


def test_regularizer_and_constraint_act():
    layer = EmbeddingLayer(
        2,
        3,
        embeddings_initializer="ones",
        embeddings_regularizer=keras.regularizers.L2(0.5),
        embeddings_constraint="non_neg",
    )
    model = keras.Sequential([keras.Input((None,), dtype="int64"), layer])
    assert [float(loss) for loss in model.losses] == [3.0]
    model.compile(keras.optimizers.SGD(10.0), "mse")
    model.fit(np.array([[1, 2, 3]]), np.full((1, 3, 2), -9.0), verbose=0)
    assert layer.embeddings.numpy().min() == 0


def test_frozen_layer_keeps_its_rows():
    layer = EmbeddingLayer(4, 3, trainable=False)
    model = functional(layer)
    before = layer.embeddings.numpy()
    fitted(model, IDS)
    assert np.array_equal(layer.embeddings.numpy(), before)


def test_several_devices_train_as_one():
    results = []
    for strategy in (
        tf.distribute.get_strategy(),
        tf.distribute.MirroredStrategy(["CPU:0"]),
    ):
        with strategy.scope():
            keras.utils.set_random_seed(3)
            model = functional(EmbeddingLayer(4, 3))
            fitted(model, IDS)
        results.append(model.layers[1].embeddings.numpy())
    np.testing.assert_allclose(results[0], results[1], atol=1e-6)
