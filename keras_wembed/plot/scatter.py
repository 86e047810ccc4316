"""A map of tokens: the plane in which their vectors differ most."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from keras_wembed.plot.axes import axes_of
from keras_wembed.plot.shown import Matrix, Shown, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LABELLED = 200  # tokens, the first ones, that get a label


def map(vectors: Any, tokens: Any = None, *, ax: "Axes | None" = None) -> "Axes":
    """A map of tokens by the first two principal components of their vectors.

    Each component points to where the number that counts most in it is positive, so
    that the same vectors give the same map. The labels of the first 200 tokens find
    their places when the figure is drawn, so that none hides another; one for which
    there is no room is left out, its point stays.

    Args:
        vectors: What a layer gave for one text; `WordVectors`; or a layer.
        tokens: The token of each vector. With `WordVectors` the tokens to show, by
            default all. With a layer the text, or list of tokens, labels or ids.
        ax: Where to draw; by default a new figure.

    Shapes:
        vectors: `(tokens, size)`

    Returns:
        The axes. `ax.collections[0]` are the points, `ax.texts` the labels.

    Raises:
        KeyError: If `WordVectors` have no row for a token.
        TypeError: If something is of another kind.
        ValueError: If there is no token to show, or a vector is not finite.
    """
    found = shown(vectors, tokens)
    check_finite(found)
    points, shares = plane(found.matrix)
    ax = axes_of(ax, 6.4, 4.8)
    from keras_wembed.plot.labels import label_points

    ax.scatter(points[:, 0], points[:, 1], s=12)
    ax.set_aspect("equal", adjustable="datalim")
    ax.margins(0.1)  # for labels at the edge
    ax.set_xlabel(f"first principal component, {shares[0]:.0%} of variance")
    ax.set_ylabel(f"second, {shares[1]:.0%}")
    label_points(ax, points, found.tokens[:LABELLED])
    return ax


def plane(matrix: Matrix) -> tuple[Matrix, NDArray[np.float64]]:
    """Where rows lie along their first two principal components.

    Args:
        matrix: The rows.

    Shapes:
        matrix: `(n, size)`
        returns: `(n, 2)`, and the share of variance along each, `(2,)`
    """
    centred = matrix - matrix.mean(0)
    _, lengths, axes = np.linalg.svd(centred, full_matrices=False)
    largest = np.abs(axes).argmax(1)
    axes *= np.where(axes[range(len(axes)), largest] < 0, -1, 1)[:, np.newaxis]
    points, shares = np.zeros((len(matrix), 2)), np.zeros(2)
    variances = lengths**2
    there = min(2, len(axes))
    points[:, :there] = centred @ axes[:there].T
    shares[:there] = variances[:there] / (variances.sum() or 1)
    return points, shares


def check_finite(found: Shown) -> None:
    """Refuses vectors that lie nowhere.

    Raises:
        ValueError: If one is not finite.
    """
    odd = ~np.isfinite(found.matrix).all(1)
    if odd.any():
        token = found.tokens[int(odd.argmax())]
        raise ValueError(
            f"vectors must be finite to be put on a map. That of {token!r} is not."
        )
