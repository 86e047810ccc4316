"""Counting which tokens stand near each other, in bounded memory."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keras_wembed.training.progress import Bar
from keras_wembed.training.tiling import Tiling

Run = tuple[NDArray[np.int64], NDArray[np.float32]]


def count(
    chunks: Iterable[NDArray[np.int32]], tiling: Tiling, window: int, folder: Path
) -> int:
    """Counts the pairs of each chunk, and keeps them sorted: a run of keys and counts.

    Args:
        chunks: Ids of whole lines: 0 ends one, an id below 0 is left out.
        tiling: Which ids belong to which tile.
        window: How far apart two tokens of a pair may stand.
        folder: Where the runs go.

    Returns:
        How many runs there are.
    """
    places, runs = tiling.places(), 0
    for ids in chunks:
        keys, counts = _run(ids, places, tiling, window)
        np.save(folder / f"keys-{runs}.npy", keys)
        np.save(folder / f"counts-{runs}.npy", counts)
        runs += 1
    return runs


def _run(
    ids: NDArray[np.int32], places: NDArray[np.int64], tiling: Tiling, window: int
) -> Run:
    """The pairs of some lines, sorted by key."""
    line = np.cumsum(ids == 0, dtype=np.int32)[ids > 0]
    place = places[ids[ids > 0]]
    bits = (window - 1).bit_length()
    coded = np.concatenate(
        [
            # The distance rides along behind the key, so that one array is sorted.
            _keys(place, line, distance, tiling) << bits | distance - 1
            for distance in range(1, window + 1)
        ]
    )
    coded.sort()
    weights = 1 / np.arange(1, 2**bits + 1)
    return _summed(coded >> bits, weights[coded & (2**bits - 1)])


def _keys(
    place: NDArray[np.int64], line: NDArray[np.int32], distance: int, tiling: Tiling
) -> NDArray[np.int64]:
    """The keys of all pairs at one distance in one line."""
    same = line[distance:] == line[:-distance]
    one, other = place[distance:][same], place[:-distance][same]
    return tiling.keys(np.minimum(one, other), np.maximum(one, other))


def _summed(keys: NDArray[np.int64], counts: NDArray[np.floating]) -> Run:
    """Each key once, with the sum of its counts; the keys are sorted."""
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    if not len(first):
        return keys, counts.astype(np.float32)
    sums = np.add.reduceat(counts, first, dtype=np.float64)
    return keys[first], sums.astype(np.float32)


def merge(runs: int, tiling: Tiling, *, folder: Path, into: Path, tell: Bar) -> None:
    """Makes one matrix of all runs, a band of tiles at a time.

    Args:
        runs: How many runs `count` made.
        tiling: What it was given.
        folder: Where they are.
        into: Where `Cooccurrence.open` will find the matrix.
        tell: Is told how many bands are done.
    """
    paths = [
        (folder / f"keys-{i}.npy", folder / f"counts-{i}.npy") for i in range(runs)
    ]
    opened = [tuple(np.load(path, mmap_mode="r") for path in pair) for pair in paths]
    starts = np.zeros(tiling.tiles + 1, np.int64)
    bands = len(tiling.blocks)
    with (
        (into / "cells.bin").open("wb") as cells,
        (into / "counts.bin").open("wb") as out,
    ):
        for band in range(bands):
            tiles = np.arange(band * bands, (band + 1) * bands + 1)
            edges = tiles << 2 * tiling.bits
            keys, counts = _merged(opened, edges[0], edges[-1])
            starts[tiles] = starts[tiles[0]] + np.searchsorted(keys, edges)
            cells.write((keys & (tiling.width**2 - 1)).astype(np.int32).tobytes())
            out.write(counts.tobytes())
            tell(band + 1)
    np.save(into / "blocks.npy", tiling.blocks)
    np.save(into / "starts.npy", starts)


def _merged(runs: Iterable[Run], start: np.int64, end: np.int64) -> Run:
    """The sums of all runs, of keys in one range."""
    keys, counts = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
    for run_keys, run_counts in runs:
        part = slice(*np.searchsorted(run_keys, (start, end)))
        keys.append(run_keys[part])
        counts.append(run_counts[part])
    joined = np.concatenate(keys)
    order = np.argsort(joined, kind="stable")
    return _summed(joined[order], np.concatenate(counts)[order])
