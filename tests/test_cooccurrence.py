"""Counts of pairs, and the tiles they are kept in."""

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed.training.cooccurrence import Cooccurrence
from keras_wembed.training.counting import count, merge
from keras_wembed.training.tiling import Tiling

LINES = st.lists(st.lists(st.integers(-1, 40).filter(bool), max_size=12), max_size=8)


def counted(lines, *, n, window, chunk=2, seed=0):
    """The counts of lines of ids, a few lines at a time."""
    tiling = Tiling.of(n, seed=seed)
    chunks = [
        np.array([id for line in lines[start : start + chunk] for id in (*line, 0)])
        for start in range(0, len(lines), chunk)
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chunks = (ids.astype(np.int32) for ids in chunks)
        runs = count(chunks, tiling, window, folder)
        merge(runs, tiling, folder=folder, into=folder, tell=lambda done: None)
        found = Cooccurrence.open(folder)
        yield from _cells(found)


def _cells(found):
    blocks = range(len(found.tiling.blocks))
    for row in blocks:
        for column in blocks:
            tile = found.tile(row, column)
            rows, columns = np.divmod(tile.cells, found.tiling.width)
            ids = zip(
                tile.rows[rows].tolist(), tile.columns[columns].tolist(), strict=True
            )
            yield from zip(ids, tile.counts.tolist(), strict=True)


def counted_slowly(lines, window):
    counts = Counter()
    for line in lines:
        kept = [id for id in line if id > 0]
        for place, id in enumerate(kept):
            for other in range(place + 1, min(place + window + 1, len(kept))):
                counts[id, kept[other]] += 1 / (other - place)
                counts[kept[other], id] += 1 / (other - place)
    return counts


@settings(deadline=None, max_examples=60)
@given(LINES, st.integers(1, 6), st.integers(1, 3))
def test_counts_are_those_of_a_slow_counter(lines, window, chunk):
    found = list(counted(lines, n=40, window=window, chunk=chunk))
    expected = counted_slowly(lines, window)
    assert len(found) == len(dict(found)) == len(expected)
    assert dict(found) == pytest.approx(expected, rel=1e-6)


def test_pair_counts_one_over_its_distance():
    found = dict(counted([[1, 2, 3]], n=3, window=2))
    assert found == {
        (1, 2): 1,
        (2, 1): 1,
        (2, 3): 1,
        (3, 2): 1,
        (1, 3): 0.5,
        (3, 1): 0.5,
    }


def test_token_left_out_leaves_no_gap():
    assert dict(counted([[1, -1, 2]], n=2, window=1)) == {(1, 2): 1, (2, 1): 1}


def test_no_pair_crosses_a_line():
    assert dict(counted([[1], [2]], n=2, window=5)) == {}


def test_token_beside_itself_counts_both_ways():
    assert dict(counted([[1, 1]], n=1, window=5)) == {(1, 1): 2}


@pytest.mark.parametrize(
    ("n", "blocks", "width"),
    [(1, 1, 1), (31, 31, 1), (32, 16, 2), (100, 25, 4), (16384, 16, 1024)],
)
def test_tiling_of_n_ids(n, blocks, width):
    tiling = Tiling.of(n, seed=1)
    assert tiling.blocks.shape == (blocks, width)
    assert np.sort(tiling.blocks.ravel())[-n:].tolist() == list(range(1, n + 1))
    assert tiling.blocks.sum() == n * (n + 1) // 2  # the rest is padding


def test_seed_decides_on_the_tiling():
    first, same, other = (Tiling.of(50, seed=seed).blocks for seed in (1, 1, 2))
    assert (first == same).all()
    assert (first != other).any()


def test_last_block_is_padded():
    tiling = Tiling.of(33, seed=0)
    assert tiling.blocks[-1].tolist().count(0) == 1
    assert (tiling.blocks == 0).sum() == 1
