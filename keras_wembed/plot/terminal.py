"""The same pictures in a terminal: each function gives what `rich` prints.

`rich.print(plot.terminal.matrix(layer, "the cat sat"))` fits the terminal's width.
Without colours, as in a pipe or under `NO_COLOR`, the height of a block, or a sign,
shows a number.
"""

from typing import Any

from rich.console import RenderableType

from keras_wembed.plot.bars import Pairs, nearest
from keras_wembed.plot.cells import Bars, Grid, Heat
from keras_wembed.plot.heat import cosines
from keras_wembed.plot.points import Points
from keras_wembed.plot.scatter import check_finite, plane
from keras_wembed.plot.shown import shown


def matrix(vectors: Any, tokens: Any = None) -> RenderableType:
    """The vectors of a text: a line for each token, blue below zero, red above.

    Where a line is too short for all numbers, each cell is the one of a few that is
    farthest from zero.

    Args:
        vectors: As for `plot.matrix`.
        tokens: As for `plot.matrix`.
    """
    found = shown(vectors, tokens)
    return Heat(found.tokens, found.matrix)


def neighbours(vectors: Any, token: Any, k: int = 10) -> RenderableType:
    """The cosines of the nearest tokens as bars.

    Args:
        vectors: As for `plot.neighbours`.
        token: As for `plot.neighbours`.
        k: How many.
    """
    return bars(nearest(vectors, token, k))


def bars(pairs: Pairs) -> RenderableType:
    """Tokens and their cosines, as `most_similar` gives them, as bars.

    Args:
        pairs: Tokens and cosines.
    """
    return Bars(pairs)


def map(vectors: Any, tokens: Any = None) -> RenderableType:
    """Tokens where they lie in the plane in which their vectors differ most.

    A token for which there is no room is left out; its mark stays where it can.

    Args:
        vectors: As for `plot.map`.
        tokens: As for `plot.map`.
    """
    found = shown(vectors, tokens)
    check_finite(found)
    points, shares = plane(found.matrix)
    return Points(found.tokens, points, shares.tolist())


def similarity(vectors: Any, text1: Any, text2: Any) -> RenderableType:
    """The cosines of the tokens of two texts, each on its colour.

    Args:
        vectors: As for `plot.similarity`.
        text1: As for `plot.similarity`; down the side.
        text2: As for `plot.similarity`; along the top.
    """
    down, along = shown(vectors, text1), shown(vectors, text2)
    return Grid(down.tokens, along.tokens, cosines(down.matrix, along.matrix))
