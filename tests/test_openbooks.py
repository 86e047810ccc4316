"""The vectors that the package carries."""

import csv
import re

import pytest

from keras_wembed import evaluate, zoo
from keras_wembed.training.train import train

SETS = {
    "SimLex-999": "EN-SIMLEX-999.txt",
    "MEN": "EN-MEN-TR-3k.txt",
    "RG-65": "EN-RG-65.txt",
    "MTurk-287": "EN-MTurk-287.txt",
}


@pytest.fixture(scope="module")
def card():
    return zoo.card("openbooks-50d")


@pytest.fixture(scope="module")
def vectors():
    return zoo.vectors()


NEIGHBOURS = [
    ("france", "germany", 10),
    ("france", "spain", 10),
    ("cell", "cells", 10),
    ("computer", "software", 10),
    ("king", "queen", 25),
]


@pytest.mark.parametrize(("token", "neighbour", "k"), NEIGHBOURS)
def test_neighbours_make_sense(vectors, token, neighbour, k):
    assert neighbour in dict(vectors.most_similar(token, k=k))


def test_file_is_small_and_whole(card, vectors):
    assert (card.folder / card.file).stat().st_size < 3e6
    assert (len(vectors), vectors.size) == (card.rows, card.size) == (40_000, 50)


@pytest.mark.parametrize("name", SETS)
def test_scores_on_the_card_come_out_again(card, vectors, shared, name):
    path = shared / "similarity" / SETS[name]
    score = re.search(rf"{name} (0\.\d+)", card.note)[1]
    assert f"{evaluate.similarity(vectors, path).spearman:.3f}" == score


def test_tokenizer_is_the_one_it_was_trained_with(card):
    assert zoo.load().encoder.split == card.split
    assert train.__kwdefaults__["split"] == card.split
    assert train.__kwdefaults__["ignore_case"] == card.ignore_case


def test_each_source_has_an_attribution_and_a_licence(card):
    with (card.folder / "openbooks-sources.tsv").open(encoding="utf-8") as file:
        sources = list(csv.DictReader(file, delimiter="\t"))
    assert len(sources) == 63 + 233
    for source in sources:
        assert source["title"]
        assert source["attribution"]
        assert re.search("by/4.0|zero/1.0|public domain", source["licence"])
        assert source["commit"] or int(source["date"]) < 1923
