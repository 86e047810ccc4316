"""Texts to ids."""

import os
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed import TokenEncoder, zoo

WORDS = ["the", "cat", "sat"]

CASES = [
    ("The cat", [1, 2]),
    (b"the cat", [1, 2]),
    ("", []),
    ("dog", [4]),
    (["the cat sat", "sat"], [[1, 2, 3], [3, 0, 0]]),
    ([["the"], ["cat"]], [[1], [2]]),
    (["", ""], [[], []]),
    ([], []),
    ([["the", "cat sat"], ["sat", "a"]], [[[1, 0], [2, 3]], [[3, 0], [4, 0]]]),
    ([["the"], ["cat sat", "sat"]], [[[1, 0], [0, 0]], [[2, 3], [3, 0]]]),
    (np.array(["the cat"]), [[1, 2]]),
    (np.array(["the cat"], object), [[1, 2]]),
]


@pytest.mark.parametrize(("texts", "expected"), CASES)
def test_text_becomes_the_ids_of_its_tokens(texts, expected):
    assert TokenEncoder(WORDS)(texts).numpy().tolist() == expected


RAGGED = [
    ("the cat", [1, 2]),
    (["the cat sat", ""], [[1, 2, 3], []]),
    ([["the", "cat sat"], ["sat", ""]], [[[1], [2, 3]], [[3], []]]),
    ([["the"], ["cat sat", "sat"], []], [[[1]], [[2, 3], [3]], []]),
]


@pytest.mark.parametrize(("texts", "expected"), RAGGED)
def test_texts_come_ragged_if_so_wanted(texts, expected):
    ids = TokenEncoder(WORDS, output="ragged")(texts)
    ragged = isinstance(ids, tf.RaggedTensor)
    assert (ids.to_list() if ragged else ids.numpy().tolist()) == expected


SPLITS = [
    ("auto", "the cat, sat.", [1, 2, 4, 3, 4]),
    ("words", "the cat, sat.", [1, 2, 4, 3, 4]),
    ("whitespace", "the cat, sat", [1, 4, 3]),
    (re.compile(r"[,\s]+"), "the cat, sat", [1, 2, 3]),
    (None, ["the", "cat sat"], [1, 4]),
]


@pytest.mark.parametrize(("split", "texts", "expected"), SPLITS)
def test_texts_split_as_they_are_told(split, texts, expected):
    assert TokenEncoder(WORDS, split=split)(texts).numpy().tolist() == expected


SPLIT_TOKENS = [
    ("the", 1),
    (["the", "cat"], [1, 2]),
    ([["the", "cat"], ["sat"]], [[1, 2], [3, 0]]),
    ([["the"], []], [[1], [0]]),
    ([], []),
]


@pytest.mark.parametrize(("tokens", "expected"), SPLIT_TOKENS)
def test_input_may_be_split_already(tokens, expected):
    assert TokenEncoder(WORDS, split=None)(tokens).numpy().tolist() == expected


LENGTHS = [
    ({}, ["the cat sat", "the"], [[1, 2], [1, 0]]),
    ({}, "the", [1, 0]),
    ({"split": None}, ["the", "cat", "sat"], [1, 2]),
    ({"split": None}, [["the"]], [[1, 0]]),
    ({"split": None}, [["the"], ["cat", "sat", "the"]], [[1, 0], [2, 3]]),
]


@pytest.mark.parametrize(("arguments", "texts", "expected"), LENGTHS)
def test_texts_are_cut_and_padded_to_length(arguments, texts, expected):
    encoder = TokenEncoder(WORDS, length=2, **arguments)
    assert encoder(texts).numpy().tolist() == expected


CASE = [
    (["été", "Paris"], True, ["ÉTÉ", "paris", "PARIS"], [1, 2, 2]),
    (["Été", "été"], True, ["été", "ÉTÉ"], [1, 1]),
    (["Paris", "paris"], False, ["paris", "Paris", "PARIS"], [2, 1, 3]),
]


