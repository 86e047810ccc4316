"""The package from a terminal."""

import json
import subprocess
import sys

import pytest

import keras_wembed
from keras_wembed.cli import main

VECTORS = "the 1 2\ncat -3 4\ndog -3 5\n"


@pytest.fixture
def vectors(tmp_path):
    path = tmp_path / "tiny.txt"
    path.write_text(VECTORS)
    return str(path)


def test_embed_shows_the_tokens_and_their_vectors(vectors, capsys):
    assert main(["embed", "The cat zzz", "--model", vectors]) == 0
    words = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["the", "1", "yes", "1.000", "2.000"] in words
    assert ["cat", "2", "yes", "-3.000", "4.000"] in words
    assert any(line[:3] == ["zzz", "4", "no"] for line in words)


def test_embed_speaks_json_to_programs(vectors, capsys):
    assert main(["embed", "cat", "--json", "--model", vectors]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "token": "cat",
        "id": 2,
        "known": True,
        "vector": [-3.0, 4.0],
    }


def test_embed_reads_standard_input(vectors, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", iter(["the cat\n", "dog\n"]))
    assert main(["embed", "--json", "--model", vectors]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["token"] for line in lines] == ["the", "cat", "dog"]


def test_embed_of_an_empty_text_shows_nothing(vectors, capsys):
    assert main(["embed", "", "--json", "--model", vectors]) == 0
    assert capsys.readouterr().out == ""


def test_coverage_shows_shares_and_misses(vectors, tmp_path, capsys):
    texts = tmp_path / "texts.txt"
    texts.write_text("the cat\nthe bird, the bird\n")
    assert main(["coverage", str(texts), "-k", "1", "--json", "--model", vectors]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [list(row.values()) for row in rows] == [
        ["tokens", 7, 1.0],
        ["have a row", 4, 4 / 7],
        ["different tokens", 4, 1.0],
        ["have a row", 2, 0.5],
        ["without: bird", 2, 2 / 7],
    ]


def test_coverage_of_a_file_that_is_missing_is_an_error(vectors, tmp_path, capsys):
    assert main(["coverage", str(tmp_path / "none.txt"), "--model", vectors]) == 1
    assert "none.txt" in capsys.readouterr().err


def test_tokens_are_shown_as_they_are(tmp_path, capsys):
    path = tmp_path / "markup.txt"
    path.write_text("[red]x[/red] 1 2\n[/i] 1 1\n:smile: 2 1\n")
    assert main(["similar", "[/i]", "--model", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "[red]x[/red]" in shown
    assert ":smile:" in shown


def test_version_is_told(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--version"])
    assert capsys.readouterr().out.strip() == keras_wembed.__version__


def test_similar_lists_neighbours(vectors, capsys):
    assert main(["similar", "cat", "-k", "1", "--json", "--model", vectors]) == 0
    assert json.loads(capsys.readouterr().out)["token"] == "dog"


def test_train_writes_vectors_that_embed_reads(tmp_path, capsys):
    corpus, output = tmp_path / "corpus.txt", tmp_path / "vectors.npz"
    corpus.write_text("the cat sat\nthe dog sat\n" * 9)
    options = ["--size", "4", "--iterations", "1", "--json"]
    assert main(["train", str(corpus), "--output", str(output), *options]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["tokens"], told["size"]) == (4, 4)
    assert main(["embed", "cat", "--json", "--model", str(output)]) == 0
    assert len(json.loads(capsys.readouterr().out)["vector"]) == 4


def test_list_names_the_zoo(capsys):
    assert main(["list", "--json"]) == 0
    names = [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()]
    assert "glove-6b-50d" in names


ERRORS = [
    (
        ["embed", "a", "--model", "glove-6b-51d"],
        "keras-wembed: The zoo has no model named 'glove-6b-51d'.",
    ),
    (["similar", "zzz"], "keras-wembed: No row for the token 'zzz'."),
]


@pytest.mark.parametrize(("arguments", "message"), ERRORS)
def test_error_is_one_line_and_the_status_1(arguments, message, vectors, capsys):
    if "--model" not in arguments:
        arguments = [*arguments, "--model", vectors]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith(message)
    assert error.count("\n") == 1


def test_interruption_has_the_status_130(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("keras_wembed.zoo.names", interrupted)
    assert main(["list"]) == 130
    assert capsys.readouterr().err == ""


def test_wrong_use_has_the_status_2(capsys):
    with pytest.raises(SystemExit, match=r"^2$"):
        main(["embedd"])
    assert "invalid choice: 'embedd'" in capsys.readouterr().err


def test_command_is_quiet_in_a_pipe(vectors):
    command = [sys.executable, "-m", "keras_wembed", "embed", "cat", "--json"]
    done = subprocess.run(
        [*command, "--model", vectors], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert json.loads(done.stdout)["token"] == "cat"


def test_reader_that_has_seen_enough_is_no_error(vectors):
    command = [sys.executable, "-m", "keras_wembed", "similar", "cat", "--json"]
    process = subprocess.Popen(
        [*command, "--model", vectors], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 141
