import hashlib
import re
import struct

import keras
import numpy as np
import pytest
import tensorflow as tf
from gensim.models import FastText
from gensim.models.fasttext import load_facebook_vectors, save_facebook_model

from keras_wembed import zoo
from keras_wembed.embedding import EmbeddingLayer
from keras_wembed.encoders.ngrams import NGrams
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.errors import FormatError
from keras_wembed.subwords import Subwords
from keras_wembed.vectors import WordVectors

TEXTS = [
    ["the", "naïve", "cat", "sat", "on", "the", "mat", "in", "東京"],
    ["a", "dog", "and", "the", "cat", "sat", "there"],
] * 5
STRANGE = ["catlike", "dogs", "naïvely", "東京都", "x", "😀", "mat-", "", "<>"]


def hand_hashed(token, minn, maxn, buckets):
    """The definition, letter by letter."""
    word, found = f"<{token}>", []
    for start in range(len(word)):
        for n in range(minn, maxn + 1):
            if start + n > len(word) or (n == 1 and start in (0, len(word) - 1)):
                continue
            value = 2166136261
            for byte in word[start : start + n].encode():
                value ^= byte | (0xFFFFFF00 if byte > 127 else 0)
                value = value * 16777619 % 2**32
            found.append(value % buckets)
    return sorted(found)


@pytest.mark.parametrize(("minn", "maxn"), [(3, 6), (2, 4), (1, 3), (1, 1), (5, 5)])
def test_buckets_follow_the_definition_in_numpy_and_in_the_graph(minn, maxn):
    buckets, owners = Subwords(np.zeros((997, 1)), minn, maxn).buckets(
        [token.encode() for token in STRANGE]
    )
    graph = NGrams(minn, maxn, 997).of(tf.constant(STRANGE)).to_list()
    for place, token in enumerate(STRANGE):
        expected = hand_hashed(token, minn, maxn, 997)
        assert sorted(buckets[owners == place].tolist()) == expected
        assert sorted(graph[place]) == expected


def test_no_tokens_have_no_buckets():
    buckets, owners = Subwords(np.zeros((9, 1)), 3, 6).buckets([])
    assert (len(buckets), len(owners)) == (0, 0)
    assert NGrams(3, 6, 9).of(tf.constant([], tf.string)).to_list() == []


@pytest.fixture(scope="module", params=[(3, 6), (1, 3)], ids=["3-6", "1-3"])
def model(request, tmp_path_factory):
    """A small model that gensim trained, and its file."""
    minn, maxn = request.param
    trained = FastText(
        TEXTS,
        vector_size=8,
        min_count=1,
        epochs=3,
        bucket=101,
        min_n=minn,
        max_n=maxn,
        workers=1,
        seed=1,
    )
    path = tmp_path_factory.mktemp("model") / "tiny.bin"
    save_facebook_model(trained, str(path))
    return path, load_facebook_vectors(str(path))


def test_model_has_the_vectors_that_gensim_gives(model):
    path, peer = model
    vectors = WordVectors.read(path)
    assert sorted(vectors.tokens) == sorted(peer.index_to_key)
    np.testing.assert_allclose(
        vectors.matrix, [peer[token] for token in vectors.tokens], atol=1e-7
    )
    assert len(vectors.subwords.matrix) == 101


def test_model_survives_saving_and_selecting(model, tmp_path):
    vectors = WordVectors.read(model[0])
    vectors.save(tmp_path / "saved")
    loaded = WordVectors.load(tmp_path / "saved").select(["cat", "dog"])
    assert loaded.tokens == ("cat", "dog")
    np.testing.assert_array_equal(loaded.matrix, vectors[["cat", "dog"]])
    np.testing.assert_array_equal(loaded.subwords.matrix, vectors.subwords.matrix)
    assert (loaded.subwords.minn, loaded.subwords.maxn) == (
        vectors.subwords.minn,
        vectors.subwords.maxn,
    )


