"""What `export` writes, read back with TensorFlow alone."""

import re
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_wembed as kw
from keras_wembed.serving.ports import entry
from keras_wembed.serving.signatures import named, signatures
from keras_wembed.subwords import Subwords

VOCABULARY = ["the", "cat", "sat", "don't", "a-b", "Über"]
TEXTS = ["The cat sat", "don't", "", "über a-b unknown"]


def encoder(**arguments):
    return kw.TokenEncoder(VOCABULARY, **arguments)


def layer(**arguments):
    arguments = {"input": encoder(), **arguments}
    n = arguments["input"].n
    return kw.EmbeddingLayer(
        weights=np.arange(1.0, 2 * n + 1).reshape(n, 2), **arguments
    )


def recurrent(embedding):
    text = keras.Input((), dtype="string")
    hidden = keras.layers.Bidirectional(keras.layers.GRU(3))(embedding(text))
    return keras.Model(text, keras.layers.Dense(2, "softmax")(hidden))


def of_ids():
    return kw.EmbeddingLayer(weights=np.eye(3))


def load(path):
    return tf.saved_model.load(str(path)).signatures


def names(signature):
    return sorted(signature.structured_input_signature[1])


def size(path):
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


@pytest.fixture(scope="module")
def gru(tmp_path_factory):
    """A recurrent model on text, and its signatures."""
    keras.utils.set_random_seed(1)
    model = recurrent(layer())
    return model, load(kw.export(model, tmp_path_factory.mktemp("gru")))


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """A layer, the folder that it was exported to, and its signatures."""
    embedding = layer()
    placed = kw.export(embedding, tmp_path_factory.mktemp("alone"))
    return embedding, placed, load(placed)


def test_each_way_to_send_a_text_gives_what_the_model_gives(gru):
    model, served = gru
    assert set(served) == {"text", "ids", "tokens", "flat", "serving_default"}
    texts = tf.constant([text for text in TEXTS if text])
    expected = model(texts)
    encoded = model.layers[1].encoder
    ids = encoded(texts)
    rows = tf.RaggedTensor.from_tensor(ids, padding=0)
    tokens = encoded.tokenize(texts).to_tensor()
    answers = [
        served["serving_default"](text=texts),
        served["text"](text=texts),
        served["ids"](ids=ids),
        served["tokens"](tokens=tokens),
        served["flat"](values=rows.values, row_lengths=rows.row_lengths()),
    ]
    for answer in answers:
        np.testing.assert_allclose(answer["output"], expected, atol=1e-6)


def test_batch_without_texts_or_without_tokens_is_served(gru):
    _, served = gru
    nothing = tf.constant([], tf.string)
    assert served["text"](text=nothing)["output"].shape == (0, 2)
    assert served["ids"](ids=tf.zeros([0, 0], tf.int64))["output"].shape == (0, 2)
    assert served["tokens"](tokens=tf.fill([0, 0], ""))["output"].shape == (0, 2)
    none = tf.constant([], tf.int64)
    assert served["flat"](values=none, row_lengths=none)["output"].shape == (0, 2)
    alone = served["text"](text=[""])["output"]
    beside = served["text"](text=["", "the cat"])["output"]
    np.testing.assert_allclose(alone[0], beside[0], atol=1e-6)


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_layer_alone_is_served(batch, alone):
    embedding, _, served = alone
    texts = tf.constant((TEXTS * 2)[:batch])
    np.testing.assert_array_equal(
        served["text"](text=texts)["output"], embedding(texts)
    )


def test_table_and_vocabulary_are_written_once(tmp_path):
    tokens = [f"token{number}" for number in range(20_000)]
    embedding = kw.EmbeddingLayer(100, input=kw.TokenEncoder(tokens))
    embedding("a")
    model = keras.Sequential([keras.Input((), dtype="string"), embedding])
    model.compile("adam", "mse")
    placed = kw.export(model, tmp_path / "served")
    own = 20_001 * 100 * 4 + sum(len(token) + 1 for token in tokens)
    assert size(placed) < 1.05 * own
    assert b"token19999" not in (placed / "saved_model.pb").read_bytes()
    assert (placed / "assets" / "vocabulary.txt").read_text().split() == tokens
    model.export(tmp_path / "keras", verbose=False)
    assert size(tmp_path / "keras") > 1.9 * own  # or `export` is no longer needed


