"""The examples run, also without the real data that lies beside some checkouts."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from examples import (
    characters,
    edge,
    finetuning,
    labels,
    machines,
    multi_input,
    neighbours,
    own_corpus,
    sentiment,
    wolfram,
)

TINY = "good 1 1\nfilm 0 1\nbad -1 1\nthe 0 0\n"


def agree(chances):
    for chance in chances[1:]:
        np.testing.assert_allclose(chance, chances[0], atol=1e-6)


def test_sentiment_runs_on_the_set_that_it_ships(tmp_path):
    vectors = tmp_path / "tiny.txt"
    vectors.write_text(TINY)
    _, chances = sentiment.main(vectors=vectors)
    agree(chances)


SERVES = """
import sys
sys.modules["keras_wembed"] = None  # so that importing it fails
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
text = tf.constant(sys.argv[2:])
print(repr(model.serve(text).numpy().ravel().tolist()))
"""


def test_sentiment_beats_its_mark_and_serves_without_this_package(shared, tmp_path):
    vectors = shared / "glove" / "glove.6B.50d.top10361.txt"
    data = shared / "classification"
    accuracy, chances = sentiment.main(data, vectors, tmp_path, epochs=2)
    assert accuracy > 0.68
    agree(chances)
    texts, _ = sentiment.reviews(data)
    command = [sys.executable, "-c", SERVES, str(tmp_path / "served"), *texts[:5]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer = eval(done.stdout.splitlines()[-1])
    np.testing.assert_allclose(answer, np.ravel(chances[0]), atol=1e-6)


def test_finetuning_runs_on_the_set_that_it_ships(tmp_path):
    vectors = tmp_path / "tiny.txt"
    vectors.write_text(TINY)
    results = finetuning.main(vectors=vectors, epochs=1)
    assert list(results) == ["none", "all", "new"]
    assert all(0 <= accuracy <= 1 for accuracy in results.values())


def test_finetuning_beats_its_mark_however_many_rows_learn(shared):
    vectors = shared / "glove" / "glove.6B.50d.top10361.txt"
    results = finetuning.main(shared / "classification", vectors, epochs=2)
    assert min(results.values()) > 0.7


def test_edge_gives_the_same_numbers_in_each_runtime(tmp_path):
    answers = np.array(edge.main(tmp_path))
    assert answers.shape == (3, 3)
    np.testing.assert_allclose(answers[:, 1:], answers[:, :1].repeat(2, 1), atol=1e-5)
    assert np.ptp(answers[:, 0]) > 0.1


def test_machines_give_what_one_gives():
    alone, *workers = machines.main()
    assert len(workers) == 2
    for each in workers:
        np.testing.assert_allclose(each, alone, atol=1e-6)


def test_labels_fill_the_gaps_of_the_table():
    np.testing.assert_allclose(labels.main(), [11, 4, 13], atol=1.5)


def test_characters_tell_languages_of_words_that_were_never_seen():
    assert characters.main("Freundschaft", epochs=3) > 0.3


def test_neighbours_of_texts_are_found_by_what_is_rare(capsys):
    found = neighbours.main()
    delivery, refund, abroad = (neighbours.ANSWERED[at] for at in (0, 1, 4))
    assert found["SIF"] == [delivery, refund, abroad]
    assert found["mean"] != found["SIF"]
    assert "man is to king as woman is to queen" in capsys.readouterr().out


def test_own_corpus_becomes_a_layer(tmp_path):
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "left_out.py").write_text('"""Never read."""')
    (tmp_path / "wrong.py").write_text("def")
    documented = (
        '"""Raises a float.\n\nRaises\na float."""\ndef f():\n    """A float."""'
    )
    (tmp_path / "module.py").write_text(documented)
    vectors, layer = own_corpus.main(tmp_path, tmp_path / "vectors", iterations=1)
    assert vectors.tokens == ("a", "float", ".", "raises")
    np.testing.assert_allclose(layer("A Float")[1], vectors["float"], rtol=1e-6)


def test_multi_input_prices_what_it_never_saw():
    error, (new, plain, old, violin, jacket) = multi_input.main(count=2000, epochs=5)
    assert error < 0.3
    assert plain < new
    assert old < new
    assert jacket < violin


def test_wolfram_prints_what_the_page_shows(capsys):
    wolfram.main()
    said = capsys.readouterr().out
    for shown in (
        "3 rows of size 4",
        "(2,) (3, 2)",
        "[0. 1. 1. 0.] [1. 0. 1. 0.]",
        "impossible",
        "[ True  True  True  True  True]",
    ):
        assert shown in said
    assert "False" not in said


PROGRAMS = sorted(Path(sentiment.__file__).parent.glob("[!_]*.py"))
PARTS = {"cluster"}  # of programs, not to be run


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_example_is_short_and_says_how_to_run_it(path):
    lines = path.read_text().splitlines()
    assert len(lines) <= 60
    told = any(f"python -m examples.{path.stem}" in line for line in lines[:10])
    assert told == (path.stem not in PARTS)
