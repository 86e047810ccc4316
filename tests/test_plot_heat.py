import re

import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.colors import to_rgb
from pictures import MANY, labels, new_axes, vectors

from keras_wembed import EmbeddingLayer, TokenEncoder, WordVectors, plot, zoo
from keras_wembed.plot.colours import contrast
from keras_wembed.plot.heat import cosines, largest

ROWS = np.array([[1.0, -3.0, 0.5], [0.0, 2.0, -0.25]])


def numbers(ax):
    """What the map of the axes shows, NaN where it is masked."""
    return np.ma.filled(ax.images[0].get_array(), np.nan)


def test_matrix_shows_the_vectors():
    ax = plot.matrix(ROWS, ["a", "b"], ax=new_axes())
    np.testing.assert_array_equal(numbers(ax), ROWS)
    assert labels(ax.yaxis) == ["a", "b"]
    assert ax.get_xlabel() == "component"
    assert ax.get_ylim() == (1.5, -0.5)  # the first token on top


def test_matrix_of_a_sentence_shows_what_the_layer_gives():
    layer = zoo.load(tokens=["the", "cat", "sat"])
    ax = plot.matrix(layer, "The cat sat", ax=new_axes())
    np.testing.assert_array_equal(numbers(ax), layer("The cat sat"))
    assert labels(ax.yaxis) == ["the", "cat", "sat"]


def test_many_tokens_all_stand_on_the_axis():
    pyplot.switch_backend("agg")
    ax = plot.matrix(vectors(MANY))
    assert labels(ax.yaxis) == list(MANY)
    assert ax.figure.get_figheight() > 10


def test_new_figure_is_never_higher_than_a_page():
    pyplot.switch_backend("agg")
    ax = plot.matrix(np.ones((1000, 2)))
    assert ax.figure.get_figheight() == 14
    assert labels(ax.yaxis)[:2] == ["0", "8"]


@pytest.mark.parametrize(
    ("rows", "limit", "expected"),
    [
        (ROWS, None, 3),
        (ROWS, 0.5, 0.5),
        (np.zeros((2, 3)), None, 1),
        (np.full((2, 3), np.nan), None, 1),
        ([[np.inf, -2.0, np.nan]], None, 2),
        ([[1e300, -1e299]], None, 1e300),
        (np.float32([[3e38, -1e38]]), None, float(np.float32(3e38))),
        ([[7.0]], None, 7),
    ],
)
def test_colours_are_symmetric_about_zero(rows, limit, expected):
    ax = plot.matrix(rows, ax=new_axes(), limit=limit)
    assert ax.images[0].get_clim() == (-expected, expected)
    ax.figure.canvas.draw()


def test_what_is_no_number_is_grey():
    ax = plot.matrix([[np.nan, np.inf, 1.0]], ax=new_axes())
    assert np.isnan(numbers(ax)).tolist() == [[True, True, False]]
    colours = ax.images[0].to_rgba(ax.images[0].get_array())
    assert colours[0, :2, :3].tolist() == [[0.5] * 3] * 2


@pytest.mark.parametrize(
    ("style", "expected"), [("default", 247), ("dark_background", 12)]
)
def test_zero_looks_like_the_paper(style, expected):
    with pyplot.style.context(style):
        ax = plot.matrix(ROWS, ax=new_axes())
    # Of 256 colours the two in the middle lie beside zero.
    assert ax.images[0].cmap(0.5)[:3] == pytest.approx([expected / 255] * 3, abs=0.02)


def test_colour_bar_can_be_left_out():
    assert len(plot.matrix(ROWS, ax=new_axes()).figure.axes) == 2
    assert len(plot.matrix(ROWS, ax=new_axes(), colorbar=False).figure.axes) == 1


def test_grid_of_a_style_is_not_drawn_over_the_map():
    with pyplot.rc_context({"axes.grid": True}):
        ax = plot.matrix(ROWS, ax=new_axes())
    assert not any(line.get_visible() for line in ax.get_xgridlines())


@pytest.mark.parametrize("limit", [0, -1, np.inf, np.nan])
def test_limit_must_be_above_zero(limit):
    message = f"limit must be above 0. Got {limit}."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        plot.matrix(ROWS, limit=limit)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (
            [[3, 0], [0, 2]],
            [[1, 0], [-1, 0], [1, 1]],
            [[1, -1, 0.5**0.5], [0, 0, 0.5**0.5]],
        ),
        ([[0, 0]], [[1, 0]], [[0]]),
        ([[1e200, 0]], [[1e-200, 1e-200]], [[0.5**0.5]]),
        ([[np.nan, 0], [np.inf, 1]], [[1, 0]], [[np.nan], [np.nan]]),
    ],
)
def test_cosines(one, other, expected):
    np.testing.assert_allclose(cosines(np.float64(one), np.float64(other)), expected)


def test_largest_of_nothing_but_zero_is_one():
    assert largest(np.zeros((1, 1))) == 1


def test_similarity_shows_the_cosines_of_two_texts():
    rows = np.float32([[1, 0], [1, 1], [0, -2], [9, 9]])
    layer = EmbeddingLayer(weights=rows, input=TokenEncoder(["a", "b", "c"]))
    ax = plot.similarity(layer, "a b", "b c a", ax=new_axes())
    half = 0.5**0.5
    expected = [[half, 0, 1], [1, -half, half]]
    np.testing.assert_allclose(numbers(ax), expected, atol=1e-12)
    assert ax.images[0].get_clim() == (-1, 1)
    assert labels(ax.yaxis) == ["a", "b"]
    assert labels(ax.xaxis) == ["b", "c", "a"]
    written = [text.get_text() for text in ax.texts]
    assert written == ["0.71", "0.00", "1.00", "1.00", "-0.71", "0.71"]
    assert [text.get_position() for text in ax.texts][:2] == [(0, 0), (1, 0)]


@pytest.mark.parametrize(
    ("count", "annotate", "expected"),
    [(12, None, 144), (13, None, 0), (13, True, 169), (2, False, 0)],
)
def test_only_small_maps_are_annotated(count, annotate, expected):
    given, tokens = vectors(MANY), MANY[:count]
    ax = plot.similarity(given, tokens, tokens, ax=new_axes(), annotate=annotate)
    assert len(ax.texts) == expected


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_annotations_can_be_read_on_their_cells(style):
    angles = np.linspace(0, np.pi, 12)
    given = WordVectors(MANY[:12], np.stack([np.cos(angles), np.sin(angles)], 1))
    with pyplot.style.context(style):
        ax = plot.similarity(given, MANY[:1], MANY[:12], ax=new_axes())
    papers = ax.images[0].to_rgba(ax.images[0].get_array())[0]
    for text, paper in zip(ax.texts, papers, strict=True):
        assert contrast(to_rgb(text.get_color()), paper) >= 4.5


def test_zero_and_nan_rows_have_a_place_in_a_similarity():
    given = WordVectors(("a", "zero", "nan"), [[1.0, 0], [0, 0], [np.nan, 1]])
    ax = plot.similarity(given, ["a", "zero", "nan"], ["a"], ax=new_axes())
    assert [text.get_text() for text in ax.texts] == ["1.00", "0.00", "nan"]
    ax.figure.canvas.draw()


def test_text_to_compare_must_not_be_empty():
    layer = EmbeddingLayer(2, input=TokenEncoder(["a"]))
    message = "A text must hold a token to be shown. Got ''."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        plot.similarity(layer, "a", "")