def test_model_is_as_before_after_its_export(tmp_path):
    model = recurrent(layer())
    before = model(tf.constant(TEXTS))
    nodes = len(model.layers[1]._inbound_nodes)
    kw.export(model, tmp_path / "served")
    assert len(model.layers[1]._inbound_nodes) == nodes
    assert model.layers[1]([""]).shape == (1, 0, 2)
    np.testing.assert_array_equal(model(tf.constant(TEXTS)), before)
    model.export(tmp_path / "keras", verbose=False)


def test_inputs_have_the_names_that_they_were_given(tmp_path):
    text = keras.Input((), dtype="string", name="review")
    model = keras.Model(text, layer()(text))
    served = load(kw.export(model, tmp_path / "served"))
    assert names(served["text"]) == names(served["ids"]) == ["review"]
    assert names(served["flat"]) == ["review_row_lengths", "review_values"]


def two_texts(**inputs):
    embedding = layer()
    left, right = (
        keras.Input((), dtype="string", **given) for given in inputs.values()
    )
    pool = keras.layers.GlobalAveragePooling1D()
    pooled = [pool(embedding(text)) for text in (left, right)]
    number = keras.Input((1,), name="number")
    outputs = {"both": keras.layers.Concatenate()([*pooled, number]), "left": pooled[0]}
    return keras.Model([left, right, number], outputs)


def test_inputs_and_outputs_of_a_model_of_several_are_named(tmp_path):
    model = two_texts(question={"name": "question"}, answer={})
    served = load(kw.export(model, tmp_path / "served"))
    assert names(served["text"]) == ["input_2", "number", "question"]
    assert names(served["flat"]) == [
        "input_2_row_lengths",
        "input_2_values",
        "number",
        "question_row_lengths",
        "question_values",
    ]
    numbers = tf.constant([[1.0], [2.0]])
    texts = tf.constant(["the cat", "sat"]), tf.constant(["a", "don't sat"])
    expected = model([*texts, numbers])
    answer = served["text"](question=texts[0], input_2=texts[1], number=numbers)
    assert set(answer) == {"both", "left"}
    ids = [model.layers[2].encoder(text) for text in texts]
    other = served["ids"](question=ids[0], input_2=ids[1], number=numbers)
    for name in expected:
        np.testing.assert_allclose(answer[name], expected[name], atol=1e-6)
        np.testing.assert_allclose(other[name], expected[name], atol=1e-6)


@pytest.mark.parametrize("labels", [["a", "b"], [30, 10], [False, True]])
def test_labels_are_served(labels, tmp_path):
    embedding = layer(input=kw.ClassEncoder(labels))
    served = load(kw.export(embedding, tmp_path / "served"))
    assert set(served) == {"labels", "ids", "serving_default"}
    expected = embedding.embeddings.numpy()[[1, 0, 1]]
    sent = tf.constant([labels[1], labels[0], labels[1]], embedding.compute_dtype)
    np.testing.assert_array_equal(served["labels"](labels=sent)["output"], expected)
    ids = tf.constant([2, 1, 2], tf.int64)
    np.testing.assert_array_equal(served["ids"](ids=ids)["output"], expected)


def test_characters_are_served(tmp_path):
    embedding = layer(input=kw.CharacterEncoder("abc"))
    served = load(kw.export(embedding, tmp_path / "served"))
    assert set(served) == {"text", "ids", "flat", "serving_default"}
    texts = tf.constant(["abc", "z"])
    np.testing.assert_array_equal(
        served["text"](text=texts)["output"], embedding(texts)
    )


