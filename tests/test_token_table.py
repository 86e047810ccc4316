"""Tables that read a file give what tables in memory give."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed.encoders.characters import CharacterEncoder
from keras_wembed.encoders.classes import ClassEncoder
from keras_wembed.encoders.token_table import fits_a_file
from keras_wembed.encoders.tokens import TokenEncoder

TOKENS = ["Apple", "apple", "n't", "--", "Café", "\x85", "\u2028", "APPLE", '"']
ASKED = [
    *TOKENS,
    "",
    "aPPle",
    "n\u2019t",
    "\u2014",
    "cafe\u0301",
    "\u201c",
    "\ufffd",
    "?",
]


@pytest.mark.parametrize("ignore_case", [True, False])
@pytest.mark.parametrize("split", ["words", "treebank", "numberbatch", None])
def test_table_in_a_file_gives_the_same_ids(split, ignore_case, tmp_path):
    encoder = TokenEncoder(TOKENS, split=split, ignore_case=ignore_case)
    expected = encoder.ids_of(ASKED).numpy()
    with encoder.served(tmp_path / "vocabulary.txt"):
        np.testing.assert_array_equal(encoder.ids_of(ASKED), expected)
    np.testing.assert_array_equal(encoder.ids_of(ASKED), expected)
    lines = (tmp_path / "vocabulary.txt").read_text("utf-8").split("\n")
    assert lines[2:4] == ["n't", "--"]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.text("aAbBäÄ\u03c3\u03c2\u03a3İi'\u2019\u00e9e\u0301", max_size=3),
        unique=True,
    ),
    st.booleans(),
)
def test_each_token_has_its_id_in_a_file(tokens, ignore_case):
    encoder = TokenEncoder(tokens, split="whitespace", ignore_case=ignore_case)
    asked = tf.constant([*tokens, "x"])
    with (
        tempfile.TemporaryDirectory() as folder,
        encoder.served(Path(folder, "vocabulary.txt")),
    ):
        found = encoder.ids_of(asked).numpy()
    np.testing.assert_array_equal(found, encoder.ids_of(asked).numpy())


@pytest.mark.parametrize(
    "encoder",
    [
        ClassEncoder(["a", "b"]),
        ClassEncoder([3, 1]),
        ClassEncoder([False, True]),
        ClassEncoder(["a\nb", "a"]),
        CharacterEncoder("abc"),
        CharacterEncoder(),
        TokenEncoder(["a\r", "a"], split=None),
        TokenEncoder([], split=None),
    ],
)
def test_other_encoders_find_in_a_file_what_they_know(encoder, tmp_path):
    asked = list(encoder.vocabulary)
    expected = encoder(asked).numpy() if asked else None
    with encoder.served(tmp_path / "vocabulary.txt"):
        if asked:
            np.testing.assert_array_equal(encoder(asked), expected)


@pytest.mark.parametrize(
    ("tokens", "fits"),
    [
        (["a"], True),
        (["a\nb"], False),
        (["a", "\r"], True),
        (["", "a"], True),
        ([], False),
    ],
)
def test_tokens_that_a_file_cannot_hold_stay_in_the_graph(tokens, fits, tmp_path):
    assert fits_a_file(tf.constant(tokens, tf.string)) is fits
    path = tmp_path / "vocabulary.txt"
    with TokenEncoder(tokens, split=None).served(path):
        assert path.exists() is fits
