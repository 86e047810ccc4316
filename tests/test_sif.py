"""Sentence vectors by smooth inverse frequency."""

import gzip
import re
import subprocess
import sys
from collections import Counter
from itertools import islice

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_wembed as kw
from keras_wembed import SIF, EmbeddingLayer, TokenEncoder
from keras_wembed.subwords import Subwords

TOKENS = ["the", "cat", "sat", "dog", "on"]
ROWS = np.random.default_rng(1).normal(size=(6, 3)).astype("float32")
TEXTS = ["the cat sat on the dog", "a dog", "the the THE", "", "cat on the unknown"]


def layer(**arguments):
    arguments = {"input": TokenEncoder(TOKENS), "trainable": False, **arguments}
    return EmbeddingLayer(weights=ROWS, **arguments)


def reference(texts, counts, a=1e-3, components=1, seen=()):
    """Algorithm 1 of the paper, step by step."""
    rows = dict(zip(TOKENS, ROWS, strict=False))
    total = sum(counts.values())

    def mean(text):
        weighted = [
            a / (a + counts.get(token, 0) / total) * rows.get(token, ROWS[-1])
            for token in text.lower().split()
        ]
        return sum(weighted) / len(weighted) if weighted else np.zeros(3)

    means = np.array([mean(text) for text in texts])
    if not seen:
        return means
    _, _, axes = np.linalg.svd(np.array([mean(text) for text in seen]))
    for u in axes[:components]:
        means = means - np.outer(means @ u, u)
    return means


def counted(texts):
    counts = Counter(" ".join(texts).lower().split())
    unknown = sum(counts.pop(token) for token in [*counts] if token not in TOKENS)
    return {**counts, "<unk>": unknown}


ZIPF = {token: 1 / rank for rank, token in enumerate(TOKENS, start=1)}
FREQUENCIES = {
    "mapping": ({"the": 90, "cat": 3, "Cat": 1, "dog": 2, "zebra": 4}, None),
    "list": (TEXTS, counted(TEXTS)),
    "dataset": (tf.data.Dataset.from_tensor_slices(TEXTS).batch(2), counted(TEXTS)),
    "none": (None, ZIPF),
}


@pytest.mark.parametrize("components", [1, 2])
@pytest.mark.parametrize("case", FREQUENCIES)
def test_layer_gives_what_the_paper_says(case, components):
    frequencies, counts = FREQUENCIES[case]
    if counts is None:
        counts = {"the": 90, "cat": 4, "dog": 2, "zebra": 4}
    sif = SIF(layer(), frequencies, a=0.01, components=components)
    expected = reference(TEXTS, counts, 0.01)
    np.testing.assert_allclose(sif(TEXTS), expected, atol=1e-6)
    np.testing.assert_allclose(sif(TEXTS[0]), expected[0], atol=1e-6)
    sif.adapt(TEXTS[:3])
    expected = reference(TEXTS, counts, 0.01, components, TEXTS[:3])
    np.testing.assert_allclose(sif(TEXTS), expected, atol=1e-5)
    np.testing.assert_allclose(sif(TEXTS[0]), expected[0], atol=1e-5)


def test_files_and_datasets_are_counted_and_adapted_to(tmp_path):
    path = tmp_path / "texts.gz"
    path.write_bytes(gzip.compress("\n".join(TEXTS).encode()))
    expected = SIF(layer(), TEXTS)
    expected.adapt(TEXTS)
    for texts in (path, tf.data.Dataset.from_tensor_slices(TEXTS), np.array(TEXTS)):
        sif = SIF(layer(), texts)
        sif.adapt(texts)
        np.testing.assert_allclose(sif(TEXTS), expected(TEXTS), atol=1e-6)


def test_output_forms_agree():
    padded = SIF(layer(), TEXTS)
    ragged = SIF(layer(output="ragged"), TEXTS)
    np.testing.assert_allclose(padded(TEXTS), ragged(TEXTS), atol=1e-7)
    documents = padded(tf.ragged.constant([TEXTS[:2], TEXTS[2:], []]))
    expected = np.concatenate([padded(TEXTS), np.zeros((4, 3))])
    of_documents = [0, 1, 5, 2, 3, 4, 6, 7, 8]  # 5 to 8: where there is no text
    flat = tf.reshape(documents, [-1, 3])
    np.testing.assert_allclose(flat, expected[of_documents], atol=1e-7)


