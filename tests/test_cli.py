"""The package from a terminal."""

import argparse
import gzip
import hashlib
import json
import re
import shlex
import subprocess
import sys

import pytest
import tensorflow as tf

import keras_wembed as kw
from keras_wembed.cli import main
from keras_wembed.cli.program import _parser

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
        "text": 1,
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


def test_table_in_a_pipe_has_no_blanks_that_nobody_sees(vectors, capsys):
    assert main(["similar", "cat", "--model", vectors]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 4
    assert all(line == line.rstrip() for line in lines)


def test_embed_tells_words_apart_by_case_if_the_vectors_do(tmp_path, capsys):
    path = tmp_path / "cased.txt"
    path.write_text("The 1 0\nthe 0 1\nPolish 1 1\n")
    assert main(["embed", "the The polish", "--json", "--model", str(path)]) == 0
    assert [row["id"] for row in said(capsys)] == [2, 1, 4]


def test_embed_splits_as_asked(vectors, capsys):
    asked = ["embed", "cat-dog", "--json", "--model", vectors, "--split", "whitespace"]
    assert main(asked) == 0
    assert [row["token"] for row in said(capsys)] == ["cat-dog"]


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


def test_tokens_cannot_steer_the_terminal(tmp_path, capsys):
    path = tmp_path / "hostile.txt"
    path.write_text("\x1b[2Jx 1 2\nb 1 1\n")
    assert main(["similar", "b", "--model", str(path)]) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\\x1b[2Jx" in shown


def test_json_holds_null_where_there_is_no_number(vectors, tmp_path, capsys):
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("cat\tdog\t1\nthe\tdog\t1\n")
    assert main(["evaluate", str(pairs), "--json", "--model", vectors]) == 0
    assert said(capsys)[0]["value"] is None


def test_input_that_is_no_utf8_is_read_all_the_same(vectors):
    command = [sys.executable, "-m", "keras_wembed", "embed", "--json", "--model"]
    done = subprocess.run(
        [*command, vectors], input=b"cat\xff\n", capture_output=True, check=True
    )
    assert json.loads(done.stdout.splitlines()[0])["token"] == "cat"


def test_version_is_told(capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        main(["--version"])
    assert capsys.readouterr().out.strip() == kw.__version__


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


def test_list_has_a_line_for_models_that_differ_in_size_or_language(capsys):
    assert main(["list"]) == 0
    shown = capsys.readouterr().out
    assert "glove-6b-{50,100,200,300}d" in shown
    assert "fasttext-cc-<language>-300d" in shown
    assert len(shown.splitlines()) < 24


def test_list_names_the_zoo(capsys):
    assert main(["list", "--json"]) == 0
    names = [json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()]
    assert "glove-6b-50d" in names


def said(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_similar_takes_several_tokens_and_those_to_leave(vectors, capsys):
    asked = ["similar", "the", "dog", "--minus", "cat", "--json", "--model", vectors]
    assert main(asked) == 0
    assert said(capsys) == []  # All three were asked with.
    assert main(["similar", "dog", "cat", "-k", "1", "--json", "--model", vectors]) == 0
    (row,) = said(capsys)
    assert row["token"] == "the"
    assert row["cosine"] == pytest.approx(0.4927, abs=1e-4)


def test_analogy_is_that_of_the_vectors(capsys):
    assert main(["analogy", "man", "king", "woman", "-k", "2", "--json"]) == 0
    expected = kw.zoo.vectors().analogy("man", "king", "woman", k=2)
    assert [tuple(row.values()) for row in said(capsys)] == expected


def test_info_tells_what_is_known_of_a_model(capsys):
    assert main(["info", "GloVe-6B-50d", "--json"]) == 0
    (card,) = said(capsys)
    assert card["name"] == "glove-6b-50d"
    assert card["rows"] == 400_000
    assert card["license"] == "PDDL-1.0"
    assert card["here"] is False
    assert main(["info", "openbooks-50d"]) == 0
    assert re.search(r"license +CC-BY-4.0", capsys.readouterr().out)


CARD = """\
file = "tiny.txt"
[[archives]]
urls = ["https://nowhere.example/tiny.txt"]
sha256 = "{digest}"
[[models]]
name = "tiny-2d"
size = 2
"""


@pytest.fixture
def tiny(vectors, tmp_path):
    """A card of the user's own, and its file in the cache."""
    digest = hashlib.sha256(VECTORS.encode()).hexdigest()
    cards = tmp_path / "home" / "cards"
    cards.mkdir(parents=True)
    (cards / "tiny.toml").write_text(CARD.format(digest=digest))
    return kw.zoo.add("tiny-2d", vectors)


def test_cache_lists_verifies_and_removes(tiny, capsys):
    assert main(["fetch", "tiny-2d", "--json"]) == 0
    assert said(capsys) == [{"name": "tiny-2d", "rows": 3, "size": 2}]
    assert main(["cache", "--json"]) == 0
    (row,) = said(capsys)
    assert row["name"] == "tiny-2d"
    assert row["bytes"] > len(VECTORS)
    assert main(["cache", "verify", "--json"]) == 0
    assert said(capsys) == [{"name": "tiny-2d", "is": "as it came"}]
    assert main(["cache", "remove", "tiny-2d", "--json"]) == 0
    assert said(capsys) == [{"name": "tiny-2d", "bytes freed": row["bytes"]}]
    assert main(["cache", "remove", "tiny-2d"]) == 1
    assert "tiny-2d must be in the cache to be removed." in capsys.readouterr().err
    assert main(["cache", "--json"]) == 0
    assert said(capsys) == []


def test_damaged_file_is_told_and_the_status_is_1(tiny, capsys):
    tiny.write_text(VECTORS.replace("cat", "cow"))
    assert main(["cache", "verify"]) == 1
    assert "tiny.txt must be as it was fetched." in capsys.readouterr().err


def test_all_models_are_verified_whatever_is_wrong_with_one(tiny, capsys):
    tiny.write_text(VECTORS.replace("cat", "cow"))
    assert main(["cache", "verify", "glove-6b-50d", "tiny-2d"]) == 1
    first, second = capsys.readouterr().err.splitlines()
    assert "glove-6b-50d must be in the cache to be verified." in first
    assert "tiny.txt must be as it was fetched." in second


def test_narrow_terminal_loses_nothing(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "30")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("1,999,995" in line for line in lines)
    assert any("glove-twitter-27b-{25,50,100,200}d" in line for line in lines)


def test_packed_texts_are_read(vectors, tmp_path, capsys):
    path = tmp_path / "texts.txt.gz"
    path.write_bytes(gzip.compress(b"the\ndog\n"))
    assert main(["embed", "--file", str(path), "--json", "--model", vectors]) == 0
    assert [row["token"] for row in said(capsys)] == ["the", "dog"]


def test_nothing_is_said_where_there_is_nothing(capsys):
    assert main(["cache"]) == 0
    assert capsys.readouterr().out == "Nothing.\n"


def test_file_that_is_not_there_is_no_model_either(capsys):
    assert main(["similar", "cat", "--model", "none.vec"]) == 1
    assert "Got 'none.vec', which is neither." in capsys.readouterr().err


def test_errors_speak_of_commands(capsys):
    assert main(["info", "nothing-like-any"]) == 1
    assert "See `keras-wembed list --all`." in capsys.readouterr().err
    assert main(["fetch", "fasttext-cc-de-300d"]) == 1
    assert "Say `keras-wembed fetch --allow-unverified`" in capsys.readouterr().err


def test_evaluate_tells_judgements_from_analogies(vectors, tmp_path, capsys):
    pairs, analogies = tmp_path / "pairs.txt", tmp_path / "analogies.txt"
    pairs.write_text("cat\tdog\t9\nthe\tdog\t2\nthe\tcat\t1\n")
    analogies.write_text(": animals\nthe cat the dog\nthe cat the bird\n")
    files = [str(pairs), str(analogies)]
    assert main(["evaluate", *files, "--json", "--model", vectors]) == 0
    one, other = said(capsys)
    assert one["measure"] == "Spearman"
    assert one["value"] == pytest.approx(1)
    assert (one["known"], one["of"]) == (3, 3)
    assert other["measure"] == "accuracy"
    assert (other["known"], other["of"]) == (1, 2)


def test_texts_come_from_files_and_arguments(vectors, tmp_path, capsys):
    path = tmp_path / "texts.txt"
    path.write_text("the\ndog\u2028cat\n")
    asked = ["embed", "cat", "--file", str(path), "--json", "--model", vectors]
    assert main(asked) == 0
    told = [(row["text"], row["token"]) for row in said(capsys)]
    assert told == [(1, "cat"), (2, "the"), (3, "dog"), (3, "cat")]


def test_coverage_reads_standard_input(vectors, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", iter(["the cat\n", "bird\n"]))
    assert main(["coverage", "--json", "--model", vectors]) == 0
    assert said(capsys)[1] == {"what": "have a row", "count": 2, "share": 2 / 3}


def test_plot_draws_in_the_terminal_or_into_a_file(vectors, tmp_path, capsys):
    assert main(["plot", "matrix", "the cat", "--model", vectors]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"^ *the ", shown, re.MULTILINE)
    assert re.search(r"^ *cat ", shown, re.MULTILINE)
    path = tmp_path / "cat.png"
    asked = ["plot", "neighbours", "cat", "--output", str(path), "--model", vectors]
    assert main([*asked, "--json"]) == 0
    assert said(capsys) == [{"plot": "neighbours", "output": str(path)}]
    assert path.read_bytes().startswith(b"\x89PNG")


def test_plot_writes_a_folder_for_the_projector(vectors, tmp_path, capsys):
    folder = tmp_path / "projector"
    assert main(["plot", "projector", "--output", str(folder), "--model", vectors]) == 0
    assert (folder / "metadata.tsv").read_text().split() == ["the", "cat", "dog"]


def test_export_writes_what_serves_texts(vectors, tmp_path, capsys):
    folder = tmp_path / "served"
    asked = ["export", str(folder), "--pool", "mean", "--warmup", "the cat"]
    assert main([*asked, "--json", "--model", vectors]) == 0
    (told,) = said(capsys)
    assert told["folder"] == str(folder / "1")
    serve = tf.saved_model.load(told["folder"]).signatures["serving_default"]
    answer = serve(text=tf.constant(["the cat", ""]))["output"]
    assert answer.numpy().tolist() == [[-1, 3], [0, 0]]


ERRORS = [
    (
        ["cache", "remove"],
        "keras-wembed: cache remove must have the names of models. Got none.",
    ),
    (["plot", "projector"], "keras-wembed: plot projector must have --output. Got"),
    (
        ["plot", "map", "a"],
        "keras-wembed: plot map must have two tokens or more. Got 1.",
    ),
    (["coverage", "-k", "-1"], "keras-wembed: k must be at least 0. Got -1."),
    (
        ["embed", "a", "--model", "openbooks-50d", "--split", "words"],
        "keras-wembed: --split is for vectors of your own. Got 'openbooks-50d', which "
        "has its own way of splitting.",
    ),
    (
        ["plot", "map", "a", "b", "--limit", "3"],
        "keras-wembed: plot map must have no --limit, which is for projector.",
    ),
    (
        ["plot", "similarity", "a"],
        "keras-wembed: plot similarity must have two texts. Got 1.",
    ),
    (
        ["embed", "a", "--model", "glove-6b-51d"],
        "keras-wembed: The zoo has no model named 'glove-6b-51d'.",
    ),
    (["similar", "zzz"], "keras-wembed: No row for the token 'zzz'."),
]


@pytest.mark.parametrize(("arguments", "message"), ERRORS)
def test_error_is_one_line_and_the_status_1(arguments, message, vectors, capsys):
    if "--model" not in arguments and arguments[0] != "cache":
        arguments = [*arguments, "--model", vectors]
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith(message)
    assert error.count("\n") == 1


def test_interruption_has_the_status_130(monkeypatch, capsys):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("keras_wembed.zoo.names", interrupted)
    assert main(["list", "--all"]) == 130
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


def commands():
    (choices,) = (
        action.choices
        for action in _parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return choices


def test_commands_are_those_of_the_help():
    assert list(commands()) == [
        *("list", "info", "fetch", "cache"),
        *("embed", "similar", "analogy"),
        *("coverage", "evaluate", "plot", "train", "export"),
    ]


@pytest.mark.parametrize("name", commands())
def test_help_of_each_command_has_an_example_that_it_takes(name, capsys):
    with pytest.raises(SystemExit, match=r"^0$"):
        main([name, "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    example = re.search(r"example: keras-wembed (.*)", shown)[1]
    options = _parser().parse_args(shlex.split(example))
    assert options.command is commands()[name].get_default("command")
