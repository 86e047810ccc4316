"""The nearest rows, whatever their number, type and lengths."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed import neighbours
from keras_wembed.neighbours import Matrix, divisors, nearest, units


@pytest.fixture
def small_blocks(monkeypatch):
    """As if memory held three rows, and two queries, at a time."""
    monkeypatch.setattr(neighbours, "PRODUCTS", 6)
    monkeypatch.setattr(neighbours, "QUERIES", 2)


def plain(rows, query, k, without=(), chosen=None):
    """The same by sorting all cosines, in float64."""
    cosines = (units(rows) * units(query)).sum(axis=1)
    chosen = range(len(rows)) if chosen is None else chosen
    order = [row for row in chosen if row not in without]
    order.sort(key=lambda row: -cosines[row])
    return order[:k], cosines[order[:k]]


def assert_nearest(rows, queries, k, without=None, chosen=None):
    without = without or [()] * len(queries)
    matrix = Matrix(rows, divisors(rows), chosen)
    found = nearest(matrix, queries, k, without=without)
    assert len(found) == len(queries)
    for each, query, left in zip(found, queries, without, strict=True):
        numbers, cosines = plain(rows, query, k, left, chosen)
        assert each.rows.tolist() == numbers
        np.testing.assert_allclose(each.cosines, cosines, rtol=0, atol=1e-15)


TYPES = [np.float16, np.float32, np.float64]


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("k", [1, 4, 19, 20, 99])
def test_nearest_are_those_of_sorting_all(small_blocks, dtype, k):
    rng = np.random.default_rng(0)
    rows, queries = rng.normal(size=(20, 5)).astype(dtype), rng.normal(size=(7, 5))
    without = [tuple(rng.integers(0, 20, number)) for number in range(7)]
    assert_nearest(rows, queries, k)
    assert_nearest(rows, queries, k, without)
    assert_nearest(rows, queries, k, without, np.array([0, 1, 5, 7, 8, 9, 19]))


@pytest.mark.parametrize("k", [1, 10, 300])
def test_nearest_of_many_rows_are_those_of_sorting_all(k):
    rows = np.random.default_rng(3).normal(size=(5000, 2)).astype(np.float32)
    rows[[7, 4000]] = np.nan, 0
    finite = np.flatnonzero(np.isfinite(rows).all(axis=1))
    assert_nearest(rows, np.array([[1.0, 2], [-3, 0.5]]), k, chosen=finite)
    matrix = Matrix(rows, divisors(rows))
    (found,) = nearest(matrix, np.array([[1.0, 2]]), k, without=[()])
    assert found.rows.tolist() == plain(rows, np.array([1.0, 2]), k, chosen=finite)[0]


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_equally_near_rows_come_in_their_order(data):
    numbers = st.integers(-1, 1)
    rows = data.draw(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=12))
    rows = np.array([rows[at % len(rows)] for at in range(40)], np.float32)
    query = np.array([data.draw(st.tuples(numbers, numbers))], float)
    k = data.draw(st.integers(1, 41))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "PRODUCTS", data.draw(st.sampled_from([1, 7, 100])))
        assert_nearest(rows, query, k)


@pytest.mark.parametrize("at_once", [50, 1000])
def test_rows_that_float32_cannot_tell_apart_are_told_apart(monkeypatch, at_once):
    monkeypatch.setattr(neighbours, "PRODUCTS", at_once)
    rng = np.random.default_rng(1)
    query = rng.normal(size=300)
    rows = query + 1e-5 * rng.normal(size=(500, 300))
    assert len(set((units(rows) @ units(query)).astype(np.float32))) < 20
    assert_nearest(rows, query[np.newaxis], 10)
    assert_nearest(rows.astype(np.float32), query[np.newaxis], 10)


def test_answer_is_the_same_alone_and_in_a_batch(small_blocks):
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(50, 33)).astype(np.float32)
    matrix = Matrix(rows, divisors(rows))
    batch = nearest(matrix, rows[:9], 5, without=[()] * 9)
    for query, each in zip(rows, batch, strict=False):
        (alone,) = nearest(matrix, query[np.newaxis], 5, without=[()])
        assert alone.rows.tolist() == each.rows.tolist()
        assert alone.cosines.tolist() == each.cosines.tolist()


def test_row_that_is_not_finite_is_near_to_nothing(small_blocks):
    rows = np.float32([[1, 0], [np.nan, 1], [np.inf, 0], [0, 1], [3e38, 3e38], [0, 0]])
    matrix = Matrix(rows, divisors(rows))
    for k, expected in {6: [0, 3, 5], 2: [0, 3]}.items():
        found = nearest(matrix, np.array([[1.0, 1], [1, 0]]), k, without=[(), ()])
        assert [each.rows.tolist() for each in found] == [expected, expected]


def test_zero_is_equally_far_from_all():
    rows = np.float32([[1, 0], [0, 0], [0, -1]])
    matrix = Matrix(rows, divisors(rows))
    found = nearest(matrix, np.array([[0.0, 0], [-1, -1]]), 3, without=[(), ()])
    assert [each.rows.tolist() for each in found] == [[0, 1, 2], [2, 1, 0]]
    assert [str(each.cosines.tolist()) for each in found] == [
        "[0.0, 0.0, 0.0]",
        f"[{1 / 2**0.5}, 0.0, {-1 / 2**0.5}]",
    ]


@pytest.mark.parametrize("shape", [(0, 3), (2, 3)])
def test_nothing_is_found_where_nothing_is_asked_or_there(shape):
    matrix = Matrix(np.ones(shape), divisors(np.ones(shape)))
    assert nearest(matrix, np.ones((0, 3)), 5, without=[]) == []
    (found,) = nearest(matrix, np.ones((1, 3)), 0, without=[()])
    assert found.rows.tolist() == []


def test_memory_mapped_rows_are_never_copied_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(neighbours, "ELEMENTS", 6400)
    np.save(tmp_path / "rows.npy", np.ones((20_000, 64), np.float16))
    rows = np.load(tmp_path / "rows.npy", mmap_mode="r")
    tracemalloc.start()
    matrix = Matrix(rows, divisors(rows))
    nearest(matrix, np.ones((2, 64)), 5, without=[(), ()])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < rows.nbytes / 4
