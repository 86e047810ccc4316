"""Keras's own lookup layers, attached as they are."""

import itertools
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_wembed import EmbeddingLayer

WORDS = ["the", "cat", "sat"]


def rows_of(layer, inputs):
    """The ids that the layer looked up, found by their rows."""
    rows = layer.embeddings.numpy()
    vectors = layer(inputs).numpy()
    if not vectors.shape[-2:-1]:
        vectors = vectors[np.newaxis]
    flat = vectors.reshape(-1, layer.size)
    ids = [
        0 if not vector.any() else 1 + int(np.argmin(np.abs(rows - vector).sum(1)))
        for vector in flat
    ]
    return np.array(ids).reshape(vectors.shape[:-1]).tolist()


STRINGS = list(itertools.product([None, "", "[MASK]"], [1, 2]))


@pytest.mark.parametrize(("mask_token", "num_oov_indices"), STRINGS)
def test_string_lookup_gives_each_of_its_ids_a_row(mask_token, num_oov_indices):
    lookup = keras.layers.StringLookup(
        vocabulary=WORDS, mask_token=mask_token, num_oov_indices=num_oov_indices
    )
    layer = EmbeddingLayer(2, input=lookup)
    shift = 1 if mask_token is None else 0
    assert layer.n == lookup.vocabulary_size() - 1 + shift
    assert layer.encoder is lookup
    words = tf.constant([["the", "sat"], ["dog", "cat"]])
    layer(words)
    assert rows_of(layer, words) == (lookup(words).numpy() + shift).tolist()
    if mask_token is not None:
        assert not layer(tf.constant([mask_token])).numpy().any()


@pytest.mark.parametrize("mask_token", [None, 0])
@pytest.mark.parametrize("num_oov_indices", [0, 1, 2])
def test_integer_lookup_takes_integers_as_its_own(mask_token, num_oov_indices):
    lookup = keras.layers.IntegerLookup(
        vocabulary=[30, 10], mask_token=mask_token, num_oov_indices=num_oov_indices
    )
    layer = EmbeddingLayer(2, input=lookup)
    shift = 1 if mask_token is None else 0
    values = [[10, 30]]
    layer(values)
    assert rows_of(layer, values) == (lookup(np.array(values)).numpy() + shift).tolist()


def test_text_vectorization_splits_and_pads():
    lookup = keras.layers.TextVectorization(vocabulary=WORDS)
    layer = EmbeddingLayer(2, input=lookup)
    assert layer.n == 4
    layer("the")
    assert rows_of(layer, ["the cat", "dog"]) == [[2, 3], [1, 0]]
    assert rows_of(layer, "the dog") == [2, 1]
    assert layer(["the cat", "dog"])._keras_mask.numpy().tolist() == [[1, 1], [1, 0]]


def test_text_vectorization_keeps_its_length_and_raggedness():
    fixed = keras.layers.TextVectorization(vocabulary=WORDS, output_sequence_length=3)
    inputs = keras.Input((), dtype="string")
    assert EmbeddingLayer(2, input=fixed)(inputs).shape == (None, 3, 2)
    ragged = keras.layers.TextVectorization(vocabulary=WORDS, ragged=True)
    layer = EmbeddingLayer(2, input=ragged, output="ragged")
    assert layer(["the cat", "dog"]).shape == (2, None, 2)
    assert EmbeddingLayer(2, input=ragged)(["the cat", "dog"]).numpy().shape == (
        2,
        2,
        2,
    )


def test_integers_given_to_a_string_lookup_are_ids():
    layer = EmbeddingLayer(2, input=keras.layers.StringLookup(vocabulary=WORDS))
    layer(1)
    assert rows_of(layer, [1, 4]) == [1, 4]


def test_lookup_may_be_adapted_after_the_layer_is_made():
    lookup = keras.layers.TextVectorization()
    layer = EmbeddingLayer(2, input=lookup)
    assert layer.n is None
    lookup.adapt(["the cat sat", "the cat", "the"])
    assert layer.n == 4
    layer("the")
    assert rows_of(layer, "sat") == [4]


@pytest.mark.parametrize("kind", ["StringLookup", "TextVectorization"])
def test_lookup_travels_with_a_model(kind, tmp_path):
    lookup = getattr(keras.layers, kind)()
    lookup.adapt(["the", "cat", "the"])
    model = keras.Sequential(
        [keras.Input((), dtype="string"), EmbeddingLayer(2, input=lookup)]
    )
    texts = tf.constant(["the", "dog", "cat"])
    expected = model.predict(texts, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded.predict(texts, verbose=0), expected)
    clone = keras.models.clone_model(model)
    assert clone.layers[-1].n == model.layers[-1].n
    assert clone.layers[-1].encoder.get_vocabulary() == lookup.get_vocabulary()


@pytest.mark.parametrize("output_mode", ["multi_hot", "count", "tf_idf"])
def test_lookup_that_gives_no_ids_is_refused(output_mode):
    weights = {"idf_weights": [1.0, 1.0, 1.0]} if output_mode == "tf_idf" else {}
    lookup = keras.layers.StringLookup(
        vocabulary=WORDS, output_mode=output_mode, **weights
    )
    message = (
        'input must give ids: output_mode="int" and invert=False. Got '
        f"output_mode={output_mode!r} and invert=False."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        EmbeddingLayer(2, input=lookup)