@pytest.mark.parametrize("form", ["dense", "ragged"])
def test_ids_are_served(form, tmp_path):
    embedding = kw.EmbeddingLayer(weights=np.eye(3), output="padded")
    ids = keras.Input((None,), dtype="int32", ragged=form == "ragged")
    model = keras.Model(ids, embedding(ids))
    served = load(kw.export(model, tmp_path / "served"))
    assert set(served) == {"ids", "flat", "serving_default"}
    expected = embedding([[1, 2], [3, 0]])
    kind = tf.int32 if form == "dense" else tf.int64
    padded = tf.constant([[1, 2], [3, 0]], kind)
    np.testing.assert_array_equal(served["ids"](ids=padded)["output"], expected)
    kind = tf.int64 if form == "dense" else tf.int32
    flat = served["flat"](
        values=tf.constant([1, 2, 3], kind), row_lengths=tf.constant([2, 1], tf.int64)
    )
    np.testing.assert_array_equal(flat["output"], expected)


def test_ragged_output_leaves_in_one_row(tmp_path):
    embedding = layer(output="ragged")
    served = load(kw.export(embedding, tmp_path / "served"))
    expected = embedding(TEXTS)
    ids = embedding.encoder(TEXTS)
    for answer in (
        served["text"](text=tf.constant(TEXTS)),
        served["ids"](ids=ids),
    ):
        assert set(answer) == {"values", "row_lengths"}
        np.testing.assert_array_equal(answer["values"], expected.values)
        np.testing.assert_array_equal(answer["row_lengths"], expected.row_lengths())


@pytest.mark.parametrize("split", ["words", "treebank", "numberbatch"])
def test_tokens_are_served_with_vectors_of_their_ngrams(split, tmp_path):
    subwords = Subwords(np.arange(22.0, dtype=np.float32).reshape(11, 2), 3, 6)
    embedding = layer(input=encoder(split=split), subwords=subwords)
    served = load(kw.export(embedding, tmp_path / "served"))
    texts = tf.constant(TEXTS)
    tokens = embedding.encoder.tokenize(texts).to_tensor()
    expected = embedding(texts)
    np.testing.assert_allclose(served["text"](text=texts)["output"], expected)
    np.testing.assert_allclose(served["tokens"](tokens=tokens)["output"], expected)


def test_text_that_more_than_a_layer_reads_has_one_signature(tmp_path):
    text = keras.Input((), dtype="string")
    length = keras.layers.Lambda(tf.strings.length, output_shape=())(text)
    model = keras.Model(text, [layer()(text), length])
    served = load(kw.export(model, tmp_path / "served"))
    assert set(served) == {"text", "serving_default"}


def read_by(*embeddings):
    """A model on text that several layers read."""
    text = keras.Input((), dtype="string")
    outputs = [kw.Pooling("sum")(embedding(text)) for embedding in embeddings]
    return keras.Model(text, outputs)


OTHERS = {
    "the same encoder": (None, {"ids", "tokens", "flat"}),
    "one that is alike": (kw.TokenEncoder(VOCABULARY), {"ids", "tokens", "flat"}),
    "another vocabulary": (kw.TokenEncoder(["sat", "the"]), {"tokens"}),
    "another way": (kw.TokenEncoder(VOCABULARY, split="treebank"), set()),
    "characters": (kw.CharacterEncoder("abc"), set()),
}


@pytest.mark.parametrize("other", OTHERS)
def test_what_each_encoder_sees_otherwise_is_no_signature(other, tmp_path):
    another, offered = OTHERS[other]
    first = layer()
    model = read_by(first, layer(input=another or first.encoder))
    served = load(kw.export(model, tmp_path / "served"))
    assert set(served) == {"text", "serving_default"} | offered
    texts = tf.constant(["the cat", "sat"])
    sent = {
        "text": texts,
        "ids": first.encoder(texts),
        "tokens": tf.constant([["the", "cat"], ["sat", ""]]),
    }
    for name in served.keys() & sent.keys():
        outputs = sorted(served[name](sent[name]).items())
        for (_, output), expected in zip(outputs, model(texts), strict=True):
            np.testing.assert_allclose(output, expected)