@pytest.mark.parametrize(("vocabulary", "ignore_case", "tokens", "expected"), CASE)
def test_case_is_ignored_or_not(vocabulary, ignore_case, tokens, expected):
    encoder = TokenEncoder(vocabulary, split=None, ignore_case=ignore_case)
    assert encoder(tokens).numpy().tolist() == expected


def test_unknown_tokens_get_the_last_id():
    encoder = TokenEncoder(WORDS)
    assert (encoder.n, encoder.vocabulary) == (4, ("the", "cat", "sat"))


DECODES = [
    ([1, 2, 4, 0], "the cat <unk>"),
    ([[1, 2], [3, 0]], ["the cat", "sat"]),
    ([[1], []], ["the", ""]),
    (3, "sat"),
    ([], ""),
]


@pytest.mark.parametrize(("ids", "expected"), DECODES)
def test_decode_gives_text(ids, expected):
    assert TokenEncoder(WORDS).decode(ids) == expected


BAD_IDS = [
    ([7], ValueError, "ids must be in 1..4, or 0 for padding. Got 7."),
    ([[1], [-1, 2]], ValueError, "ids must be in 1..4, or 0 for padding. Got -1."),
    ([1.0], TypeError, "ids must be integers. Got float64."),
    ("a", TypeError, "ids must be integers. Got string."),
    ([True], TypeError, "ids must be integers. Got bool."),
]


@pytest.mark.parametrize(("ids", "error", "message"), BAD_IDS)
def test_decode_refuses_what_is_no_id(ids, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        TokenEncoder(WORDS).decode(ids)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(st.sampled_from(WORDS)), min_size=1))
def test_decode_undoes_encode(texts):
    texts = [" ".join(tokens) for tokens in texts]
    encoder = TokenEncoder(WORDS)
    assert encoder.decode(encoder(texts)) == texts


ADAPTS = [
    (["b a", "a"], {}, ("a", "b")),
    (["b a c", "a"], {"max_tokens": 2}, ("a", "b")),
    (["b a", "a"], {"min_count": 2}, ("a",)),
    ("a b", {}, ("a", "b")),
    (np.array(["a b"], object), {}, ("a", "b")),
    (tf.constant([["a"], ["A"]]), {}, ("a",)),
    (tf.data.Dataset.from_tensor_slices(["a", "b a"]).batch(2), {}, ("a", "b")),
    (tf.data.Dataset.from_tensor_slices(["a", "b a"]), {}, ("a", "b")),
    (iter(["a"] * 1500 + ["b"]), {}, ("a", "b")),
    ([""], {}, ()),
    ([], {}, ()),
]


@pytest.mark.parametrize(("texts", "arguments", "expected"), ADAPTS)
def test_adapt_takes_the_most_frequent_tokens(texts, arguments, expected):
    encoder = TokenEncoder()
    encoder.adapt(texts, **arguments)
    assert encoder.vocabulary == expected


def test_default_is_the_vocabulary_that_ships():
    encoder = TokenEncoder()
    assert encoder.vocabulary == zoo.vectors().tokens
    assert encoder.n not in encoder("The cat doesn't sleep.").numpy()
    assert encoder.get_config()["split"] == zoo.card("openbooks-50d").split


def test_adapt_leaves_the_default_behind():
    encoder = TokenEncoder()
    encoder.adapt(["it doesn't"])
    assert encoder.vocabulary == ("'", "doesn", "it", "t")
    assert encoder("doesn't").numpy().tolist() == [2, 1, 4]


def test_default_travels(tmp_path):
    texts = ["The cat doesn't sleep."]
    encoder = TokenEncoder()
    expected = encoder(texts).numpy().tolist()
    for again in (
        pickle.loads(pickle.dumps(encoder)),
        pickle.loads(pickle.dumps(TokenEncoder())),
        TokenEncoder.from_config(encoder.get_config()),
    ):
        assert again(texts).numpy().tolist() == expected


def test_adapt_takes_tokens_where_input_is_split():
    encoder = TokenEncoder(split=None, ignore_case=False)
    encoder.adapt([["a b", "C"], ["C"]])
    assert encoder.vocabulary == ("C", "a b")


