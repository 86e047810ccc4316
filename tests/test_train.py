"""Training: from text to vectors."""

import gzip
import re

import numpy as np
import pytest
from small_training import FRUIT, LINES, PEOPLE, trained, whole

from keras_wembed.encoders.splitting import NAMES
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.training import train
from keras_wembed.training.cooccurrence import Cooccurrence
from keras_wembed.training.frequency import without_frequency
from keras_wembed.training.tiling import Tiling


def test_tokens_are_the_most_frequent_first():
    vectors = trained(["b a b", "c b a"], min_count=2, iterations=1)
    assert vectors.tokens == ("b", "a")
    assert vectors.matrix.shape == (2, 4)
    assert vectors.matrix.dtype == np.float32
    assert vectors.unknown.tolist() == vectors.matrix.mean(0).tolist()


def test_tokens_that_stand_together_are_neighbours():
    vectors = trained(LINES, iterations=12, learning_rate=1.0)
    for group in (PEOPLE, FRUIT):
        nearest = {token for token, _ in vectors.most_similar(group[0], k=2)}
        assert nearest == set(group[1:])


def test_seed_repeats_the_vectors(tmp_path):
    same, other = trained(LINES), trained(LINES, seed=4, folder=tmp_path)
    assert (
        Cooccurrence.open(tmp_path / "cooccurrence").tiling.blocks
        == Tiling.of(6, seed=4).blocks
    ).all()
    assert (same.matrix == whole().matrix).all()
    assert (other.matrix != whole().matrix).any()


def test_capitals_are_made_small_unless_they_count():
    assert set(trained(["É é"] * 5, iterations=1).tokens) == {"é"}
    assert set(trained(["É é"] * 5, iterations=1, ignore_case=False).tokens) == {
        "É",
        "é",
    }


@pytest.mark.parametrize("ignore_case", [True, False])
def test_tokens_are_those_of_the_encoder(ignore_case):
    text = "\"I don't\", said DR. O'CLOCK of the U.S. in ΤΗΣ Dog's İzmir: US$3.88..."
    vectors = train(
        [text] * 5, size=2, iterations=1, split="treebank", ignore_case=ignore_case
    )
    encoder = TokenEncoder(["a"], split="treebank", ignore_case=ignore_case)
    assert {token.encode() for token in vectors.tokens} == set(
        encoder.tokenize(text).numpy()
    )


def test_frequency_is_removed_as_asked():
    counts = np.array(
        [sum(line.split().count(t) for line in LINES) for t in whole().tokens]
    )
    found = trained(LINES, remove_frequency=True)
    assert (found.matrix == without_frequency(whole().matrix, counts)).all()


def test_gzip_file_trains_as_its_lines(tmp_path):
    path = tmp_path / "corpus.txt.gz"
    path.write_bytes(gzip.compress("\n".join(LINES).encode()))
    assert (trained(path).matrix == whole().matrix).all()


REFUSED = [
    ({"size": 0}, ValueError, "size must be at least 1. Got 0."),
    ({"window": 1.5}, TypeError, "window must be an integer. Got 1.5 (float)."),
    ({"iterations": -1}, ValueError, "iterations must be at least 1. Got -1."),
    ({"max_tokens": 0}, ValueError, "max_tokens must be at least 1. Got 0."),
    ({"x_max": 0.0}, ValueError, "x_max must be above 0. Got 0.0."),
    ({"seed": -1}, ValueError, "seed must be an integer in 0..2147483647. Got -1."),
    (
        {"split": "letters"},
        ValueError,
        f"split must be one of {', '.join(map(repr, NAMES))}. Got 'letters'.",
    ),
    (
        {"min_count": 9},
        ValueError,
        "Some token must stand in the corpus min_count times, 9. "
        "Got 1 tokens, the most frequent one 2 times.",
    ),
]


@pytest.mark.parametrize(("changes", "kind", "message"), REFUSED)
def test_bad_argument_is_refused(changes, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        trained(["a a"], **changes)


def test_nothing_is_shown_in_a_pipe(capfd):
    capfd.readouterr()
    trained(LINES, iterations=1)
    assert capfd.readouterr() == ("", "")


def test_a_folder_is_held_to_its_corpus(tmp_path):
    options = {"size": 2, "iterations": 2, "min_count": 1, "folder": tmp_path / "kept"}
    train(["a b c"] * 5, **options)
    with pytest.raises(
        ValueError, match=r"^corpus must be \[\d+\], as in the training"
    ):
        train(["x y z"] * 5, **options)
    path = tmp_path / "corpus.txt"
    options["folder"] = tmp_path / "other"
    path.write_text("a b c a b\n" * 5)
    train(path, **options)
    path.write_text("x y z x y\n" * 5)
    with pytest.raises(
        ValueError, match=r"^corpus must be \[\['corpus.txt', 50, \d+\]\]"
    ):
        train(path, **options)


def test_fewer_iterations_than_there_were_are_refused(tmp_path):
    options = {"size": 2, "min_count": 1, "folder": tmp_path / "kept"}
    train(["a b c"] * 5, iterations=2, **options)
    message = (
        "iterations must be at least 2, as in the training that "
        f"{tmp_path / 'kept'} holds. Got 1."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        train(["a b c"] * 5, iterations=1, **options)


def test_damaged_settings_say_what_to_do(tmp_path):
    options = {"size": 2, "min_count": 1, "iterations": 1, "folder": tmp_path}
    train(["a b c"] * 5, **options)
    (tmp_path / "settings.json").write_text('{"size"')
    with pytest.raises(
        ValueError, match=r"settings are damaged: .* Delete it to start anew\.$"
    ):
        train(["a b c"] * 5, **options)


def test_two_tokens_keep_their_vectors():
    assert train(["a a b"] * 9, size=4, iterations=1, min_count=1).matrix.any()
