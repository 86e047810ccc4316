"""What pictures take, the axes they draw in, and how tokens are written on them."""

import re
import subprocess
import sys
from itertools import pairwise

import keras
import matplotlib
import numpy as np
import pytest
import tensorflow as tf
from matplotlib import pyplot
from matplotlib.figure import Figure
from pictures import MANY, ODD, labels, new_axes, vectors

from keras_wembed import (
    CharacterEncoder,
    ClassEncoder,
    EmbeddingLayer,
    TokenEncoder,
    WordVectors,
    plot,
)
from keras_wembed.plot.axes import is_dark, write_tokens
from keras_wembed.plot.colours import GREY, contrast, diverging, ink
from keras_wembed.plot.fonts import families
from keras_wembed.plot.layers import table
from keras_wembed.plot.shown import shown
from keras_wembed.plot.writing import short, visible

COMPASS = WordVectors(("north", "east"), np.float32([[0, 1], [1, 0]]))


def a_layer(encoder, size=2, **arguments):
    return EmbeddingLayer(size, input=encoder, **arguments)


def adapted(layer, texts):
    layer.adapt(texts)
    return layer


@pytest.fixture
def agg():
    """Pyplot, drawing into memory whatever screen there is."""
    pyplot.switch_backend("agg")
    return pyplot


@pytest.mark.parametrize(
    ("given", "tokens", "expected"),
    [
        (np.eye(2), ["a", "a"], ("a", "a")),
        (np.eye(2), None, ("0", "1")),
        (tf.eye(2), tf.constant(["é", "b"]), ("é", "b")),
        (tf.cast(tf.eye(2), "bfloat16"), np.array(["a", "b"]), ("a", "b")),
        ([[1, 0], [0, 1]], iter("ab"), ("a", "b")),
    ],
)
def test_array_goes_with_its_tokens(given, tokens, expected):
    found = shown(given, tokens)
    assert found.tokens == expected
    assert found.matrix.tolist() == [[1, 0], [0, 1]]
    assert found.matrix.dtype == np.float64


def test_word_vectors_show_the_tokens_named_or_all():
    assert shown(COMPASS, ["east", "north", "east"]).matrix.tolist() == [
        [1, 0],
        [0, 1],
        [1, 0],
    ]
    assert shown(COMPASS).tokens == ("north", "east")


@pytest.mark.parametrize(
    ("encoder", "inputs", "expected"),
    [
        (TokenEncoder(["the", "cat"]), "The cat the dog", "the cat the dog"),
        (TokenEncoder(["the", "cat"], length=5), "the cat", "the cat"),
        (TokenEncoder(["the", "cat"], length=1), "the cat", "the"),
        (TokenEncoder(["the", "cat"], split=None), ["the", "dog"], "the dog"),
        (TokenEncoder(["the", "cat"]), [2, 3], "cat <unk>"),
        (CharacterEncoder("ab"), "abc", "a b c"),
        (
            CharacterEncoder(["[:start:]", "ab", "[:end:]"]),
            "ab",
            "[:start:] a b [:end:]",
        ),
        (ClassEncoder(["a", "b"]), ["b", "a", "b"], "b a b"),
        (ClassEncoder(["a", "b"]), "b", "b"),
        (ClassEncoder([30, 40]), [40], "40"),
        (keras.layers.StringLookup(vocabulary=["a", "b"]), ["b", "z"], "b z"),
        (None, [2, 1], "2 1"),
    ],
)
def test_layer_shows_what_it_embeds(encoder, inputs, expected):
    layer = a_layer(encoder, **({} if encoder else {"n": 2}))
    found = shown(layer, inputs)
    assert " ".join(found.tokens) == expected
    rows = np.atleast_2d(layer(inputs))[: len(found.tokens)]
    np.testing.assert_array_equal(found.matrix, rows)


def test_layer_with_keras_text_vectorization_shows_a_text():
    split = adapted(keras.layers.TextVectorization(), ["the cat sat"])
    found = shown(a_layer(split), "The cat, a dog")
    assert found.tokens == ("the", "cat", "<unk>", "<unk>")


