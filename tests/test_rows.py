import numpy as np
import pytest

from keras_wembed import rows as module
from keras_wembed.rows import Rows, aligned
from keras_wembed.vectors import WordVectors

MATRIX = np.arange(10, dtype=np.float32).reshape(5, 2)


@pytest.fixture(params=[1, 16, 1 << 20], ids="{} bytes at a time".format)
def joined(request, monkeypatch):
    """Puts the chunks together, and checks that each says where it belongs."""
    monkeypatch.setattr(module, "_CHUNK", request.param)

    def join(rows):
        whole = np.full(rows.shape, np.nan)
        for places, some in rows.chunks():
            whole[places] = some
        return whole.tolist()

    return join


def test_rows_come_as_they_are(joined):
    assert joined(Rows((MATRIX,))) == MATRIX.tolist()


def test_rows_come_in_another_order(joined):
    rows = Rows((MATRIX, np.float32([[7, 8]])), np.array([4, 5, 0, 0]))
    assert rows.shape == (4, 2)
    assert joined(rows) == [[8, 9], [7, 8], [0, 1], [0, 1]]


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [
        (["a", "b", None], [[0, 1], [2, 3], [7, 8]]),
        (["b", "x", None, "a"], [[2, 3], [7, 8], [7, 8], [0, 1]]),
        (["b", "a", None], [[2, 3], [0, 1], [7, 8]]),
        (["a", "b"], [[0, 1], [2, 3]]),
        ([None, "a", "b"], [[7, 8], [0, 1], [2, 3]]),
        ([], []),
    ],
)
def test_each_token_gets_its_row(joined, tokens, expected):
    vectors = WordVectors(["a", "b"], MATRIX[:2], np.float32([7, 8]))
    assert joined(aligned(vectors, tokens)) == expected


def test_mean_stands_in_for_an_unknown_row(joined):
    vectors = WordVectors(["a", "b"], MATRIX[:2])
    assert joined(aligned(vectors, ["a", "b", None])) == [[0, 1], [2, 3], [1, 2]]
    assert joined(aligned(vectors, ["x"])) == [[1, 2]]