def test_saved_subwords_must_be_whole(model, tmp_path):
    WordVectors.read(model[0]).save(tmp_path / "saved")
    file = tmp_path / "saved" / "subwords.npy"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(FormatError, match="It was changed or cut: save them again"):
        WordVectors.load(tmp_path / "saved")


def test_rows_may_be_chosen_from_a_model(model):
    path, peer = model
    chosen = WordVectors.read(path, tokens=["dog", "none", "cat"])
    assert (chosen.tokens, chosen.report.missing) == (("dog", "cat"), ("none",))
    np.testing.assert_allclose(chosen["cat"], peer["cat"], atol=1e-7)
    assert len(WordVectors.read(path, limit=2)) == 2


def changed(data, what):
    """A model with one thing wrong; 64 bytes of settings stand before its tokens."""
    rows = data.rindex(struct.pack("<qq", 12 + 101, 8))
    return {
        "cut": data[: len(data) // 4],
        "version": data[:4] + struct.pack("<i", 11) + data[8:],
        "pruned": data[:84] + struct.pack("<q", 3) + data[92:],
        "quantized": data[: rows - 1] + b"\1" + data[rows:],
        "rows": data[:rows] + struct.pack("<q", 7) + data[rows + 8 :],
    }[what]


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("cut", "bad.bin must be a whole model. It ends early."),
        ("version", "bad.bin must be of fastText's version 12. Got 11."),
        (
            "pruned",
            "bad.bin must have all its buckets. They are pruned; use the .bin of the "
            "model, not the .ftz.",
        ),
        (
            "quantized",
            "bad.bin must hold plain numbers. They are quantized; use the .bin of the "
            "model, not the .ftz.",
        ),
        (
            "rows",
            "bad.bin must hold 113 rows of size 8, as its settings say. Got 7 of size "
            "8.",
        ),
    ],
)
def test_model_that_cannot_be_read_is_refused(model, what, sentence, tmp_path):
    path = tmp_path / "bad.bin"
    path.write_bytes(changed(model[0].read_bytes(), what))
    with pytest.raises(FormatError, match=f"^{re.escape(sentence)}$"):
        WordVectors.read(path)


