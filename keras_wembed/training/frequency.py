"""What the vectors of all tokens have in common: how frequent the token is."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]


def without_frequency(matrix: Floats, counts: NDArray[np.integer[Any]]) -> Floats:
    """The vectors, less what follows from the logarithm of a token's count alone.

    Vectors of frequent tokens point one way and those of rare tokens another, whatever
    they mean. This takes away the straight line that fits all vectors best.

    Args:
        matrix: The vectors.
        counts: How often each token stands in the corpus.

    Shapes:
        matrix: `(n, size)`
        counts: `(n,)`
        returns: `(n, size)`

    >>> without_frequency(np.array([[1.0], [2.0], [9.0]]), np.array([1, 2, 4])).round(6)
    array([[ 1.],
           [-2.],
           [ 1.]])
    """
    logs = np.log(counts)
    line = np.stack([np.ones_like(logs), logs], axis=1)  # (n, 2)
    fit = np.linalg.lstsq(line, matrix.astype(np.float64), rcond=None)[0]  # (2, size)
    return (matrix - line @ fit).astype(matrix.dtype)
