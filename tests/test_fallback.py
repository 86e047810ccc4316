import re

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed.encoders.fallback import FALLBACKS
from keras_wembed.encoders.tokens import TokenEncoder

VOCABULARY = ["the", "The", "state", "of", "art", "0,000", "##", "e-mail", "1"]


def encoder(*fallback, vocabulary=VOCABULARY, split="treebank", **options):
    options = {"ignore_case": False, "output": "ragged", **options}
    return TokenEncoder(vocabulary, split=split, fallback=fallback, **options)


def tokens(text, *fallback, **options):
    here = encoder(*fallback, **options)
    return [here.decode([id]) for id in here([text]).to_list()[0]]


@pytest.mark.parametrize(
    ("fallback", "text", "found"),
    [
        ([], "THE The", ["<unk>", "The"]),
        (["lower"], "THE The", ["the", "The"]),
        (["zeros"], "4,321 1", ["0,000", "1"]),
        (["hashes"], "42 1 4,321", ["##", "1", "<unk>"]),
        (["zeros", "hashes"], "42", ["##"]),
        (["parts"], "state-of-the-art e-mail", ["state", "of", "the", "art", "e-mail"]),
        (["parts"], "state/nation art", ["state", "<unk>", "art"]),
        (["parts"], "un-known", ["<unk>"]),
        (["parts"], "STATE-of", ["<unk>", "of"]),
        (["lower", "parts"], "STATE-OF art", ["state", "of", "art"]),
        (["lower", "zeros", "parts"], "State-4,321", ["state", "0,000"]),
        (["lower", "parts"], "", []),
    ],
)
def test_chain_finds_a_token_in_its_order(fallback, text, found):
    assert tokens(text, *fallback) == found


def test_parts_lengthen_their_own_text_only():
    here = encoder("parts", output="padded")
    ids = here(["the state-of-art of", "", "un-known", "The"])
    assert ids.numpy().tolist() == [
        [1, 3, 4, 5, 4],
        [0, 0, 0, 0, 0],
        [10, 0, 0, 0, 0],
        [2, 0, 0, 0, 0],
    ]


def test_parts_come_before_length():
    here = encoder("parts", output="padded", length=2)
    assert here(["state-of-the-art"]).numpy().tolist() == [[3, 4]]


def test_tokenize_gives_a_token_for_each_id():
    here = encoder("lower", "parts")
    texts = ["THE state-of x-y", ""]
    assert here.tokenize(texts).to_list() == [[b"THE", b"state", b"of", b"x-y"], []]
    assert here.tokenize(texts[0]).numpy().tolist() == here.tokenize(texts).to_list()[0]
    assert here(texts).to_list() == [[1, 3, 4, 10], []]


def test_tokens_fall_back_too():
    here = encoder("lower", split=None)
    assert here([["THE", "of"], ["x", "The"]]).to_list() == [[1, 4], [10, 2]]


def test_config_keeps_the_chain():
    here = encoder("lower", "parts")
    again = TokenEncoder.from_config(here.get_config())
    assert again.fallback == ("lower", "parts")
    assert again(["STATE-of"]).to_list() == [[3, 4]]


@pytest.mark.parametrize(
    ("fallback", "split", "error", "sentence"),
    [
        ("lower", "words", TypeError, "fallback must be a list of names. Got 'lower'."),
        (
            ["upper"],
            "words",
            ValueError,
            "each of fallback must be one of 'lower', 'zeros', 'hashes', 'parts'. "
            "Got 'upper'.",
        ),
        (
            ["parts", "lower"],
            "words",
            ValueError,
            "fallback must hold each way once, and 'parts' last. "
            "Got ['parts', 'lower'].",
        ),
        (
            ["lower", "lower"],
            "words",
            ValueError,
            "fallback must hold each way once, and 'parts' last. "
            "Got ['lower', 'lower'].",
        ),
        (
            ["parts"],
            None,
            ValueError,
            "fallback must do without 'parts' where split is None: tokens keep their "
            "shape. Got ['parts'].",
        ),
    ],
)
def test_bad_chain_is_refused(fallback, split, error, sentence):
    with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
        TokenEncoder(["a"], split=split, fallback=fallback)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text("aTheof01-/ ", max_size=12), max_size=4))
def test_every_text_gives_ids_in_range_alike_in_a_graph(texts):
    batch = tf.constant(texts, tf.string)
    ids = CHAIN(batch).to_list()
    assert len(ids) == len(texts)
    assert all(1 <= id <= CHAIN.n for row in ids for id in row)
    assert GRAPH(batch).to_list() == ids


CHAIN = encoder(*FALLBACKS)
GRAPH = tf.function(CHAIN, input_signature=[tf.TensorSpec([None], tf.string)])