def test_ids_are_weighted_too():
    ids = SIF(EmbeddingLayer(weights=ROWS), {1: 90, 2: 4, 4: 2, 6: 4}, a=0.01)
    texts = SIF(layer(), {"the": 90, "cat": 4, "dog": 2, "zebra": 4}, a=0.01)
    encoded = layer().encoder(TEXTS[:3])
    known = encoded[:1]
    np.testing.assert_allclose(ids(known), texts(TEXTS[:1]), atol=1e-7)
    rows = tf.RaggedTensor.from_tensor(encoded, padding=0)
    np.testing.assert_allclose(ids(encoded), ids(rows), atol=1e-7)
    ids.adapt(encoded)
    assert np.any(ids.common)


@pytest.mark.parametrize("mask_token", [None, ""])
def test_keras_lookups_are_weighted(mask_token):
    lookup = keras.layers.StringLookup(vocabulary=TOKENS, mask_token=mask_token)
    rows = np.concatenate([ROWS[-1:], ROWS[:-1]])
    sif = SIF(EmbeddingLayer(weights=rows, input=lookup))
    tokens = np.array([TEXTS[0].split()])
    expected = SIF(layer())(TEXTS[:1])
    np.testing.assert_allclose(sif(tokens), expected, atol=1e-7)
    vectorization = keras.layers.TextVectorization(vocabulary=TOKENS)
    sif = SIF(EmbeddingLayer(weights=rows, input=vectorization))
    np.testing.assert_allclose(sif(TEXTS), SIF(layer())(TEXTS), atol=1e-7)


def test_unknown_tokens_with_vectors_of_their_own_count_in_full():
    subwords = Subwords(np.ones((11, 3), "float32"), 3, 6)
    sif = SIF(layer(subwords=subwords), {"the": 1, "zebra": 10**6})
    np.testing.assert_allclose(sif("zebra"), layer(subwords=subwords)("zebra")[0])


def test_directions_that_no_text_has_are_not_taken_away():
    sif = SIF(layer(), components=3)
    sif.adapt(["cat"])
    assert np.linalg.matrix_rank(sif.common.numpy()) == 1
    np.testing.assert_allclose(sif("cat"), np.zeros(3), atol=1e-6)
    assert np.linalg.norm(sif("dog")) > 0.001


def adapted(**arguments):
    sif = SIF(layer(**arguments), TEXTS)
    sif.adapt(TEXTS)
    return sif


def model_of(sif):
    text = keras.Input((), dtype="string", name="text")
    return keras.Model(text, keras.layers.Dense(1)(sif(text)))


def test_model_sees_what_is_adapted_after_it_ran():
    sif = SIF(layer())
    model, texts = model_of(sif), tf.constant(TEXTS)
    before = model.predict(texts, verbose=0)
    sif.adapt(TEXTS)
    after = model.predict(texts, verbose=0)
    np.testing.assert_allclose(after, model.layers[-1](sif(TEXTS)), atol=1e-6)
    assert np.abs(before - after).max() > 1e-4


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16"])
def test_sequential_model_trains(dtype):
    sif = SIF(layer(trainable=True, dtype=dtype), TEXTS, dtype=dtype)
    sif.adapt(TEXTS)
    model = keras.Sequential([sif, keras.layers.Dense(1)])
    model.compile(kw.LazyOptimizer("adam"), "mse")
    common, weights = sif.common.numpy(), sif.token_weights.embeddings.numpy()
    model.fit(np.array(TEXTS, object), np.ones(5), epochs=2, verbose=0)
    assert sif("cat").dtype == tf.as_dtype(sif.dtype_policy.compute_dtype)
    assert np.abs(sif.embedding.embeddings.numpy() - ROWS).max() > 1e-4
    np.testing.assert_array_equal(sif.common, common)
    np.testing.assert_array_equal(sif.token_weights.embeddings, weights)


def test_file_and_export_give_the_same_outputs(tmp_path):
    model, texts = model_of(adapted()), tf.constant(TEXTS)
    expected = model(texts).numpy()
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(texts), expected)
    model.save_weights(tmp_path / "model.weights.h5")
    clone = keras.models.clone_model(model)
    clone.load_weights(tmp_path / "model.weights.h5")
    np.testing.assert_array_equal(clone(texts), expected)
    served = tf.saved_model.load(str(kw.export(model, tmp_path / "served")))
    output = served.signatures["text"](text=texts)["output"]
    np.testing.assert_allclose(output, expected, atol=1e-6)
    ids = model.layers[1].embedding.encoder(texts)
    output = served.signatures["ids"](text=ids)["output"]
    np.testing.assert_allclose(output, expected, atol=1e-6)


