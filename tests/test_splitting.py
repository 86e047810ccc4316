import re

import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed.encoders.splitting import NAMES, splitter

TEXTS = st.lists(st.text(max_size=40) | st.binary(max_size=20), max_size=5)


def split(way, *texts):
    rows = splitter(way)(tf.constant(texts, tf.string)).to_list()
    return [[token.decode() for token in row] for row in rows]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("how are you today", ["how", "are", "you", "today"]),
        ("Hello, world!", ["Hello", ",", "world", "!"]),
        ("Wait... what?! (no)", ["Wait", "...", "what", "?!", "(", "no", ")"]),
        ("don't", ["don", "'", "t"]),
        ("snake_case 3x", ["snake_case", "3x"]),
        ("naïve cafe\u0301", ["naïve", "cafe\u0301"]),
        ("東京、日本", ["東京", "、", "日本"]),
        ("a\u3000b\u00a0c\u2028d\x85e\x1cf", ["a", "b", "c", "d", "e", "f"]),
        ("one", ["one"]),
        (" \t\n", []),
        ("", []),
    ],
)
def test_words_end_at_boundaries(text, tokens):
    assert split("words", text) == [tokens]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Well, don't!", ["Well,", "don't!"]),
        (" a\tb\nc ", ["a", "b", "c"]),
        ("a\u3000b\u00a0c\u2028d\x85e\x1cf", ["a", "b", "c", "d", "e", "f"]),
        ("\u3000", []),
        ("", []),
    ],
)
def test_whitespace_splits_at_every_kind_of_it(text, tokens):
    assert split("whitespace", text) == [tokens]


@pytest.mark.parametrize(
    ("pattern", "text", "tokens"),
    [
        (re.compile(r",\s*"), "New York, Paris,Rome", ["New York", "Paris", "Rome"]),
        (re.compile("x", re.IGNORECASE), "aXbxc", ["a", "b", "c"]),
        (re.compile("^-", re.MULTILINE), "-a\n-b", ["a\n", "b"]),
        (re.compile("a.b", re.DOTALL), "1a\nb2", ["1", "2"]),
        (re.compile("x"), "xxaxx", ["a"]),
        (re.compile("x"), "xx", []),
        (re.compile("x"), "é", ["é"]),
        (re.compile(""), "né!", ["n", "é", "!"]),
        (re.compile("x"), "", []),
    ],
)
def test_pattern_matches_delimiters(pattern, text, tokens):
    assert split(pattern, text) == [tokens]


def test_none_keeps_tokens_and_their_shape():
    tokens = tf.constant([["New York", "a"], ["b", "c"]])
    assert splitter(None)(tokens).numpy().tolist() == tokens.numpy().tolist()


def test_bytes_that_are_not_utf8_are_replaced():
    assert split("whitespace", b"a\xff b\xed\xa0\x80", "é") == [
        ["a\ufffd", "b\ufffd\ufffd\ufffd"],
        ["é"],
    ]


@pytest.mark.parametrize("way", [*NAMES, re.compile(",")])
def test_empty_batch_gives_no_rows(way):
    assert split(way) == []


def test_unknown_name_lists_the_names():
    sentence = f"split must be one of {', '.join(NAMES)}. Got 'penn'."
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        splitter("penn")


def test_other_kind_is_refused():
    sentence = "split must be a name, a compiled pattern or None. Got int 3."
    with pytest.raises(TypeError, match=f"^{re.escape(sentence)}$"):
        splitter(3)


def test_pattern_of_bytes_is_refused():
    sentence = "split must match text, not bytes. Got re.compile(b'a')."
    with pytest.raises(TypeError, match=f"^{re.escape(sentence)}$"):
        splitter(re.compile(b"a"))


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (re.compile("(?<=a)b"), "invalid perl operator: (?<"),
        (re.compile(r"(a)\1"), r"invalid escape sequence: \1"),
        (re.compile("a b", re.VERBOSE), "re.VERBOSE"),
    ],
)
def test_pattern_outside_re2_is_refused(pattern, reason):
    sentence = (
        "split must be a pattern that RE2 understands, because TensorFlow runs it."
        f" Got {pattern!r}: {reason}."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        splitter(pattern)


@pytest.mark.parametrize("way", [*NAMES, re.compile("[,.]|$")])
def test_any_bytes_split_alike_in_eager_graph_and_data(way):
    here = splitter(way)
    graph = tf.function(here, input_signature=[tf.TensorSpec([None], tf.string)])

    @settings(max_examples=30, deadline=None)
    @given(TEXTS)
    def agree(texts):
        batch = tf.constant(texts, tf.string)
        tokens = here(batch).to_list()
        assert len(tokens) == len(texts)
        for row in tokens:
            for token in row:
                assert token.decode()
        assert graph(batch).to_list() == tokens
        data = tf.data.Dataset.from_tensors(batch).map(here)
        assert next(iter(data)).to_list() == tokens

    agree()


@pytest.mark.parametrize("way", NAMES)
def test_splitting_tokens_again_changes_nothing(way):
    here = splitter(way)

    @settings(deadline=None)
    @given(TEXTS)
    def stable(texts):
        once = here(tf.constant(texts, tf.string))
        assert here(tf.strings.reduce_join(once, 1, separator=" ")).to_list() == (
            once.to_list()
        )

    stable()
