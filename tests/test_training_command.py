"""Training from a terminal."""

import argparse
import inspect
import re

import numpy as np
import pytest

from keras_wembed.formats.compact import load_compact
from keras_wembed.training import train
from keras_wembed.training.command import OPTIONS, add_options, run
from keras_wembed.vectors import WordVectors

TEXT = "the cat sat on the mat\nthe dog sat on the cat\n" * 5
FLAGS = ["--size", "3", "--iterations", "1", "--seed", "7", "--no-remove-frequency"]
SAME = {"size": 3, "iterations": 1, "seed": 7, "remove_frequency": False}


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser()
    add_options(parser)
    return parser


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text(TEXT)
    return path


def test_each_argument_of_train_is_an_option():
    names = [name for name, _, _ in OPTIONS]
    assert names == [
        name
        for name, parameter in inspect.signature(train).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]


def test_defaults_are_those_of_train(parser):
    options = vars(parser.parse_args(["a.txt", "--output", "b"]))
    for name, parameter in inspect.signature(train).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY:
            assert options[name] == parameter.default


def test_vectors_are_saved_in_a_folder(parser, corpus, tmp_path):
    output = tmp_path / "vectors"
    arguments = [str(corpus), "--output", str(output), *FLAGS]
    rows = run(parser.parse_args(arguments))
    assert rows == [{"output": str(output), "tokens": 6, "size": 3}]
    expected = train(corpus, **SAME)
    assert WordVectors.load(output).tokens == expected.tokens
    assert (WordVectors.load(output).matrix == expected.matrix).all()


def test_vectors_are_saved_in_a_compact_file(parser, corpus, tmp_path):
    output = tmp_path / "vectors.npz"
    run(parser.parse_args([str(corpus), "--output", str(output), *FLAGS]))
    tokens, matrix, unknown, _ = load_compact(output)
    expected = train(corpus, **SAME)
    assert tuple(tokens) == expected.tokens
    step = np.abs(expected.matrix).max() / 127
    np.testing.assert_allclose(matrix, expected.matrix, atol=step)
    np.testing.assert_allclose(unknown, expected.unknown, rtol=1e-6)


def test_output_that_cannot_be_written_is_seen_before_training(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    (tmp_path / "folder.npz").mkdir()
    parser = argparse.ArgumentParser()
    add_options(parser)
    monkeypatch.setattr("keras_wembed.training.command.train", None)
    for output, message in {
        "mine": "must be empty or hold saved vectors. Got 'thesis.txt' in it.",
        "folder.npz": "must be a file. Got a folder.",
    }.items():
        options = parser.parse_args(["a.txt", "--output", str(tmp_path / output)])
        with pytest.raises(ValueError, match=re.escape(message)):
            run(options)
