"""Heat maps: the vectors of a text, and the cosines of two texts."""

from typing import TYPE_CHECKING, Any

import numpy as np

from keras_wembed.plot.axes import LINE, axes_of, is_dark, write_tokens
from keras_wembed.plot.colours import DARK, GREY, LIGHT, ink
from keras_wembed.plot.shown import Matrix, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

ANNOTATED = 12  # rows and columns up to which cosines are written into their cells

BAR = 0.12  # width of a colour bar in inches


def matrix(
    vectors: Any,
    tokens: Any = None,
    *,
    ax: "Axes | None" = None,
    limit: float | None = None,
    colorbar: bool = True,
) -> "Axes":
    """The vectors of a text as a heat map: a row for each token, as in `MatrixPlot`.

    For a layer, `plot.matrix(layer, "the cat sat")` and
    `plot.matrix(layer("the cat sat"), ["the", "cat", "sat"])` draw the same. Zero is
    white, or black on a dark background; NaN is grey.

    Args:
        vectors: What a layer gave for one text; `WordVectors`; or a layer.
        tokens: The token of each vector. With `WordVectors` the tokens to show, by
            default all. With a layer the text, or list of tokens, labels or ids.
        ax: Where to draw; by default a new figure.
        limit: The number at either end of the colours; by default the largest there is.
        colorbar: Whether to draw one.

    Shapes:
        vectors: `(tokens, size)`

    Returns:
        The axes. `ax.images[0]` is the map.

    Raises:
        KeyError: If `WordVectors` have no row for a token.
        TypeError: If something is of another kind.
        ValueError: If there is no token to show, or shapes do not fit.
    """
    if limit is not None and not 0 < limit < np.inf:
        raise ValueError(f"limit must be above 0. Got {limit}.")
    found = shown(vectors, tokens)
    ax = axes_of(ax, 6.4, 0.9 + 0.2 * len(found.tokens))
    limit = largest(found.matrix) if limit is None else limit
    _heat(ax, found.matrix, limit, colorbar)
    write_tokens(ax.yaxis, found.tokens)
    _count_components(ax)
    return ax


def similarity(
    vectors: Any,
    text1: Any,
    text2: Any,
    *,
    ax: "Axes | None" = None,
    annotate: bool | None = None,
    colorbar: bool = True,
) -> "Axes":
    """The cosines of the tokens of two texts as a heat map.

    Args:
        vectors: A layer, or `WordVectors`.
        text1: With a layer a text. With `WordVectors` a list of tokens. Its tokens
            stand down the side.
        text2: The same, along the bottom.
        ax: Where to draw; by default a new figure.
        annotate: Whether to write each cosine into its cell. By default if neither text
            has more than 12 tokens.
        colorbar: Whether to draw one.

    Returns:
        The axes. `ax.images[0]` is the map.

    Raises:
        KeyError: If `WordVectors` have no row for a token.
        TypeError: If something is of another kind.
        ValueError: If there is no token to show.
    """
    down, along = shown(vectors, text1), shown(vectors, text2)
    found = cosines(down.matrix, along.matrix)
    rows, columns = found.shape
    ax = axes_of(ax, max(4.0, 2 + 0.5 * columns), max(3.0, 1 + 0.4 * rows))
    image = _heat(ax, found, 1, colorbar)
    write_tokens(ax.yaxis, down.tokens)
    write_tokens(ax.xaxis, along.tokens)
    if max(found.shape) <= ANNOTATED if annotate is None else annotate:
        _write_numbers(ax, image, found)
    return ax


def cosines(one: Matrix, other: Matrix) -> Matrix:
    """The cosine of each row of one matrix with each of another; 0 for a zero row.

    Shapes:
        one: `(a, size)`
        other: `(b, size)`
        returns: `(a, b)`
    """
    with np.errstate(invalid="ignore"):  # Infinite ones have none.
        return np.clip(_unit(one) @ _unit(other).T, -1, 1)


def _unit(rows: Matrix) -> Matrix:
    # By the largest first: squares of 1e200 are infinite.
    largest = np.abs(rows).max(1, keepdims=True)
    rows = np.divide(rows, largest, out=np.zeros_like(rows), where=largest != 0)
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, length, out=np.zeros_like(rows), where=length != 0)


def largest(numbers: Matrix) -> float:
    """The largest finite magnitude there is; 1 if there is none but zero."""
    finite = numbers[np.isfinite(numbers)]
    return float(np.abs(finite).max(initial=0)) or 1.0


def _count_components(ax: "Axes") -> None:
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True, steps=[1, 2, 5, 10]))
    ax.set_xlabel("component")


def _heat(ax: "Axes", numbers: Matrix, limit: float, colorbar: bool) -> "AxesImage":
    from matplotlib.colors import LinearSegmentedColormap

    # At zero as the paper.
    stops = DARK if is_dark(ax) else LIGHT
    scale = LinearSegmentedColormap.from_list("diverging", stops.tolist())
    image = ax.imshow(
        np.ma.masked_invalid(numbers),
        cmap=scale.with_extremes(bad=GREY),
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        interpolation="nearest",
    )
    ax.grid(False)
    if colorbar:
        height = ax.get_window_extent().height / ax.figure.dpi
        ax.figure.colorbar(image, ax=ax, aspect=height / BAR)
    return image


def _write_numbers(ax: "Axes", image: "AxesImage", numbers: Matrix) -> None:
    papers = image.to_rgba(np.ma.masked_invalid(numbers))
    box = ax.get_window_extent()
    height, width = (
        length / ax.figure.dpi * 72 / count
        for length, count in zip((box.height, box.width), numbers.shape, strict=True)
    )
    for (row, column), number in np.ndenumerate(numbers):
        ax.text(
            column,
            row,
            f"{number:.2f}",
            color=ink(papers[row, column]),
            fontsize=min(10, width / 3, height / LINE),
            ha="center",
            va="center",
        )
