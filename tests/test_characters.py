"""Characters to ids."""

import re

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed import CharacterEncoder

CASES = [
    ("abc", "cab", [3, 1, 2]),
    ("abc", "", []),
    ("abc", "axc", [1, 4, 3]),
    ("abc", ["ab", "c", ""], [[1, 2], [3, 0], [0, 0]]),
    ("abc", [["ab"], ["c"]], [[1, 2], [3, 0]]),
    ("aé日", "日é", [3, 2]),
    (["ab", range(48, 51)], "b02", [2, 3, 5]),
    (range(97, 100), "cx", [3, 4]),
    ([{"aeiou": "auto"}, "b"], "abe", [1, 2, 1]),
    (["ab", {"xy": 1, "z": "auto"}], "axbz", [1, 1, 2, 3]),
    (["a", "[:alpha:]", "[:digit:]"], "aZé7!", [1, 2, 2, 3, 4]),
    (["[:word:]", "[:punct:]", "[:space:]"], "a1 .€\u00a0", [1, 1, 3, 2, 2, 3]),
    (["[:start:]", "ab", "[:end:]"], ["ab", ""], [[1, 2, 3, 4], [1, 4, 0, 0]]),
    (["a", "[:rest:]", "b"], "abz?", [1, 3, 2, 2]),
    (["ab", {"[:digit:]": 1}], "b7", [2, 1]),
]


@pytest.mark.parametrize(("alphabet", "texts", "expected"), CASES)
def test_character_becomes_its_id(alphabet, texts, expected):
    assert CharacterEncoder(alphabet)(texts).numpy().tolist() == expected


def test_default_is_tab_newline_and_printable_ascii():
    encoder = CharacterEncoder()
    assert (len(encoder.vocabulary), encoder.n) == (97, 98)
    assert encoder("\t\n ~A\r").numpy().tolist() == [1, 2, 3, 97, 36, 98]


def test_rest_needs_no_row_for_unknown_characters():
    assert CharacterEncoder("ab").n == 3
    assert CharacterEncoder(["ab", "[:rest:]"]).n == 3


def test_case_may_be_ignored():
    encoder = CharacterEncoder("abBÉ", ignore_case=True)
    assert encoder("ABbé").numpy().tolist() == [1, 2, 2, 4]


def test_texts_are_cut_and_padded_to_length():
    encoder = CharacterEncoder("abc", length=2)
    assert encoder(["abc", "a"]).numpy().tolist() == [[1, 2], [1, 0]]
    assert encoder("a").numpy().tolist() == [1, 0]
    assert CharacterEncoder("abc", length=2, output="ragged")(
        ["abc", "a"]
    ).to_list() == [[1, 2], [1]]


def test_bytes_that_are_no_utf8_are_unknown_characters():
    assert CharacterEncoder("ab")(b"a\xffb").numpy().tolist() == [1, 3, 2]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.text(st.sampled_from("abé日 \n\x85")), min_size=1))
def test_decode_undoes_encode(texts):
    encoder = CharacterEncoder("abé日 \n\x85", output="ragged")
    assert encoder.decode(encoder(texts)) == texts


DECODES = [
    ("ab", [1, 2, 0], "ab"),
    ("ab", [[1], [3, 2], []], ["a", "<unk>b", ""]),
    ("ab", 2, "b"),
    ([{"xyz": "auto"}, "[:digit:]"], [1, 2], "x[:digit:]"),
    (["[:start:]", "a", "[:end:]", "[:rest:]"], [1, 2, 4, 3], "a<unk>"),
]


@pytest.mark.parametrize(("alphabet", "ids", "expected"), DECODES)
def test_decode_gives_text(alphabet, ids, expected):
    assert CharacterEncoder(alphabet).decode(ids) == expected


@pytest.mark.parametrize("id", [4, -1])
def test_id_without_a_character_is_refused(id):
    with pytest.raises(
        ValueError, match=rf"^ids must be in 1..3, or 0 for padding. Got {id}.$"
    ):
        CharacterEncoder("ab").decode([id])


ALPHABETS = [
    ("", ValueError, "alphabet must hold at least one character. Got none."),
    ([], ValueError, "alphabet must hold at least one character. Got none."),
    ("aba", ValueError, "an alphabet must hold a character once. Got 'a' twice."),
    (
        ["[:digit:]", "[:digit:]"],
        ValueError,
        "an alphabet must hold a character once. Got '[:digit:]' twice.",
    ),
    (
        ["ab", {"c": 3}],
        ValueError,
        "'c' must get an id in 1..2, the ids so far, or \"auto\". Got 3.",
    ),
    (5, TypeError, "alphabet must be a string or a list. Got 5."),
    (
        ["[:foo:]"],
        ValueError,
        "a class of characters must be one of '[:alpha:]', '[:digit:]', '[:word:]', "
        "'[:punct:]', '[:space:]', '[:start:]', '[:end:]', '[:rest:]'. Got '[:foo:]'.",
    ),
    ([{"c": 1.5}], TypeError, 'an id must be an integer or "auto". Got 1.5.'),
    (
        ["ab", 3],
        TypeError,
        "an alphabet must be made of strings, ranges of code points, and dicts from a "
        "group of characters to its id. Got 3.",
    ),
]


@pytest.mark.parametrize(("alphabet", "error", "message"), ALPHABETS)
def test_bad_alphabet_is_refused(alphabet, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        CharacterEncoder(alphabet)


def test_encoder_agrees_with_itself_in_a_dataset():
    encoder = CharacterEncoder(["[:start:]", "ab", "[:digit:]"], length=4)
    texts = ["ab1", "", "zzzzzz"]
    (ids,) = tf.data.Dataset.from_tensors(texts).map(encoder)
    np.testing.assert_array_equal(ids, encoder(texts))
