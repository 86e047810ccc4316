import gzip
import re

import numpy as np
import pytest
import tensorflow as tf

from keras_wembed.embedding import EmbeddingLayer
from keras_wembed.encoders.classes import ClassEncoder
from keras_wembed.encoders.coverage import Coverage
from keras_wembed.encoders.tokens import TokenEncoder

TEXTS = ["The cat sat.", "A cat-like dog's cat", ""]


def encoder(vocabulary=("the", "cat", "sat", "."), split="treebank", **options):
    return TokenEncoder(vocabulary, split=split, **options)


def test_coverage_counts_tokens_and_types():
    found = encoder().coverage(TEXTS)
    assert found == Coverage(
        tokens=9,
        types=8,
        known_tokens=5,
        known_types=4,
        misses=(("'s", 1), ("a", 1), ("cat-like", 1), ("dog", 1)),
        rescues={"fallback=['parts']": 1},
    )
    assert (found.token_share, found.type_share) == (5 / 9, 0.5)


def test_report_is_for_people():
    assert repr(encoder().coverage(TEXTS)) == (
        "55.56% of 9 tokens have a row\n"
        "50.00% of 8 different tokens have one\n"
        "without: 's 1, a 1, cat-like 1, dog 1\n"
        "fallback=['parts'] would give one to 1 more"
    )


def test_report_of_texts_without_tokens():
    assert repr(encoder().coverage([])) == (
        "100.00% of 0 tokens have a row\n100.00% of 0 different tokens have one"
    )


def test_most_frequent_misses_come_first():
    found = encoder().coverage(["b a c b", "b c"])
    assert found.misses == (("b", 3), ("c", 2), ("a", 1))


def test_fallback_counts_as_a_row():
    found = encoder(fallback=["parts"]).coverage(["cat-like", "cat-fish", "fish-like"])
    assert found.known_tokens == 2
    assert found.misses == (("fish-like", 1),)


@pytest.mark.parametrize(
    ("vocabulary", "options", "text", "rescues"),
    [
        (
            ["paris"],
            {"ignore_case": False},
            "PARIS",
            {"ignore_case=True": 1, "fallback=['lower']": 1},
        ),
        (["Paris"], {"ignore_case": False}, "PARIS", {"ignore_case=True": 1}),
        (["0,000"], {}, "1,234", {"fallback=['zeros']": 1}),
        (["##"], {}, "12 12", {"fallback=['hashes']": 2}),
        (["a"], {}, "a-b", {"fallback=['parts']": 1}),
        (["a"], {"fallback": ["parts"]}, "a-b c", {}),
        (["do", "n't"], {"split": "whitespace"}, "don't", {"split='treebank'": 1}),
        (["do"], {"split": "whitespace"}, "don't", {}),
        (["do", "n't"], {"split": "words"}, "don't", {"split='treebank'": 3}),
        (["ca", "can", "n't"], {"split": "words"}, "can't", {"split='treebank'": 2}),
        (["a", "b"], {"split": "words"}, "a-b c", {}),
        (["a", "b"], {"split": re.compile(",")}, "a,b;", {}),
        (["a"], {"split": None}, "a-b", {}),
    ],
)
def test_options_that_would_rescue_are_named(vocabulary, options, text, rescues):
    assert encoder(vocabulary, **options).coverage([text]).rescues == rescues


class Fixed(TokenEncoder):
    """Cannot be made from its config."""

    def __init__(self, vocabulary):
        super().__init__(vocabulary, split="words")


def test_encoder_that_nothing_can_change_has_coverage_too():
    found = Fixed(["a"]).coverage(["a b"])
    assert (found.known_tokens, found.tokens, found.rescues) == (1, 2, {})


@pytest.mark.parametrize(
    "texts",
    [
        TEXTS,
        tuple(TEXTS),
        np.array(TEXTS),
        tf.constant(TEXTS),
        tf.data.Dataset.from_tensor_slices(TEXTS),
        tf.data.Dataset.from_tensor_slices(TEXTS).batch(2),
        (text for text in TEXTS),
    ],
    ids=["list", "tuple", "array", "tensor", "data", "batches", "generator"],
)
def test_texts_may_come_in_any_way(texts):
    assert encoder().coverage(texts).tokens == 9


def test_one_text_is_one_text():
    assert encoder().coverage("the cat").tokens == 2


@pytest.mark.parametrize("name", ["texts.txt", "texts.txt.gz"])
def test_file_has_a_text_in_each_line(tmp_path, name):
    path = tmp_path / name
    opened = gzip.open if name.endswith(".gz") else open
    with opened(path, "wb") as file:
        file.write("\n".join(TEXTS).encode() + b"\r\n\xff\n" * 2000)
    found = encoder().coverage(path)
    assert (found.tokens, found.misses[0]) == (2009, ("\ufffd", 2000))


def test_tokens_are_counted_as_they_are():
    found = encoder(split=None).coverage([["the", "cat"], ["the sat"], [b"\xff"]])
    assert (found.tokens, found.known_tokens) == (4, 2)


def test_adapt_reads_files_too(tmp_path):
    path = tmp_path / "texts.txt"
    path.write_text("b a b\nb c a\n")
    here = TokenEncoder()
    here.adapt(path)
    assert here.vocabulary == ("b", "a", "c")


def test_layer_covers_what_its_encoder_does():
    layer = EmbeddingLayer(2, input=encoder())
    assert layer.coverage(TEXTS) == encoder().coverage(TEXTS)


@pytest.mark.parametrize(
    ("input", "kind"), [(None, "None"), (ClassEncoder(["a"]), "ClassEncoder")]
)
def test_coverage_of_a_layer_needs_tokens(input, kind):
    sentence = f"coverage must have a layer with a TokenEncoder. Got {kind}."
    with pytest.raises(TypeError, match=f"^{re.escape(sentence)}$"):
        EmbeddingLayer(2, 3, input=input).coverage(["a"])