def test_adapt_keeps_what_the_encoder_will_look_up():
    encoder = TokenEncoder()
    texts = ["Ünïted Stätes", "ünïted"]
    encoder.adapt(texts)
    assert encoder.n not in encoder(texts).numpy()


def test_tokens_of_numpy_are_tokens():
    assert TokenEncoder([np.str_("a"), "b"]).vocabulary == ("a", "b")


@pytest.mark.parametrize("min_count", [0, -1])
def test_adapt_checks_its_arguments(min_count):
    with pytest.raises(
        ValueError, match=rf"^min_count must be at least 1. Got {min_count}.$"
    ):
        TokenEncoder().adapt(["a"], min_count=min_count)


def test_vocabulary_that_a_graph_holds_stays():
    encoder = TokenEncoder(["a"])
    list(tf.data.Dataset.from_tensors(["a"]).map(encoder))
    message = (
        "the vocabulary must stay as it is once a graph holds it (a tf.data pipeline, "
        "or a model that has run). Got another. Make the encoder, and its model, anew."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        encoder.adapt(["b"])
    encoder.adapt(["a"])
    assert encoder.vocabulary == ("a",)


def test_empty_vocabulary_knows_no_token():
    assert TokenEncoder([])("the cat").numpy().tolist() == [1, 1]


def test_adapt_replaces_the_table():
    encoder = TokenEncoder(["a"])
    assert encoder("b").numpy().tolist() == [2]
    encoder.adapt(["b"])
    assert encoder("b").numpy().tolist() == [1]


ARGUMENTS = [
    (
        {"vocabulary": ["a", "a"]},
        ValueError,
        "tokens must differ. Got 'a' at 1 and at 2.",
    ),
    (
        {"vocabulary": "the"},
        TypeError,
        "vocabulary must be a list. Got 'the' (str).",
    ),
    ({"vocabulary": ["a", 1]}, TypeError, "tokens must be str. Got 1 (int)."),
    (
        {"vocabulary": {"a": 1}},
        TypeError,
        "vocabulary must be a list. Got {'a': 1} (dict).",
    ),
    ({"length": 0}, ValueError, "length must be at least 1. Got 0."),
    (
        {"output": "dense"},
        ValueError,
        "output must be one of 'padded', 'ragged'. Got 'dense'.",
    ),
]


@pytest.mark.parametrize(("arguments", "error", "message"), ARGUMENTS)
def test_bad_argument_is_refused(arguments, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        TokenEncoder(**arguments)


def test_integers_are_no_texts():
    with pytest.raises(TypeError, match=r"^TokenEncoder takes string. Got int64.$"):
        TokenEncoder(WORDS)([1])


def test_vocabulary_of_400_000_tokens_is_all_there():
    tokens = [f"token{number}" for number in range(400_000)]
    encoder = TokenEncoder(tokens, split="whitespace")
    ids = encoder("token0 token399999 token").numpy().tolist()
    assert ids == [1, 400_000, 400_001]


IN_CAPITALS = """
import keras_wembed as kw
for tokens in (["TITLE"], ["title"]):
    encoder = kw.TokenEncoder(tokens, split="whitespace")
    print(encoder(["TITLE É", "TITLE"]).numpy().tolist())
"""


def test_lower_case_is_the_same_on_a_turkish_machine():
    done = subprocess.run(
        [sys.executable, "-c", IN_CAPITALS],
        env=os.environ | {"LC_ALL": "tr_TR.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-2:] == ["[[1, 2], [1, 0]]"] * 2


def test_nul_ends_no_token_that_is_not_split_by_name():
    tokens = TokenEncoder(["x\0a", "x\0b"], split=None)
    assert tokens([["X\0b", "x"], ["x\0A", "y"]]).numpy().tolist() == [[2, 3], [1, 3]]
    commas = TokenEncoder(["a"], split=re.compile(","))
    assert commas(["a\0xyz,A"]).numpy().tolist() == [[2, 1]]


def test_token_that_utf_8_cannot_hold_is_named():
    with pytest.raises(ValueError, match=r"^tokens must be text .* Got '\\ud800'"):
        TokenEncoder(["a", "\ud800"])
