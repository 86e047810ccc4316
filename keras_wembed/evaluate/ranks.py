"""Correlations, of numbers and of their ranks."""

import numpy as np

from keras_wembed.neighbours import Floats


def spearman(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation; NaN where all values of a side are equal."""
    return pearson(ranks(one), ranks(other))


def pearson(one: Floats, other: Floats) -> float:
    """Pearson's correlation; NaN where all values of a side are equal."""
    one, other = one - one.mean(), other - other.mean()
    scale = np.sqrt(np.square(one).sum() * np.square(other).sum())
    return float((one * other).sum() / scale) if scale else float("nan")


def ranks(values: Floats) -> Floats:
    """The rank of each value; equal values share the mean of theirs.

    >>> ranks(np.array([5.0, 1.0, 5.0, 7.0])).tolist()
    [2.5, 1.0, 2.5, 4.0]
    """
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[group]
