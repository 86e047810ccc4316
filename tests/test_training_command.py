"""Training from a terminal."""

import inspect
import json

import numpy as np
import pytest

from keras_wembed.cli import main
from keras_wembed.cli.program import _parser
from keras_wembed.cli.train import OPTIONS
from keras_wembed.formats.compact import load_compact
from keras_wembed.training import train
from keras_wembed.vectors import WordVectors

TEXT = "the cat sat on the mat\nthe dog sat on the cat\n" * 5
FLAGS = ["--size", "3", "--iterations", "1", "--seed", "7", "--no-remove-frequency"]
SAME = {"size": 3, "iterations": 1, "seed": 7, "remove_frequency": False}


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


def test_defaults_are_those_of_train():
    options = vars(_parser().parse_args(["train", "a.txt", "--output", "b"]))
    for name, parameter in inspect.signature(train).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY:
            assert options[name] == parameter.default


def test_vectors_are_saved_in_a_folder(corpus, tmp_path, capsys):
    output = tmp_path / "vectors"
    arguments = ["train", str(corpus), "--json", "--output", str(output)]
    assert main([*arguments, *FLAGS]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown == {"output": str(output), "tokens": 6, "size": 3}
    expected = train(corpus, **SAME)
    assert WordVectors.load(output).tokens == expected.tokens
    assert (WordVectors.load(output).matrix == expected.matrix).all()


def test_vectors_are_saved_in_a_compact_file(corpus, tmp_path):
    output = tmp_path / "vectors.npz"
    assert main(["train", str(corpus), "--output", str(output), *FLAGS]) == 0
    tokens, matrix, unknown, *_ = load_compact(output)
    expected = train(corpus, **SAME)
    assert tuple(tokens) == expected.tokens
    step = np.abs(expected.matrix).max() / 127
    np.testing.assert_allclose(matrix, expected.matrix, atol=step)
    np.testing.assert_allclose(unknown, expected.unknown, rtol=1e-6)


@pytest.mark.parametrize("name", ["vectors", "vectors.npz"])
def test_texts_are_split_as_those_that_vectors_were_trained_on(name, tmp_path, capsys):
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("I can't go\nYou can't go\n" * 5)
    output = str(tmp_path / name)
    assert main(["train", str(corpus), "--output", output, *FLAGS]) == 0
    capsys.readouterr()
    assert main(["embed", "I can't", "--json", "--model", output]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["token"] for row in rows] == ["i", "ca", "n't"]
    assert all(row["known"] for row in rows)


def test_older_file_stays_if_the_new_one_cannot_be_written(
    corpus, tmp_path, monkeypatch
):
    def full(file, **arrays):
        file.write(b"PK")
        raise OSError(28, "No space left on device")

    output = tmp_path / "vectors.npz"
    output.write_bytes(b"older")
    monkeypatch.setattr("numpy.savez_compressed", full)
    assert main(["train", str(corpus), "--output", str(output), *FLAGS]) == 1
    assert output.read_bytes() == b"older"
    assert sorted(tmp_path.iterdir()) == [corpus, output]


def test_text_is_read_from_standard_input(corpus, tmp_path, monkeypatch):
    output = tmp_path / "vectors"
    with corpus.open() as text:
        monkeypatch.setattr("sys.stdin", text)
        assert main(["train", "-", "--output", str(output), *FLAGS]) == 0
    expected = train(corpus, **SAME)
    assert WordVectors.load(output).tokens == expected.tokens
    assert (WordVectors.load(output).matrix == expected.matrix).all()


def test_standard_input_is_not_read_beside_files(corpus, tmp_path, capsys):
    arguments = ["train", str(corpus), "-", "--output", str(tmp_path / "vectors")]
    assert main(arguments) == 1
    message = "keras-wembed: train must have files, or - alone. Got both.\n"
    assert capsys.readouterr().err == message


@pytest.mark.parametrize(
    ("output", "message"),
    [
        ("mine", "must be empty or hold saved vectors. Got 'thesis.txt' in it."),
        ("folder.npz", "must be a file. Got a folder."),
    ],
)
def test_output_that_cannot_be_written_is_seen_before_training(
    output, message, tmp_path, capsys
):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    (tmp_path / "folder.npz").mkdir()
    # There is no such corpus either, which nobody has looked for yet.
    assert main(["train", "a.txt", "--output", str(tmp_path / output)]) == 1
    assert message in capsys.readouterr().err
