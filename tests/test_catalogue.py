import re

import pytest

from keras_wembed import catalogue
from keras_wembed.encoders.tokens import TokenEncoder
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


def test_name_that_is_no_text_is_refused():
    with pytest.raises(TypeError, match=r"^name must be a str\. Got NoneType\.$"):
        catalogue.card(None)


def test_part_of_a_name_finds_those_that_hold_it():
    sentence = "The zoo has no model named 'twitter'. Did you mean 'glove-twitter-27b-"
    with pytest.raises(UnknownModelError, match=re.escape(sentence)):
        catalogue.card("twitter")


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


OURS = {name: card for name, card in catalogue.cards().items() if card.archives}


@pytest.mark.parametrize("name", [n for n in OURS if "-cc-" not in n or "-en-" in n])
def test_card_of_ours_is_complete(name):
    card = OURS[name]
    urls = [url for archive in card.archives for url in archive.urls]
    assert all(url.startswith("https://") for url in urls)
    assert all((card.license, card.citation, card.creator, card.source, card.year))
    assert all((card.family, card.corpus, card.tokenizer, card.format))
    assert card.verified or card.note.endswith("No digest of this file is public.")
    assert name in card.variants


@pytest.mark.parametrize("split", sorted({card.split for card in OURS.values()}))
def test_split_of_a_card_is_known(split):
    assert TokenEncoder(["a"], split=split).split == split


@pytest.mark.parametrize(
    "name",
    [
        *(f"glove-6b-{size}d" for size in (50, 100, 200, 300)),
        *(f"glove-twitter-27b-{size}d" for size in (25, 50, 100, 200)),
        *(f"glove-2024-wikigiga-{size}d" for size in (50, 100, 200, 300)),
        "glove-42b-300d",
        "glove-840b-300d",
        "glove-2024-dolma-300d",
        "numberbatch-en-19.08",
        "numberbatch-en-17.06",
        "word2vec-googlenews-300d",
        "fasttext-wiki-news-300d",
        "fasttext-wiki-news-subword-300d",
        "fasttext-crawl-300d",
        "fasttext-cc-en-300d",
        "fasttext-cc-zh-300d",
    ],
)
def test_public_sets_have_cards(name):
    assert OURS[name].name == name


@pytest.mark.parametrize(
    ("wolfram", "name"),
    [
        (
            "GloVe 200-Dimensional Word Vectors Trained on Tweets",
            "glove-twitter-27b-200d",
        ),
        (
            "GloVe 300-Dimensional Word Vectors Trained on Common Crawl 42B",
            "glove-42b-300d",
        ),
        (
            "GloVe 300-Dimensional Word Vectors Trained on Common Crawl 840B",
            "glove-840b-300d",
        ),
        ("ConceptNet Numberbatch Word Vectors V17.06", "numberbatch-en-17.06"),
        (
            "ConceptNet Numberbatch Word Vectors V17.06 (Raw Model)",
            "numberbatch-en-17.06",
        ),
    ],
)
def test_wolfram_names_find_others(wolfram, name):
    assert catalogue.card(wolfram).name == name
