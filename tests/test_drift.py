"""How far tokens moved."""

import re

import numpy as np
import pytest

from keras_wembed import drift
from keras_wembed.drift import Moved
from keras_wembed.vectors import WordVectors

TOKENS = ("good", "bad", "film", "old")
BEFORE = WordVectors(
    TOKENS, np.float32([[1, 0], [1, 0.5], [0, 1], [5, 5]]), np.zeros(2)
)
AFTER = WordVectors(
    ("film", "bad", "new", "good"),
    np.float16([[0, 1], [-2, 4.5], [3, 3], [1, 1]]),
    np.array([3, 4.0]),
)


def test_tokens_that_moved_most_come_first():
    found = BEFORE.drift(AFTER)
    bad, good = found.most
    cosine = (-2 * 1 + 4.5 * 0.5) / (1.25 * 24.25) ** 0.5
    assert bad == Moved(
        token="bad",
        distance=5.0,
        cosine=pytest.approx(cosine),
        before=("old", "good", "film"),
        after=("film", "new", "good"),
    )
    assert (good.token, good.distance) == ("good", 1.0)
    assert good.cosine == pytest.approx(2**-0.5)


def test_all_tokens_are_counted():
    found = BEFORE.drift(AFTER, k=1)
    assert (found.tokens, found.moved, found.mean) == (3, 2, 3.0)
    assert (found.added, found.gone) == (("new",), ("old",))
    assert found.unknown == 5.0
    assert [each.token for each in found.most] == ["bad"]


def test_report_reads_well():
    assert repr(BEFORE.drift(AFTER)).splitlines() == [
        "2 of 3 tokens moved, by 3 in the mean",
        "the vector of unknown tokens moved by 5",
        "1 added: new",
        "1 gone: old",
        "token  distance  cosine  near before      near after",
        "bad      5.0000   0.045  old, good, film  film, new, good",
        "good     1.0000   0.707  bad, old, film   new, film, bad",
    ]


def test_many_added_tokens_are_not_all_listed():
    after = WordVectors((*TOKENS, *"abcde"), np.zeros((9, 2)))
    assert "5 added: a, b, c, ...\n" in repr(BEFORE.drift(after))


def test_nothing_moves_without_training():
    found = BEFORE.drift(WordVectors(BEFORE.tokens, BEFORE.matrix.copy()))
    assert repr(found) == "0 of 4 tokens moved"
    assert found.most == ()
    assert found.unknown is None


@pytest.mark.parametrize("k", [0, -1])
def test_counts_may_be_had_without_tokens(k):
    found = BEFORE.drift(AFTER, k=k)
    assert found.most == ()
    assert found.moved == 2


def test_vectors_may_share_no_token():
    found = BEFORE.drift(WordVectors(("x",), np.zeros((1, 2))))
    assert (found.tokens, found.moved, found.mean) == (0, 0, 0.0)


def test_token_that_training_ruined_comes_first():
    ruined = BEFORE.matrix.copy()
    ruined[2], ruined[0] = np.nan, 9
    found = BEFORE.drift(WordVectors(TOKENS, ruined))
    assert [each.token for each in found.most] == ["film", "good"]
    assert found.most[0].distance == np.inf


def test_rows_are_compared_a_few_at_a_time(monkeypatch):
    expected = BEFORE.drift(AFTER)
    monkeypatch.setattr(drift, "ROWS", 1)
    assert BEFORE.drift(AFTER) == expected


def test_vectors_of_another_size_are_refused():
    message = "after must have vectors of size 2. Got 3."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        BEFORE.drift(WordVectors(("good",), np.zeros((1, 3))))
