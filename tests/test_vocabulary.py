"""Tokens and ids."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_wembed.vocabulary import Vocabulary, recall

tokens = st.lists(st.text(st.characters(exclude_categories=["Cs"])), unique=True)


@given(tokens)
def test_id_undoes_token(tokens):
    vocabulary = Vocabulary(tokens)
    assert [vocabulary.id(vocabulary.token(id)) for id in vocabulary.ids.tolist()] == [
        *range(1, len(tokens) + 1)
    ]


@given(tokens)
def test_json_loses_nothing(tokens):
    vocabulary = Vocabulary(tokens)
    assert Vocabulary.from_json(vocabulary.to_json()).tokens == tuple(tokens)


@pytest.mark.parametrize(
    "tokens",
    [("\x85", "\u2028", "\u00a0", "", " ", "\n", "a\nb"), (3, -1), (True, False), ()],
)
def test_kinds_and_odd_characters_survive_json(tokens):
    again = Vocabulary.from_json(Vocabulary(tokens).to_json())
    assert again.tokens == tokens
    assert list(map(type, again.tokens)) == list(map(type, tokens))


def test_json_has_a_token_a_line():
    assert Vocabulary(["a", "b"]).to_json() == b'["a",\n"b"]'


def test_unknown_token_has_no_id():
    assert Vocabulary(["a"]).id("b") is None


@pytest.mark.parametrize("id", [0, 3, -1])
def test_id_without_token_is_refused(id):
    with pytest.raises(ValueError, match=rf"^id must be in 1..2. Got {id}.$"):
        Vocabulary(["a", "b"]).token(id)


def test_repeated_token_is_refused():
    message = "tokens must differ. Got 'a' at 1 and at 3."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        Vocabulary(["a", "b", "a"])


def test_mixed_kinds_are_refused():
    message = "tokens must be all str, all int or all bool. Got bool, int, str."
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        Vocabulary(["a", 1, True])


def test_small_vocabulary_stands_in_its_config():
    config = Vocabulary(["a", "b"]).get_config()
    assert config == ["a", "b"]
    assert recall(config).tokens == ("a", "b")


def test_large_vocabulary_goes_by_its_digest():
    vocabulary = Vocabulary(map(str, range(1001)))
    config = vocabulary.get_config()
    assert config == {"count": 1001, "sha256": vocabulary.digest}
    assert recall(json.loads(json.dumps(config))) is vocabulary


def test_config_keeps_its_vocabulary_alive():
    config = Vocabulary(map(str, range(1001))).get_config()
    assert recall(config).tokens[1000] == "1000"


def test_digest_that_nobody_holds_recalls_nothing():
    config = json.dumps(Vocabulary(map(str, range(1002))).get_config())
    assert recall(json.loads(config)) is None
    assert recall(None) is None
