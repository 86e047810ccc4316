import re

import pytest

from keras_wembed import catalogue
from keras_wembed.errors import CardError, UnknownModelError

GOOD = """
file = "tiny.zip"
[[archives]]
urls = ["https://example.org/tiny.zip"]
[[models]]
name = "tiny"
size = 2
"""


@pytest.fixture
def add(tmp_path):
    folder = tmp_path / "home" / "cards"
    folder.mkdir(parents=True)

    def write(text, name="card.toml"):
        (folder / name).write_text(text)
        return folder / name

    return write


@pytest.mark.parametrize("size", [50, 100, 200, 300])
@pytest.mark.parametrize("gigaword", ["Gigaword 5", "Gigaword-5"])
def test_wolfram_names_find_glove(size, gigaword):
    corpus = f"Wikipedia and {gigaword} Data"
    card = catalogue.card(f"GloVe {size}-Dimensional Word Vectors Trained on {corpus}")
    assert (card.name, card.size) == (f"glove-6b-{size}d", size)


def test_each_archive_has_its_own_digests():
    stanford, hugging_face = catalogue.card("glove-6b-50d").archives
    assert stanford.digest.sha256 != hugging_face.digest.sha256
    member = "glove.6B.50d.txt"
    assert stanford.members[member].bytes == 171_350_079
    assert hugging_face.members[member].bytes == 171_350_515


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("glove-6b-51d", "Did you mean 'glove-6b-50d'"),
        ("GLOVE_6B_300D", "Did you mean 'glove-6b-300d'"),
        ("zzz", "See zoo.names()."),
        ("", "See zoo.names()."),
    ],
)
def test_unknown_name_says_which_are_near(name, hint):
    sentence = f"The zoo has no model named {name!r}. {hint}"
    with pytest.raises(UnknownModelError, match=f"^{re.escape(sentence)}"):
        catalogue.card(name)


def test_cards_of_the_user_add_to_ours(add):
    before = catalogue.names()
    add(GOOD)
    assert catalogue.names() == (*before, "tiny")


def test_card_of_the_user_takes_the_place_of_ours(add):
    add(GOOD.replace('"tiny"', '"glove-6b-50d"'))
    assert catalogue.card("glove-6b-50d").size == 2


def test_name_stands_for_each_language(add):
    add('languages = ["de", "fr"]\n' + GOOD.replace("tiny", "tiny-{language}"))
    card = catalogue.card("tiny-fr")
    assert card.archives[0].urls == ("https://example.org/tiny-fr.zip",)
    assert catalogue.names()[-2:] == ("tiny-de", "tiny-fr")


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("size", "sise", "A card has no field 'sise'. Did you mean 'size'?"),
        ("size = 2", "size = 0", "size must be at least 1. Got 0."),
        (
            '"tiny"',
            '"Tiny"',
            "name must be small letters, digits, '-' and '.'. Got 'Tiny'.",
        ),
        (
            '"tiny.zip"',
            '"../tiny.zip"',
            "file must be the plain name of a file. Got '../tiny.zip'.",
        ),
        (
            "[[models]]",
            'sha256 = "abc"\n[[models]]',
            "sha256 must be 64 hex digits. Got 'abc'.",
        ),
    ],
)
def test_bad_card_says_what_is_wrong(add, old, new, what):
    path = add(GOOD.replace(old, new, 1))
    with pytest.raises(
        CardError, match=f"^{re.escape(f'{path} must be a card. {what}')}$"
    ):
        catalogue.names()


def test_file_that_is_no_toml_is_named(add):
    path = add("name = ")
    with pytest.raises(CardError, match=f"^{re.escape(f'{path} must be a card. ')}"):
        catalogue.names()
