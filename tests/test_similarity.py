"""The agreement of cosines with judgements."""

import numpy as np
import pytest

from benchmarks.similarity import ranks, similarity
from keras_wembed.vectors import WordVectors

VECTORS = WordVectors(
    ("north", "east", "northeast", "south"),
    np.array([[0.0, 1.0], [1.0, 0.0], [1.0, 1.0], [0.0, -1.0]]),
)


@pytest.fixture
def judgements(tmp_path):
    def write(*scores):
        pairs = ["north\tNortheast", "north\teast", "north\tsouth", "north\tup"]
        lines = [f"{pair}\t{s}\n" for pair, s in zip(pairs, scores, strict=True)]
        path = tmp_path / "judgements.txt"
        path.write_text("".join(lines))
        return path

    return write


CASES = [
    ((9, 5, 1, 7), 1.0),
    ((1, 5, 9, 7), -1.0),
    ((9, 1, 5, 7), 0.5),
    ((9, 1, 1, 7), 3**0.5 / 2),
]


@pytest.mark.parametrize(("scores", "expected"), CASES)
def test_correlation_of_ranks(judgements, scores, expected):
    correlation, found, pairs = similarity(VECTORS, judgements(*scores))
    assert correlation == pytest.approx(expected)
    assert (found, pairs) == (3, 4)


def test_equal_values_share_their_rank():
    assert ranks(np.array([5.0, 1.0, 5.0, 7.0])).tolist() == [2.5, 1, 2.5, 4]
