"""The word vectors that a layer holds."""

import re

import keras
import numpy as np
import pytest

from keras_wembed import ClassEncoder, EmbeddingLayer, TokenEncoder, WordVectors
from keras_wembed.encoders.characters import CharacterEncoder
from keras_wembed.subwords import Subwords

ROWS = [[1, 0], [3, 4], [8, 6]]
LOOKUP = keras.layers.StringLookup(vocabulary=["a", "b"], mask_token="")
TWO_UNKNOWN = keras.layers.StringLookup(vocabulary=["a"], num_oov_indices=2)


@pytest.mark.parametrize(
    ("encoder", "tokens", "rows", "unknown"),
    [
        (TokenEncoder(["a", "b"]), ("a", "b"), ROWS[:2], ROWS[2]),
        (ClassEncoder(["a", "b", "c"]), ("a", "b", "c"), ROWS, None),
        (ClassEncoder([7, 8, 9]), ("7", "8", "9"), ROWS, None),
        (CharacterEncoder("ab"), ("a", "b"), ROWS[:2], ROWS[2]),
        (LOOKUP, ("a", "b"), ROWS[1:], ROWS[0]),
        (TWO_UNKNOWN, ("a",), ROWS[2:], [2, 2]),
        (None, ("1", "2", "3"), ROWS, None),
    ],
)
def test_vectors_are_the_tokens_and_their_rows(encoder, tokens, rows, unknown):
    vectors = EmbeddingLayer(weights=ROWS, input=encoder).vectors()
    assert vectors.tokens == tokens
    assert vectors.matrix.tolist() == rows
    assert vectors.matrix.dtype == np.float32
    found = vectors.unknown
    assert (found if found is None else found.tolist()) == unknown


@pytest.mark.parametrize("split", ["treebank", None, re.compile("[,;]")], ids=str)
def test_vectors_know_how_text_is_split(split, tmp_path):
    options = {"split": split, "ignore_case": False, "fallback": ["lower"]}
    encoder = TokenEncoder(["a", "b"], **options)
    EmbeddingLayer(weights=ROWS, input=encoder).vectors().save(tmp_path / "saved")
    saved = WordVectors.load(tmp_path / "saved")
    revived = TokenEncoder(saved.tokens, **saved.encoder_options)
    assert revived(["a,A;c", "b"]).numpy().tolist() == (
        encoder(["a,A;c", "b"]).numpy().tolist()
    )
    assert revived.get_config() == {**encoder.get_config(), "name": revived.name}


def test_layer_made_of_its_vectors_is_the_same():
    encoder = TokenEncoder(["a", "b"])
    layer = EmbeddingLayer(weights=ROWS, input=encoder)
    again = EmbeddingLayer.from_vectors(layer.vectors(), input=encoder)
    np.testing.assert_array_equal(again.embeddings, layer.embeddings)


@pytest.mark.parametrize("trainable", [True, "new"])
def test_vectors_stay_as_they_were_while_the_layer_learns(trainable):
    vectors = WordVectors(("a", "b"), np.float32(ROWS[:2]))
    encoder = TokenEncoder(["a", "new", "b"])
    layer = EmbeddingLayer.from_vectors(vectors, input=encoder, trainable=trainable)
    before = layer.vectors()
    kept = before.matrix.copy()
    model = keras.Sequential([layer, keras.layers.GlobalAveragePooling1D()])
    model.compile(keras.optimizers.SGD(1.0), "mse")
    model.fit(np.array(["a", "new z"], object), np.full((2, 2), 9.0), verbose=0)
    np.testing.assert_array_equal(before.matrix, kept)
    report = before.drift(layer.vectors())
    moved = {each.token for each in report.most}
    assert moved == ({"a", "new"} if trainable is True else {"new"})
    assert report.unknown > 0


def test_vectors_share_no_memory_with_the_layer():
    layer = EmbeddingLayer(weights=ROWS)
    before = layer.vectors()
    layer.embeddings.value.assign_add([[1.0, 1]] * 3)
    assert before.matrix.tolist() == ROWS
    assert layer.vectors().matrix.tolist() == [[2, 1], [4, 5], [9, 7]]


@pytest.mark.parametrize(
    ("dtype", "kept"), [("float16", np.float32), ("bfloat16", np.float32)]
)
def test_vectors_are_floats_that_numpy_knows(dtype, kept):
    layer = EmbeddingLayer(weights=ROWS, dtype=dtype)
    assert layer.vectors().matrix.dtype == kept
    assert layer.vectors().matrix.tolist() == ROWS


def test_vectors_of_ngrams_come_along():
    subwords = Subwords(np.ones((4, 2), np.float32), minn=3, maxn=4)
    encoder = TokenEncoder(["a", "b"])
    layer = EmbeddingLayer(weights=ROWS, input=encoder, subwords=subwords)
    found = layer.vectors().subwords
    assert found.matrix.tolist() == subwords.matrix.tolist()
    assert (found.minn, found.maxn) == (3, 4)


def test_layer_without_rows_has_no_vectors():
    layer = EmbeddingLayer(2, 3, name="mine")
    message = (
        "A layer must have rows to give its vectors. 'mine' has none yet. "
        "Call it first, or make it from vectors."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        layer.vectors()