@pytest.mark.parametrize(
    ("given", "tokens", "error", "message"),
    [
        (
            np.eye(2),
            "a b",
            TypeError,
            "tokens must be a list of tokens. Got 'a b'. To have a text split, pass a "
            "layer in place of vectors.",
        ),
        (np.eye(2), ["a"], ValueError, "tokens must be one per vector, 2. Got 1."),
        (
            np.zeros((1, 2, 3)),
            None,
            ValueError,
            "vectors must be one per token, of shape (tokens, size). Got shape "
            "(1, 2, 3). Show one text at a time.",
        ),
        (
            np.zeros((0, 3)),
            None,
            ValueError,
            "There must be a token and a number to show. Got shape (0, 3).",
        ),
        ("text", None, TypeError, "vectors must hold numbers. Got <U4."),
        (
            COMPASS,
            [],
            ValueError,
            "There must be a token and a number to show. Got shape (0, 2).",
        ),
        (
            EmbeddingLayer(2, 3),
            None,
            TypeError,
            "A layer must come with a text, or a list of tokens, labels or ids. "
            "Got None.",
        ),
        (
            a_layer(TokenEncoder(["a"])),
            "",
            ValueError,
            "A text must hold a token to be shown. Got ''.",
        ),
        (
            a_layer(TokenEncoder(["a"])),
            ["a", "a a"],
            ValueError,
            "A layer must be shown with one text, not with a batch. Got vectors of "
            "shape (2, 2, 2).",
        ),
    ],
)
def test_what_cannot_be_shown_is_refused(given, tokens, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        plot.matrix(given, tokens)
    assert not pyplot.get_fignums()


def test_token_without_a_row_is_named():
    with pytest.raises(KeyError, match=r"No row for the token 'west'\."):
        plot.matrix(COMPASS, ["west"])


def test_table_of_a_layer_leaves_out_rows_of_unknown_tokens():
    rows = np.float32([[1, 2], [3, 4], [5, 6]])
    tokens = table(a_layer(TokenEncoder(["a", "b"]), weights=rows))
    assert tokens.tokens == ("a", "b")
    np.testing.assert_array_equal(tokens.matrix, rows[:2])
    lookup = keras.layers.StringLookup(vocabulary=["a", "b"])  # unknown ones first
    found = table(a_layer(lookup, weights=rows))
    assert found.tokens == ("a", "b")
    np.testing.assert_array_equal(found.matrix, rows[1:])
    assert table(EmbeddingLayer(weights=rows)).tokens == ("1", "2", "3")


def test_table_of_half_precision_holds_floats():
    layer = EmbeddingLayer(weights=np.eye(2), dtype="bfloat16")
    assert table(layer).matrix.tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        (np.eye(2), TypeError, "vectors must be WordVectors or a layer. Got ndarray."),
        (
            EmbeddingLayer(2, 3),
            ValueError,
            "A layer must have rows to be shown. Call it first.",
        ),
    ],
)
def test_what_has_no_table_is_refused(given, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        plot.neighbours(given, "a")


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("word", "word"),
        ("a b", "a b"),
        ("слово", "слово"),
        ("क्\u200dष", "क्\u200dष"),
        ("a\tb\n", r"a\tb\n"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u00a0", r"\xa0"),
        ("\u202e", r"\u202e"),
        ("", "''"),
        ("  ", "'  '"),
    ],
)
def test_what_cannot_be_seen_is_escaped(token, expected):
    assert visible(token) == expected


@pytest.mark.parametrize(
    ("token", "expected"),
    [("abcde", "abcde"), ("abcdef", "abcd…"), ("漢字", "漢字"), ("漢字漢", "漢字…")],
)
def test_long_label_is_cut_at_the_cells_it_fills(token, expected):
    assert short(token, 5) == expected


def test_ink_is_read_on_every_colour():
    for share in np.linspace(-1, 1, 41):
        paper = diverging(float(share))
        assert contrast(ink(paper), paper) >= 4.5  # WCAG 2.2, level AA
    assert contrast((0, 0, 0), (1, 1, 1)) == pytest.approx(21)


def test_scale_diverges_from_white():
    assert diverging(0) == pytest.approx([247 / 255] * 3)
    assert (
        diverging(-9) == diverging(-1) == pytest.approx([5 / 255, 48 / 255, 97 / 255])
    )
    assert diverging(1) == pytest.approx([103 / 255, 0, 31 / 255])
    assert diverging(float("nan")) == GREY


@pytest.mark.parametrize(
    ("axes", "figure", "expected"),
    [
        ("white", "black", False),
        ("black", "white", True),
        ("none", "black", True),
        ("none", "white", False),
        ("#2b2b2b", "white", True),
        ("#eeeeee", "white", False),
    ],
)
def test_dark_is_what_the_axes_lie_on(axes, figure, expected):
    ax = new_axes(facecolor=figure)
    ax.set_facecolor(axes)
    assert is_dark(ax) is expected


def drawn(ax):
    """The boxes of the labels of both axes, after drawing."""
    ax.figure.canvas.draw()
    return [
        [text.get_window_extent() for text in axis.get_ticklabels()]
        for axis in (ax.xaxis, ax.yaxis)
    ]


@pytest.mark.parametrize("height", [12, 3])
def test_many_labels_get_smaller_before_any_is_left_out(height):
    ax = new_axes(figsize=(4, height))
    size = write_tokens(ax.yaxis, MANY)
    ax.set_ylim(59.5, -0.5)
    assert labels(ax.yaxis) == list(MANY if height == 12 else MANY[::3])
    boxes = drawn(ax)[1]
    assert not any(a.overlaps(b) for a, b in pairwise(boxes))
    assert 5 <= size <= 10