class Lowered(kw.TokenEncoder):
    """Another class: nobody knows what it does."""


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            kw.CharacterEncoder([{"ab": "auto", "cd": "auto"}]),
            kw.CharacterEncoder([{"cd": "auto", "ab": "auto"}]),
        ),
        (kw.TokenEncoder(["ab"]), Lowered(["ab"])),
        (kw.TokenEncoder(["ab"]), kw.TokenEncoder(["ab"], fallback=["parts"])),
        (
            keras.layers.TextVectorization(vocabulary=["ab"], standardize=tf.identity),
            keras.layers.TextVectorization(vocabulary=["ab"], standardize=None),
        ),
        (
            keras.layers.TextVectorization(vocabulary=["ab"], split=lambda x: x),
            keras.layers.TextVectorization(vocabulary=["ab"], split=lambda x: x),
        ),
    ],
    ids=["order", "class", "option", "function", "lambda"],
)
def test_encoders_that_may_differ_are_served_apart(first, second, tmp_path):
    model = read_by(*(kw.EmbeddingLayer(2, input=each) for each in (first, second)))
    served = load(kw.export(model, tmp_path / "served"))
    assert not {"ids", "flat"} & set(served)
    texts = tf.constant(["abcdz", "ab"])
    outputs = sorted(served["text"](texts).items())
    for (_, output), expected in zip(outputs, model(texts), strict=True):
        np.testing.assert_allclose(output, expected)


def test_layers_of_a_clone_are_served_with_one_vocabulary(tmp_path):
    first = layer()
    model = keras.models.clone_model(read_by(first, layer(input=first.encoder)))
    folder = kw.export(model, tmp_path / "served")
    assert {"ids", "tokens", "flat"} < set(load(folder))
    assert [file.name for file in (folder / "assets").iterdir()] == ["vocabulary.txt"]
    kw.export(model, tmp_path / "model.tflite", format="litert")


def test_model_that_gives_its_text_back_needs_the_text(tmp_path):
    text = keras.Input((), dtype="string")
    model = keras.Model(text, {"text": text, "vectors": layer()(text)})
    served = load(kw.export(model, tmp_path / "served"))
    assert set(served) == {"text", "serving_default"}
    assert served["text"](tf.constant(["cat"]))["text"].numpy().tolist() == [b"cat"]


def test_other_threads_see_nothing_of_an_export(tmp_path):
    model = read_by(layer())
    texts = tf.constant(["the cat", "sat"])
    expected, before = model(texts), vars(model.layers[1]).copy()
    with ThreadPoolExecutor(4) as pool:
        exports = [pool.submit(kw.export, model, tmp_path) for _ in range(3)]
        while not all(export.done() for export in exports):
            np.testing.assert_array_equal(model(texts), expected)
    assert vars(model.layers[1]) == before
    for export in exports:
        output = load(export.result())["tokens"](tf.constant([["the", "cat"]]))
        np.testing.assert_array_equal(output["output"], expected[:1])


def test_nested_models_and_keras_lookups_are_served(tmp_path):
    lookup = keras.layers.TextVectorization(vocabulary=["the", "cat"])
    inner = recurrent(kw.EmbeddingLayer(2, input=lookup))
    model = keras.Sequential([keras.Input((), dtype="string"), inner])
    served = load(kw.export(model, tmp_path / "served"))
    texts = tf.constant(["the cat", "a"])
    np.testing.assert_allclose(
        served["text"](text=texts)["output"], model(texts), atol=1e-6
    )
    ids = inner.layers[1].encoder(texts)
    np.testing.assert_allclose(
        served["ids"](ids=ids)["output"], model(texts), atol=1e-6
    )


class Texts(keras.Model):
    def __init__(self):
        super().__init__()
        self.embedding = layer()

    def call(self, texts):
        return self.embedding(texts)