def test_other_file_is_no_model(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("a 1 2\n")
    sentence = "a.txt must be a model of fastText. It starts otherwise."
    with pytest.raises(FormatError, match=f"^{re.escape(sentence)}$"):
        WordVectors.read(path, "fasttext-model")


@pytest.mark.parametrize(
    ("shape", "minn", "maxn", "sentence"),
    [
        ((0, 3), 3, 6, "matrix must be (buckets, size). Got shape (0, 3)."),
        ((4,), 3, 6, "matrix must be (buckets, size). Got shape (4,)."),
        (
            (4, 3),
            0,
            6,
            "minn must be at least 1 and at most maxn. Got 0 and 6.",
        ),
        (
            (4, 3),
            4,
            3,
            "minn must be at least 1 and at most maxn. Got 4 and 3.",
        ),
    ],
)
def test_subwords_check_themselves(shape, minn, maxn, sentence):
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        Subwords(np.zeros(shape), minn, maxn)


TEXT = ["the catlike dog naïvely 東京都", "", "cat 😀 cat"]


def layer_of(path, **options):
    vectors = WordVectors.read(path)
    given = {"split": "whitespace", "ignore_case": False, **options}
    encoder = TokenEncoder(vectors.tokens, **given)
    return EmbeddingLayer.from_vectors(vectors, input=encoder, trainable=False)


def expected(peer):
    rows = [[peer[token] for token in text.split()] for text in TEXT]
    padded = np.zeros((3, 5, 8), np.float32)
    for row, vectors in enumerate(rows):
        padded[row, : len(vectors)] = np.reshape(vectors, (-1, 8))
    return padded


def test_layer_gives_the_vectors_that_gensim_gives(model):
    path, peer = model
    vectors = layer_of(path)(TEXT)
    np.testing.assert_allclose(vectors, expected(peer), atol=1e-7)
    assert vectors._keras_mask.numpy().sum(1).tolist() == [5, 0, 3]


def test_single_text_and_ragged_output_have_them_too(model):
    path, peer = model
    layer = layer_of(path)
    np.testing.assert_allclose(layer(TEXT[0]), expected(peer)[0], atol=1e-7)
    layer.output_form = "ragged"
    np.testing.assert_allclose(layer(TEXT).to_tensor(), expected(peer), atol=1e-7)


def test_cut_texts_keep_their_order(model):
    path, peer = model
    layer = layer_of(path, length=2)
    np.testing.assert_allclose(layer(TEXT), expected(peer)[:, :2], atol=1e-7)


def test_tokens_that_are_split_already_have_them(model):
    path, peer = model
    tokens = [["catlike", "dog"], ["the", "😀"]]
    vectors = layer_of(path, split=None)(tokens)
    found = [[peer[token] for token in row] for row in tokens]
    np.testing.assert_allclose(vectors, found, atol=1e-7)


def test_case_that_is_ignored_is_ignored_in_ngrams(model):
    path, peer = model
    vectors = layer_of(path, ignore_case=True)("CATLIKE")
    np.testing.assert_allclose(vectors[0], peer["catlike"], atol=1e-7)


def test_ids_are_ids(model):
    layer = layer_of(model[0])
    np.testing.assert_array_equal(layer([layer.n]), layer.embeddings[-1:])


def test_training_leaves_subwords_as_they_are(model):
    layer = layer_of(model[0])
    assert [weight.shape for weight in layer.non_trainable_weights][-1] == (101, 8)
    assert layer.trainable_weights == []
    other = EmbeddingLayer.from_vectors(WordVectors.read(model[0]), input=layer.encoder)
    other(TEXT)
    assert [tuple(weight.shape) for weight in other.trainable_weights] == [(13, 8)]


def test_file_and_saved_model_have_them(model, tmp_path):
    path, peer = model
    inputs = keras.Input((), dtype="string")
    whole = keras.Model(inputs, layer_of(path)(inputs))
    whole.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    batch = tf.constant(TEXT)
    np.testing.assert_allclose(loaded.predict(batch), expected(peer), atol=1e-7)
    whole.export(str(tmp_path / "model"), verbose=False)
    served = tf.saved_model.load(str(tmp_path / "model"))
    np.testing.assert_allclose(served.serve(batch), expected(peer), atol=1e-7)


CARD = """
file = "tiny.bin"
split = "whitespace"
cased = true
fallback = ["lower"]
[[archives]]
urls = ["https://nowhere.invalid/tiny.bin"]
sha256 = "{sha256}"
[[models]]
name = "tiny-8d"
size = 8
"""


def test_zoo_loads_a_set_with_subwords(model, tmp_path):
    path, peer = model
    cards = tmp_path / "home" / "cards"
    cards.mkdir(parents=True)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    (cards / "card.toml").write_text(CARD.format(sha256=sha256))
    zoo.add("tiny-8d", path)
    layer = zoo.load("tiny-8d")
    assert layer.encoder.fallback == ("lower",)
    np.testing.assert_allclose(layer(TEXT), expected(peer), atol=1e-7)
    np.testing.assert_allclose(layer("THE"), [peer["the"]], atol=1e-7)


def test_subwords_must_have_the_size_of_the_layer():
    subwords = Subwords(np.zeros((5, 3), np.float32), 3, 6)
    sentence = "subwords must be of the layer's size, 2. Got 3."
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        EmbeddingLayer(weights=np.eye(2), subwords=subwords)


def test_layer_without_a_token_encoder_leaves_subwords_out(model):
    layer = EmbeddingLayer.from_vectors(WordVectors.read(model[0]))
    assert len(layer.weights) == 1
