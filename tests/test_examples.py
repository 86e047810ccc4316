"""The examples run, also without the real data that lies beside some checkouts."""

import subprocess
import sys

import numpy as np
import pytest

from examples import edge, finetuning, machines, sentiment

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
    accuracy, chances = sentiment.main(shared / "classification", vectors, tmp_path)
    assert accuracy > 0.68
    agree(chances)
    texts, _ = sentiment.reviews(shared / "classification")
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


@pytest.mark.parametrize("name", ["edge", "finetuning", "machines", "sentiment"])
def test_example_is_short(name):
    module = sys.modules[f"examples.{name}"]
    with open(module.__file__) as file:
        assert len(file.readlines()) <= 60