def test_subclassed_model_is_served_once_it_says_what_it_takes(tmp_path):
    model = Texts()
    expected = model(tf.constant(TEXTS))
    with pytest.raises(ValueError, match="model must have inputs"):
        kw.export(model, tmp_path / "served")
    signature = [tf.TensorSpec([None], tf.string)]
    served = load(kw.export(model, tmp_path / "served", input_signature=signature))
    assert set(served) == {"text", "ids", "tokens", "flat", "serving_default"}
    answer = served["text"](text=tf.constant(TEXTS))["output"]
    np.testing.assert_array_equal(answer, expected)


@pytest.mark.parametrize(
    ("name", "sent", "message"),
    [
        ("ids", {"ids": [[1, 99]]}, "ids must be in 1..7, or 0 for padding. Got"),
        ("text", {"text": [b"ok", b"a\xff"]}, "texts must be UTF-8. Got"),
        ("tokens", {"tokens": [[b"a\xff"]]}, "texts must be UTF-8. Got"),
    ],
)
def test_bad_request_is_an_error_of_the_request(name, sent, message, alone):
    _, _, served = alone
    sent = {key: tf.constant(value) for key, value in sent.items()}
    sent = {key: tf.cast(v, tf.int64) if key == "ids" else v for key, v in sent.items()}
    with pytest.raises(tf.errors.InvalidArgumentError, match=re.escape(message)):
        served[name](**sent)
    assert served["text"](text=["cat"])["output"].numpy().tolist() == [[[3.0, 4.0]]]


def test_ids_of_a_fixed_length_are_cut_and_padded_to_it(tmp_path):
    embedding = layer(input=encoder(length=3))
    text = keras.Input((), dtype="string")
    flat = keras.layers.Flatten()(embedding(text)[:, :, :])
    model = keras.Model(text, keras.layers.Dense(2)(flat))
    served = load(kw.export(model, tmp_path / "served"))
    texts = tf.constant(["the cat sat the", "sat"])
    expected = model(texts)
    rows = tf.ragged.constant([[1, 2, 3, 1], [3]], dtype=tf.int64)
    answers = [
        served["text"](text=texts),
        served["ids"](ids=tf.constant([[1, 2, 3], [3, 0, 0]], tf.int64)),
        served["flat"](values=rows.values, row_lengths=rows.row_lengths()),
        served["tokens"](tokens=embedding.encoder.tokenize(texts).to_tensor()),
    ]
    for answer in answers:
        np.testing.assert_allclose(answer["output"], expected, atol=1e-6)


def test_lookup_of_tokens_keeps_its_rank(tmp_path):
    lookup = keras.layers.StringLookup(vocabulary=["the", "cat"], mask_token="")
    tokens = keras.Input((None,), dtype="string")
    vectors = kw.EmbeddingLayer(2, input=lookup)(tokens)
    model = keras.Model(tokens, keras.layers.GlobalAveragePooling1D()(vectors))
    served = load(kw.export(model, tmp_path / "served"))
    sent = tf.constant([["the", "cat", "x"], ["cat", "", ""]])
    expected = model(sent)
    answer = served["text"](text=sent)["output"]
    np.testing.assert_allclose(answer, expected, atol=1e-6)
    answer = served["ids"](ids=lookup(sent))["output"]
    np.testing.assert_allclose(answer, expected, atol=1e-6)


def test_outputs_in_dicts_and_lists_are_named_by_the_way_to_them(tmp_path):
    text = keras.Input((), dtype="string")
    vectors = layer()(text)
    model = keras.Model(text, {"a": [vectors, vectors], "b": {"c": vectors}})
    served = load(kw.export(model, tmp_path / "served"))
    assert set(served["text"](text=["cat"])) == {"a_0", "a_1", "b_c"}
    assert list(named([1, [2, 3]])) == ["output_0", "output_1_0", "output_1_1"]
    message = "outputs must have names that differ. Got 'a_0'."
    with pytest.raises(ValueError, match=re.escape(message)):
        named({"a": [1], "a_0": 2})


