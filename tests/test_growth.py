"""Layers with more rows, or fewer."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_wembed import (
    CharacterEncoder,
    ClassEncoder,
    EmbeddingLayer,
    TokenEncoder,
    WordVectors,
)
from keras_wembed.subwords import Subwords

ROWS = np.array([[1.0, 2.0], [3.0, 4.0], [8.0, 9.0]], "float32")
MEAN = [4.0, 5.0]
OTHER = WordVectors(["c", "z"], np.array([[7.0, 7.0], [5.0, 5.0]]))


def layer_of(**arguments):
    return EmbeddingLayer(weights=ROWS, input=TokenEncoder(["a", "b"]), **arguments)


def listed(layer):
    return np.asarray(layer.embeddings).tolist()


INITS = [
    ("zeros", [[0, 0], [0, 0]]),
    ("mean", [MEAN, MEAN]),
    ([[1, 1], [2, 2]], [[1, 1], [2, 2]]),
    (lambda token: [ord(token), 0], [[99, 0], [100, 0]]),
    (OTHER, [[7, 7], MEAN]),
]


@pytest.mark.parametrize(("init", "added"), INITS)
def test_added_rows_stand_before_that_of_unknown_tokens(init, added):
    layer = layer_of().extend(["c", "d"], init=init)
    assert listed(layer) == [[1, 2], [3, 4], *added, [8, 9]]
    assert layer.encoder.vocabulary == ("a", "b", "c", "d")
    assert layer("b d z").numpy().tolist() == [[3, 4], added[1], [8, 9]]
    assert (layer.n, layer.encoder.n) == (5, 5)


def test_normal_rows_have_the_mean_and_covariance_of_the_table():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(500, 2)) @ [[1.0, 0.5], [0.0, 0.3]] + [5, -5]
    layer = EmbeddingLayer(weights=rows).extend(5000, init="normal")
    drawn = listed(layer)[500:]
    np.testing.assert_allclose(np.mean(drawn, 0), np.mean(rows, 0), atol=0.1)
    np.testing.assert_allclose(np.cov(drawn, rowvar=False), np.cov(rows.T), atol=0.1)


def test_only_added_rows_and_that_of_unknown_tokens_are_new():
    layer = layer_of(trainable=False).extend(["c", "d"], trainable="new")
    assert layer.get_config()["new"] == ((2, 5),)
    again = layer.extend(["e"])
    assert again.get_config()["new"] == ((2, 6),)
    assert [tuple(v.shape) for v in again.trainable_weights] == [(4, 2)]


def test_trained_rows_are_kept():
    layer = layer_of(trainable="new")
    layer.trainable_weights[0].assign([[5, 5]])
    assert listed(layer.extend(["c"], init="zeros"))[-2:] == [[0, 0], [5, 5]]
    assert listed(layer.restrict(["b"])) == [[3, 4], [5, 5]]


def test_other_arguments_stay():
    layer = layer_of(output="ragged", name="words", learning_rate_multiplier=0.5)
    for other in (layer.extend(["c"]), layer.restrict(["a"])):
        config = other.get_config()
        assert (config["output"], config["name"]) == ("ragged", "words")
        assert config["learning_rate_multiplier"] == 0.5
    assert layer.extend(["c"], name="more").name == "more"


KEPT = [
    (["b"], [[3, 4], [8, 9]]),
    (["b", "a"], [[3, 4], [1, 2], [8, 9]]),
    ([], [[8, 9]]),
]


@pytest.mark.parametrize(("tokens", "rows"), KEPT)
def test_restrict_keeps_rows_in_the_order_asked_for(tokens, rows):
    layer = layer_of().restrict(tokens)
    assert listed(layer) == rows
    assert layer.encoder.vocabulary == tuple(tokens)
    assert layer("q").numpy().tolist() == [[8, 9]]


ENCODERS = [
    (ClassEncoder(["a", "b", "x"]), ["c"], [[1, 2], [3, 4], [8, 9], MEAN]),
    (CharacterEncoder("ab"), ["c"], [[1, 2], [3, 4], MEAN, [8, 9]]),
    (CharacterEncoder(["a", "[:rest:]", "b"]), ["c"], [[1, 2], [3, 4], [8, 9], MEAN]),
    (
        keras.layers.StringLookup(vocabulary=["a", "b"]),
        ["c"],
        [[1, 2], [3, 4], [8, 9], MEAN],
    ),
    (
        keras.layers.IntegerLookup(vocabulary=[4, 6], max_tokens=3),
        [5],
        [[1, 2], [3, 4], [8, 9], MEAN],
    ),
    (
        keras.layers.TextVectorization(vocabulary=["a", "b"]),
        ["c"],
        [[1, 2], [3, 4], [8, 9], MEAN],
    ),
]


@pytest.mark.parametrize(("encoder", "tokens", "rows"), ENCODERS)
def test_every_encoder_stays_in_step(encoder, tokens, rows):
    old = EmbeddingLayer(weights=ROWS, input=encoder)
    layer = old.extend(tokens)
    assert listed(layer) == rows
    assert layer(tokens)[0].numpy().ravel().tolist() == MEAN
    less = layer.restrict(tokens)
    assert less(tokens)[0].numpy().ravel().tolist() == MEAN


def test_without_an_encoder_rows_go_by_number():
    layer = EmbeddingLayer(weights=ROWS)
    assert listed(layer.extend(1, init="zeros")) == [*ROWS.tolist(), [0, 0]]
    assert listed(layer.restrict([3, 1])) == [[8, 9], [1, 2]]


def test_a_grown_layer_is_saved_and_loaded(tmp_path):
    words = keras.Input((), dtype="string")
    layer = layer_of().extend(["c"], trainable="new")
    keras.Model(words, layer(words)).save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras").layers[-1]
    assert listed(again) == listed(layer)
    assert again(tf.constant("c")).numpy().tolist() == [MEAN]


ERRORS = [
    (
        lambda: layer_of().extend(["c", "B"]),
        "tokens to add must be new. Got 'B' again.",
    ),
    (
        lambda: layer_of().extend(["c", "c"]),
        "tokens to add must be new. Got 'c' again.",
    ),
    (lambda: layer_of().restrict(["q"]), "tokens to keep must have a row. Got 'q'."),
    (
        lambda: layer_of().extend(["c"], init=[[1, 2, 3]]),
        "init must give a vector of size 2 for each of 1 tokens. Got shape (1, 3).",
    ),
    (
        lambda: layer_of().extend(["c"], init="meen"),
        "init must be one of 'zeros', 'mean', 'normal'. Got 'meen'. Did you mean "
        "'mean'?",
    ),
    (
        lambda: EmbeddingLayer(2, 3, name="words").extend(2),
        "A layer must have rows to get more or fewer. 'words' has none yet. Call it "
        "first, or make it from vectors.",
    ),
    (
        lambda: EmbeddingLayer(weights=ROWS).restrict([4]),
        "tokens to keep must have a row. Got 4.",
    ),
]


@pytest.mark.parametrize(("grow", "message"), ERRORS)
def test_what_does_not_fit_is_refused(grow, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        grow()


@pytest.mark.parametrize("grow", [EmbeddingLayer.extend, EmbeddingLayer.restrict])
def test_a_string_is_no_list_of_tokens(grow):
    message = "tokens must be a list of tokens. Got 'cat'."
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        grow(layer_of(), "cat")


def test_without_an_encoder_tokens_must_be_a_number():
    message = "Without an encoder tokens must be the number of rows to add. Got ['c']."
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        EmbeddingLayer(weights=ROWS).extend(["c"])


@pytest.mark.parametrize(
    "grow", [lambda x: x.extend(["horse"]), lambda x: x.restrict(["cat"])]
)
def test_rows_of_n_grams_are_kept(grow):
    matrix = np.random.default_rng(0).normal(size=(50, 2)).astype("float32")
    encoder = TokenEncoder(["cat", "dog"])
    layer = EmbeddingLayer(
        weights=np.ones((3, 2)), input=encoder, subwords=Subwords(matrix, 3, 5)
    )
    expected = layer("zebra").numpy()
    assert expected.any()
    np.testing.assert_allclose(grow(layer)("zebra"), expected)
