"""Colours: which ink can be read on one, and the diverging scale of a terminal."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Colour = tuple[float, float, float]  # red, green, blue, from 0 to 1
Levels = Sequence[float] | NDArray[np.floating[Any]]  # the same, and what follows

BLACK, WHITE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
GREY = (0.5, 0.5, 0.5)  # of what is no number


def _stops(text: str) -> NDArray[np.float64]:
    return np.reshape(list(bytes.fromhex(text)), (-1, 3)) / 255


# From -1, blue, to 1, red, through white: RdBu of ColorBrewer, turned round; and in
# the same hues through black.
LIGHT = _stops(
    "053061 2166ac 4393c3 92c5de d1e5f0 f7f7f7 fddbc7 f4a582 d6604d b2182b 67001f"
)
DARK = _stops(
    "c9e6ff 7cc0f0 4393c3 2b6792 173f5c 0c0c0c 5c2216 933524 d6604d f29a80 ffdccf"
)


def luminance(colour: Levels) -> float:
    """How light a colour is, from 0 to 1 (WCAG 2.2, "relative luminance")."""
    levels = [
        level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4
        for level in colour[:3]
    ]
    return float(np.dot(levels, (0.2126, 0.7152, 0.0722)))


def contrast(one: Levels, other: Levels) -> float:
    """The contrast of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def ink(paper: Levels) -> Colour:
    """Black or white, whichever is read more easily on a colour.

    >>> ink((1.0, 1.0, 0.8)), ink((0.0, 0.2, 0.4))
    ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))
    """
    return max(BLACK, WHITE, key=lambda colour: contrast(colour, paper))


def diverging(share: float) -> Colour:
    """The colour of a number from -1, blue, over 0, white, to 1, red."""
    if not np.isfinite(share):
        return GREY
    at = (np.clip(share, -1, 1) + 1) / 2 * (len(LIGHT) - 1)
    levels = (np.interp(at, range(len(LIGHT)), level) for level in LIGHT.T)
    red, green, blue = map(float, levels)
    return red, green, blue