def test_wide_labels_are_turned():
    ax = new_axes(figsize=(4, 3))
    write_tokens(ax.xaxis, ["a", "b"])
    assert {text.get_rotation() for text in ax.get_xticklabels()} == {0}
    write_tokens(ax.xaxis, MANY[:12])
    assert {text.get_rotation() for text in ax.get_xticklabels()} == {45}


def test_tokens_are_no_formulas():
    with matplotlib.rc_context({"text.usetex": True}):
        ax = plot.matrix(vectors(ODD), ax=new_axes(), colorbar=False)
    assert labels(ax.yaxis)[:2] == ["$x^2$", "a_b^{"]
    for text in ax.get_yticklabels():
        assert not text.get_parse_math()
        assert not text.get_usetex()


def test_odd_tokens_are_drawn_without_a_warning():
    given = vectors(ODD)
    for ax in (
        plot.matrix(given, ax=new_axes()),
        plot.map(given, ax=new_axes()),
        plot.similarity(given, ODD, ODD, ax=new_axes()),
        plot.neighbours(given, ODD[0], ax=new_axes()),
    ):
        ax.figure.canvas.draw()


def test_font_is_found_for_what_the_users_lacks():
    assert families(["abc"]) == matplotlib.rcParams["font.family"]
    other = {"font.family": ["cmr10"], "axes.formatter.use_mathtext": True}
    with matplotlib.rc_context(other):
        assert families(["abc"]) == ["cmr10"]
        assert len(families(["слово"])) == 2
        ax = plot.matrix(np.eye(2), ["слово", "a"], ax=new_axes())
        ax.figure.canvas.draw()  # without a warning


def test_character_without_a_font_is_left_to_matplotlib():
    assert families(["\U0010fffd"]) == matplotlib.rcParams["font.family"]


PICTURES = [
    pytest.param(lambda ax: plot.matrix(COMPASS, ax=ax), id="matrix"),
    pytest.param(lambda ax: plot.map(COMPASS, ax=ax), id="map"),
    pytest.param(lambda ax: plot.neighbours(COMPASS, "east", ax=ax), id="neighbours"),
    pytest.param(
        lambda ax: plot.similarity(COMPASS, ["east"], ["north", "east"], ax=ax),
        id="similarity",
    ),
]


@pytest.mark.parametrize("picture", PICTURES)
def test_picture_is_drawn_in_the_axes_given(picture, agg):
    ax = new_axes()
    before = dict(matplotlib.rcParams)
    assert picture(ax) is ax
    assert not agg.get_fignums()
    assert dict(matplotlib.rcParams) == before
    ax.figure.canvas.draw()


@pytest.mark.parametrize("picture", PICTURES)
def test_picture_gets_a_figure_of_its_own(picture, agg):
    other = agg.figure()
    ax = picture(None)
    assert ax.figure is not other
    assert not other.axes
    assert agg.gca() is ax
    ax.figure.canvas.draw()


@pytest.mark.parametrize("picture", PICTURES)
@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_text_can_be_read_on_its_background(picture, style):
    with pyplot.style.context(style):
        ax = picture(new_axes())
    paper = matplotlib.colors.to_rgb(ax.get_facecolor())
    beside = [*ax.get_xticklabels(), *ax.get_yticklabels(), ax.title, ax.xaxis.label]
    for text in beside if ax.images else [*beside, *ax.texts]:
        assert contrast(matplotlib.colors.to_rgb(text.get_color()), paper) > 15


def test_picture_fits_into_a_subfigure():
    top, bottom = Figure(layout="constrained").subfigures(2)
    plot.matrix(COMPASS, ax=top.subplots())
    plot.map(COMPASS, ax=bottom.subplots())
    top.figure.draw_without_rendering()


def test_other_than_axes_are_refused():
    message = "ax must be Axes of Matplotlib. Got Figure."
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        plot.matrix(COMPASS, ax=Figure())


WITHOUT = """
import sys
sys.modules["matplotlib"] = None
import keras_wembed as kw, numpy as np, rich
vectors = kw.WordVectors(["a", "b"], np.eye(2))
rich.print(kw.plot.terminal.neighbours(vectors, "a"))
kw.plot.matrix(vectors)
"""


def test_without_matplotlib_the_error_says_how_to_install_it():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True
    )
    assert done.stdout.split()[::2][:1] == ["b"]
    assert done.stderr.splitlines()[-1] == (
        "ModuleNotFoundError: Matplotlib must be installed to draw pictures. Run: "
        'pip install "keras-wembed[plot]"'
    )
