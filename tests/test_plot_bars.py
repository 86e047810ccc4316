import re
from itertools import pairwise

import numpy as np
import pytest
from pictures import MANY, labels, new_axes, vectors

from keras_wembed import EmbeddingLayer, TokenEncoder, WordVectors, plot, zoo

WIND = WordVectors(
    ("north", "east", "south", "here"), np.float32([[0, 1], [1, 1], [0, -2], [0, 0]])
)


def test_bars_are_the_cosines():
    ax = plot.neighbours(WIND, "north", ax=new_axes())
    assert labels(ax.yaxis) == ["east", "here", "south"]
    widths = [bar.get_width() for bar in ax.patches]
    np.testing.assert_allclose(widths, [0.5**0.5, 0, -1], atol=1e-6)
    assert [text.get_text() for text in ax.texts] == ["0.71", "0.00", "-1.00"]
    assert ax.get_title() == "north"
    assert ax.get_xlabel() == "cosine"
    assert ax.get_ylim() == (2.5, -0.5)  # the nearest on top


def test_bars_are_those_of_most_similar():
    words = zoo.vectors()
    ax = plot.neighbours(words, "france", 5, ax=new_axes())
    expected = words.most_similar("france", 5)
    assert labels(ax.yaxis) == [token for token, _ in expected]
    assert [bar.get_width() for bar in ax.patches] == [c for _, c in expected]


def test_axis_holds_all_cosines_and_their_numbers():
    ax = plot.neighbours(WIND, "north", ax=new_axes())
    assert ax.get_xlim() == pytest.approx((-1.3, 1.3))
    ax = plot.neighbours(WIND, "north", 2, ax=new_axes())
    assert ax.get_xlim() == (0, 1.15)


@pytest.mark.parametrize(
    "opposite", [[0.0, -2.0], [-2.0, -0.3], [-2.0, -0.02], [0.0, 2.0]]
)
def test_numbers_stand_within_the_axes(opposite):
    rows = np.float32([[0, 1], [1, 1], opposite])
    opposed = WordVectors(("north", "east", "other"), rows)
    ax = plot.neighbours(opposed, "north", ax=new_axes())
    ax.figure.canvas.draw()
    frame = ax.get_window_extent()
    for text in ax.texts:
        box = text.get_window_extent()
        assert frame.x0 < box.x0
        assert box.x1 < frame.x1


def test_vector_has_neighbours_but_no_title():
    ax = plot.neighbours(WIND, np.float32([0, -1]), 1, ax=new_axes())
    assert labels(ax.yaxis) == ["south"]
    assert ax.get_title() == ""


def test_neighbours_in_a_layer_are_tokens_that_it_knows():
    layer = EmbeddingLayer(weights=WIND.matrix, input=TokenEncoder(WIND.tokens[:3]))
    ax = plot.neighbours(layer, "north", ax=new_axes())
    assert labels(ax.yaxis) == ["east", "south"]


def test_numbers_of_many_bars_do_not_overlap():
    ax = plot.neighbours(vectors(MANY), "token0", 59, ax=new_axes())
    ax.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert len(boxes) == len(labels(ax.yaxis)) > 20
    boxes.sort(key=lambda box: box.y0)
    for below, above in pairwise(boxes):
        assert below.y1 <= above.y0 + 1


@pytest.mark.parametrize(
    ("given", "k", "error", "message"),
    [
        (WIND, 0, ValueError, "k must be at least 1. Got 0."),
        (
            WIND.select(["north"]),
            3,
            ValueError,
            "There must be other tokens to show. Got one token.",
        ),
    ],
)
def test_neighbours_that_are_none_are_refused(given, k, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        plot.neighbours(given, "north", k)


@pytest.mark.parametrize(
    ("token", "got"),
    [
        (["north", "east"], "an array of shape (2,) and dtype <U5."),
        (np.eye(2), "an array of shape (2, 2) and dtype float64."),
        (None, "an array of shape () and dtype object."),
    ],
)
def test_only_one_token_has_neighbours(token, got):
    message = f"token must be one token, or one vector. Got {got}"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        plot.neighbours(WIND, token)


def test_token_without_a_row_has_no_neighbours():
    with pytest.raises(KeyError, match=r"No row for the token 'west'\."):
        plot.neighbours(WIND, "west")