def test_layer_that_takes_one_id_is_served(tmp_path):
    embedding = kw.EmbeddingLayer(weights=np.eye(3), input="integer")
    served = load(kw.export(embedding, tmp_path / "served"))
    ids = tf.constant([2, 1], tf.int64)
    np.testing.assert_array_equal(served["ids"](ids=ids)["output"], np.eye(3)[[1, 0]])


def test_rows_of_two_blocks_and_logits_are_served(tmp_path):
    embedding = kw.zoo.load(tokens=["cat", "dog"], trainable="new")
    text = keras.Input((), dtype="string")
    vectors = embedding.extend(["keras"], init="mean")
    model = keras.Model(text, vectors(vectors(text), reverse=True))
    served = load(kw.export(model, tmp_path / "served"))
    texts = tf.constant(["cat keras", "x"])
    expected = model(texts)
    for answer in (
        served["text"](text=texts),
        served["ids"](ids=vectors.encoder(texts)),
    ):
        np.testing.assert_allclose(answer["output"], expected, rtol=1e-5)


def test_half_floats_are_served(tmp_path):
    text = keras.Input((), dtype="string")
    vectors = layer(dtype="mixed_float16")(text)
    model = keras.Model(text, keras.layers.Dense(2, dtype="mixed_float16")(vectors))
    served = load(kw.export(model, tmp_path / "served"))
    texts = tf.constant(TEXTS)
    answer = served["text"](text=texts)["output"]
    assert answer.dtype == tf.float16
    np.testing.assert_allclose(answer, model(texts), atol=1e-2)


def test_trained_sequential_is_served_without_what_only_training_needs(tmp_path):
    model = keras.Sequential(
        [layer(), keras.layers.GlobalAveragePooling1D(), keras.layers.Dense(1)]
    )
    model.compile("adam", "mse")
    texts = tf.constant(["the cat", "sat"])
    model.fit(texts, np.zeros([2, 1]), verbose=0)
    placed = kw.export(model, tmp_path / "served")
    assert names(load(placed)["text"]) == ["text"]
    answer = load(placed)["text"](text=texts[:1])["output"]
    np.testing.assert_allclose(answer, model(texts)[:1], atol=1e-6)
    saved = tf.train.list_variables(str(placed / "variables" / "variables"))
    shapes = sorted(shape for name, shape in saved if "parts" in name)
    assert shapes == [[1], [2, 1], [7, 2]]  # no slots of Adam
    model.fit(texts, np.zeros([2, 1]), verbose=0)


def test_dict_that_a_subclassed_model_takes_names_its_inputs(tmp_path):
    class Scored(Texts):
        def call(self, inputs):
            vectors = self.embedding(inputs["text"])
            return keras.ops.mean(vectors, 1) + inputs["number"]

    model = Scored()
    inputs = {"text": tf.constant(["the", "cat"]), "number": tf.ones([2, 1])}
    expected = model(inputs)
    signature = [
        {
            "text": tf.TensorSpec([None], tf.string),
            "number": tf.TensorSpec([None, 1], tf.float32),
        }
    ]
    served = load(kw.export(model, tmp_path / "served", input_signature=signature))
    assert names(served["ids"]) == ["number", "text"]
    np.testing.assert_allclose(served["text"](**inputs)["output"], expected)


def test_vectors_of_a_text_are_served_by_one_gather():
    embedding = layer()
    functions = signatures(entry(embedding, None), [embedding])
    kinds = {
        name: {
            operation.type
            for operation in function.get_concrete_function().graph.get_operations()
        }
        for name, function in functions.items()
    }
    assert "GatherNd" in kinds["text"]
    assert not {"GatherV2", "Unique", "SelectV2"} & kinds["text"]
    # With one of these in a model each whole read of the table would copy it.
    assert not any("ResourceGather" in found for found in kinds.values())
