"""What people give by mistake, and what they are told: one sentence, at the door."""

import re

import keras
import numpy as np
import pytest

import keras_wembed as kw

VECTORS = kw.WordVectors(("cat", "dog"), np.eye(2))


def layer():
    return kw.EmbeddingLayer.from_vectors(
        VECTORS, input=kw.TokenEncoder(VECTORS.tokens)
    )


LIST = "tokens must be a list of tokens. Got None."
DTYPE = (
    "dtype must be what rows are kept as, float16 or int8; or a dtype policy of Keras. "
)
MISTAKES = [
    (
        lambda: kw.TokenEncoder().adapt(__file__),
        "texts must be a list of texts, or the Path of a file. "
        f"Got {__file__!r} (str).",
    ),
    (
        lambda: layer().coverage(None),
        "texts must be a list of texts, or the Path of a file. Got None (NoneType).",
    ),
    (lambda: kw.TokenEncoder().adapt([1, 2]), "TokenEncoder takes string. Got int64."),
    (lambda: VECTORS.most_similar("cat", k=-1), "k must be at least 0. Got -1."),
    (
        lambda: VECTORS.most_similar("cat", k="3"),
        "k must be an integer. Got '3' (str).",
    ),
    (
        lambda: VECTORS.most_similar([np.nan, 1]),
        "query must be of finite numbers. Got a vector with others.",
    ),
    (
        lambda: VECTORS.similarity("cat", ["dog", "cat"]),
        "query must be a token or a vector of numbers. Got ['dog', 'cat'].",
    ),
    (lambda: VECTORS.doesnt_match(None), LIST),
    (lambda: VECTORS.drift(layer()), "after must be WordVectors. Got EmbeddingLayer."),
    (
        lambda: layer().extend([5]),
        "tokens must be str, as those of the encoder. Got 5 (int).",
    ),
    (lambda: layer().extend(None), LIST),
    (lambda: layer().restrict(None), LIST),
    (lambda: kw.EmbeddingLayer(2, 3, dtype="int4"), f"{DTYPE}Got 'int4'."),
    (lambda: kw.EmbeddingLayer(2, 3, dtype="int7"), f"{DTYPE}Got 'int7'."),
    (
        lambda: kw.EmbeddingLayer.from_vectors("glove"),
        "vectors must be WordVectors. Got 'glove'.",
    ),
    (
        lambda: kw.EmbeddingLayer(weights=[[1, 2], [3]]),
        "weights must be a matrix, (n, size). Got rows of different lengths.",
    ),
    (
        lambda: kw.export("served", layer()),
        "model must be a Keras model or layer. Got str.",
    ),
    (
        lambda: kw.export(layer(), keras.Sequential()),
        "path must be a folder. Got Sequential.",
    ),
    (
        lambda: kw.Pooling()(None),
        "vectors must be tensors, or lists of numbers. Got None.",
    ),
    (
        lambda: kw.zoo.load("my.vec"),
        "The zoo has no model named 'my.vec'. See zoo.names(). WordVectors.read reads "
        "a file of your own.",
    ),
]


@pytest.mark.parametrize(("make", "message"), MISTAKES)
def test_mistake_is_told_in_one_sentence(make, message):
    with pytest.raises((TypeError, ValueError), match=f"^{re.escape(message)}$"):
        make()


def test_folder_in_place_of_a_file_is_told_what_reads_it(tmp_path):
    with pytest.raises(IsADirectoryError, match=r"WordVectors\.load reads one"):
        kw.WordVectors.read(tmp_path)


def test_row_number_is_no_token():
    with pytest.raises(KeyError, match=r"No row for the token 5\."):
        VECTORS[5]


def test_vectors_are_asked_as_a_mapping_of_tokens():
    assert list(VECTORS) == ["cat", "dog"]
    np.testing.assert_allclose(VECTORS.distances("cat"), [0, 1])
