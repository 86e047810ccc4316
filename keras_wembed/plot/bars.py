"""The nearest tokens as bars."""

from typing import TYPE_CHECKING, Any

from keras_wembed.choices import positive
from keras_wembed.plot.axes import PLAIN, axes_of, write_tokens
from keras_wembed.plot.layers import as_array, table
from keras_wembed.plot.writing import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Pairs = list[tuple[str, float]]

_ROOM = 0.15  # beyond the longest bar, for its number, as a share of the axis


def neighbours(
    vectors: Any, token: Any, k: int = 10, *, ax: "Axes | None" = None
) -> "Axes":
    """The cosines of the `k` tokens nearest to a token, best first, as bars.

    Args:
        vectors: `WordVectors`, or a layer, of which the tokens that it knows count.
        token: A token, or a vector.
        k: How many.
        ax: Where to draw; by default a new figure.

    Returns:
        The axes. `ax.patches` are the bars.

    Raises:
        KeyError: If there is no row for the token.
        TypeError: If something is of another kind.
        ValueError: If there are no neighbours to show.
    """
    found = nearest(vectors, token, k)
    tokens, cosines = zip(*found, strict=True)
    ax = axes_of(ax, 6.4, 0.9 + 0.25 * len(found))
    bars = ax.barh(range(len(found)), cosines)
    ax.set_ylim(len(found) - 0.5, -0.5)
    low = min(0, *cosines)
    room = _ROOM * (1 - low)
    ax.set_xlim(low - room if low < 0 else 0, 1 + room)
    ax.set_xlabel("cosine")
    size = write_tokens(ax.yaxis, tokens)
    named = set(ax.get_yticks())
    labels = [f"{c:.2f}" if row in named else "" for row, c in enumerate(cosines)]
    ax.bar_label(bars, labels, padding=3, fontsize=size)
    if isinstance(token, str):
        from keras_wembed.plot.fonts import families

        ax.set_title(short(token), fontfamily=families([short(token)]), **PLAIN)
    return ax


def nearest(vectors: Any, token: Any, k: int) -> Pairs:
    """The `k` nearest tokens and their cosines.

    Raises:
        TypeError: If `token` is neither a token nor a vector.
        ValueError: If there are none.
    """
    positive("k", k)
    if not isinstance(token, str):
        token = as_array(token)
        if token.ndim != 1 or token.dtype.kind not in "fiuV":
            raise TypeError(
                "token must be one token, or one vector. Got an array of shape "
                f"{token.shape} and dtype {token.dtype}."
            )
    found = table(vectors).most_similar(token, k)
    if not found:
        raise ValueError("There must be other tokens to show. Got one token.")
    return found