def test_large_vocabulary_is_read_back_in_another_process(tmp_path):
    tokens = [f"token{number}" for number in range(1500)]
    embedding = EmbeddingLayer(2, input=TokenEncoder(tokens))
    model = model_of(SIF(embedding, {"token7": 10, "token8": 1}))
    texts = tf.constant(["token7 token8 token9", "none"])
    model.save(tmp_path / "model.keras")
    np.save(tmp_path / "expected.npy", model(texts))
    program = f"""
import keras, numpy as np, tensorflow as tf
import keras_wembed
model = keras.models.load_model({str(tmp_path / "model.keras")!r})
got = model(tf.constant(["token7 token8 token9", "none"]))
np.testing.assert_array_equal(got, np.load({str(tmp_path / "expected.npy")!r}))
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_strategy_of_one_device_trains_as_none():
    ids, results = np.array([[1, 2], [3, 0]]), []
    for strategy in (
        tf.distribute.get_strategy(),
        tf.distribute.MirroredStrategy(["CPU:0"]),
    ):
        with strategy.scope():
            keras.utils.set_random_seed(1)
            sif = SIF(EmbeddingLayer(weights=ROWS), {1: 9, 2: 1})
            inputs = keras.Input((None,), dtype="int64")
            model = keras.Model(inputs, keras.layers.Dense(1)(sif(inputs)))
            model.compile("sgd", "mse")
            model.fit(ids, np.ones(2), verbose=0)
        results.append(model.predict(ids, verbose=0))
    np.testing.assert_allclose(*results, atol=1e-6)


ERRORS = {
    "embedding": (
        lambda: SIF(keras.layers.Embedding(2, 3)),
        TypeError,
        "embedding must be an EmbeddingLayer. Got Embedding.",
    ),
    "vocabulary": (
        lambda: SIF(EmbeddingLayer(2, input=keras.layers.TextVectorization())),
        ValueError,
        "embedding must have rows before they are weighted. Got no vocabulary yet. "
        "Adapt its encoder first.",
    ),
    "a": (lambda: SIF(layer(), a=0), ValueError, "a must be above 0. Got 0."),
    "components": (
        lambda: SIF(layer(), components=0),
        ValueError,
        "components must be at least 1. Got 0.",
    ),
    "negative": (
        lambda: SIF(layer(), {"the": -1}),
        ValueError,
        "counts must be at least 0. Got -1 for 'the'.",
    ),
    "no counts": (
        lambda: SIF(layer(), {}),
        ValueError,
        "frequencies must count at least one token. Got none.",
    ),
    "no texts": (
        lambda: SIF(layer(), [""]),
        ValueError,
        "frequencies must count at least one token. Got none.",
    ),
    "adapt": (
        lambda: SIF(layer()).adapt(["", ""]),
        ValueError,
        "texts must have tokens with vectors. Got none.",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_what_does_not_fit_is_refused(case):
    call, kind, message = ERRORS[case]
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        call()


def halves(path, count=400, words=20):
    """The first halves of paragraphs, and their second ones."""
    with gzip.open(path, "rt") as lines:
        split = (line.split() for line in lines)
        long = (line for line in split if len(line) >= 2 * words)
        some = list(islice(long, 0, 10 * count, 10))
    firsts = [" ".join(line[:words]) for line in some]
    return firsts, [" ".join(line[words : 2 * words]) for line in some]


def test_halves_of_paragraphs_find_each_other_better_than_by_means(shared):
    embedding, mean = kw.zoo.load(), kw.Pooling("mean")
    firsts, seconds = halves(shared / "corpus" / "modern-ccby.txt.gz")
    sif = SIF(embedding)
    sif.adapt(firsts + seconds)

    def found(pooled):
        """The mean of 1 / rank of a second half among all, by cosine."""
        ones, twos = (pooled(part).numpy() for part in (firsts, seconds))
        cosines = keras.utils.normalize(ones) @ keras.utils.normalize(twos).T
        ranks = np.sum(cosines >= np.diag(cosines)[:, np.newaxis], axis=1)
        return np.mean(1 / ranks)

    assert found(sif) > 1.2 * found(lambda texts: mean(embedding(texts)))
