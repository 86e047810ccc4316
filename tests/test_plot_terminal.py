import io
import re

import numpy as np
import pytest
from pictures import vectors
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style

from keras_wembed import EmbeddingLayer, TokenEncoder, WordVectors, plot
from keras_wembed.plot.colours import contrast, diverging

terminal = plot.terminal

ROWS = np.array([[-2.0, 0.0, 2.0, np.nan], [0.5, -0.5, 1.0, np.inf]])
WIND = WordVectors(
    ("north", "east", "south", "here"), np.float32([[0, 1], [1, 1], [0, -2], [0, 0]])
)


def printed(what, width=40, colours=None, encoding="utf-8", **console):
    """The lines that a terminal gets, without the blanks at their ends."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    Console(
        file=file,
        width=width,
        color_system=colours,
        force_terminal=colours is not None,
        **console,
    ).print(what)
    file.flush()
    text = file.buffer.getvalue().decode(encoding)
    return [line.rstrip() for line in text.splitlines()]


def painted(what, width=40):
    """The cells of each line: a character, its colour and what is behind it."""
    console = Console(width=width, color_system="truecolor", force_terminal=True)
    lines = console.render_lines(what, pad=False)
    return [
        [
            (character, _colour(style.color), _colour(style.bgcolor))
            for segment in line
            for style in [segment.style or Style()]
            for character in segment.text
        ]
        for line in lines
    ]


def _colour(colour):
    return colour and tuple(colour.triplet)


def colour_of(share):
    return tuple(int(255 * level) for level in diverging(share))


def test_numbers_are_blocks_without_colours():
    assert printed(terminal.matrix(ROWS, ["a", "bc"])) == [
        " a ▁▄▇?",
        "bc ▅▃▆?",
        "▁ -2  ▄ 0  ▇ 2",
    ]


def test_numbers_are_signs_where_there_are_no_blocks():
    assert printed(terminal.matrix(ROWS, ["a", "é"]), encoding="ascii") == [
        "   a =.#?",
        r"\xe9 +-+?",
        "= -2  . 0  # 2",
    ]


def test_numbers_are_colours():
    first, second, scale = painted(terminal.matrix(ROWS, ["a", "bc"]))
    assert "".join(character for character, _, _ in first) == " a " + "▌" * 8
    shares = [-1, -1, 0, 0, 1, 1, np.nan, np.nan]
    assert [left for _, left, _ in first[3:]] == [colour_of(s) for s in shares]
    assert [right for _, _, right in first[3:]] == [colour_of(s) for s in shares]
    assert second[3][1] == colour_of(0.25)
    assert "".join(c for c, _, _ in scale) == "-2 " + "▌" * 16 + " 2"
    assert scale[3][1] == colour_of(-1)


def test_two_numbers_share_a_cell_where_room_is_short():
    row = np.linspace(-1, 1, 9)
    cells = painted(terminal.matrix([row], ["a"]), width=7)[0][2:]
    assert [left for _, left, _ in cells] == [colour_of(x) for x in row[::2]]
    assert [right for _, _, right in cells[:-1]] == [colour_of(x) for x in row[1::2]]
    assert cells[-1][2] is None


def test_too_many_numbers_are_represented_by_the_strongest():
    row = np.zeros(76)
    row[:7] = [0.1, -1, 0.2, 0.3, 0, 0.9, 0.5]
    assert printed(terminal.matrix([row], ["a"])) == [
        "a ▁▅▇▆" + "▄" * 34,
        "▁ -1  ▄ 0  ▇ 1",
        "Of 2 numbers the farthest from 0.",
    ]


@pytest.mark.parametrize(
    "console",
    [
        {"colours": None},
        {"colours": "standard"},
        {"colours": "truecolor", "no_color": True},
        {"colours": "truecolor", "encoding": "ascii"},
    ],
)
def test_no_number_is_shown_by_a_colour_that_is_not_there(console):
    text = "".join(printed(terminal.matrix(ROWS, ["a", "b"]), **console))
    assert "▌" not in text
    assert ("▇" in text) == ("encoding" not in console)


@pytest.mark.parametrize("width", [10, 40, 200])
@pytest.mark.parametrize("colours", [None, "256", "truecolor"])
def test_lines_fit_the_terminal(width, colours):
    tokens = ("漢字", "w" * 45, "[red]x[/red]", "\t")
    given = vectors(tokens, size=300)
    for what in (
        terminal.matrix(given),
        terminal.neighbours(given, "漢字"),
        terminal.similarity(given, tokens, tokens),
    ):
        for line in printed(what, width=width, colours=colours):
            assert cell_len(re.sub(r"\x1b\[[\d;]*m", "", line)) <= width


def test_token_is_no_markup_and_no_escape_sequence():
    text = printed(terminal.matrix([[1.0], [1.0]], ["[red]x[/red]", "\x1b[31m"]))
    assert text[:2] == ["[red]x[/red] ▇", r"    \x1b[31m ▇"]


def test_matrix_of_a_text_shows_its_tokens():
    layer = EmbeddingLayer(weights=[[1], [-1], [0]], input=TokenEncoder(["a", "b"]))
    assert printed(terminal.matrix(layer, "b a")) == ["b ▁", "a ▇", "▁ -1  ▄ 0  ▇ 1"]


def test_neighbours_are_bars():
    assert printed(terminal.neighbours(WIND, "east", 1), width=24) == [
        "north ████████▍     0.71",
    ]
    assert printed(terminal.neighbours(WIND, "north"), width=24) == [
        " east       ████▏   0.71",
        " here               0.00",
        "south ██████       -1.00",
    ]


def test_bars_are_number_signs_where_there_are_no_blocks():
    pairs = [("é", 1.0), ("b", 0.5), ("c", -1.0)]
    assert printed(terminal.bars(pairs), width=25, encoding="ascii") == [
        r"\xe9        #######  1.00",
        "   b        ###      0.50",
        "   c #######        -1.00",
    ]


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [([], [""]), ([("a", np.nan), ("b", -1.0)], ["a         nan", "b ██▌   -1.00"])],
)
def test_bars_of_nothing_and_of_nan(pairs, expected):
    assert printed(terminal.bars(pairs), width=13) == expected


def test_bars_are_never_longer_than_can_be_read():
    (line,) = printed(terminal.bars([("a", 1.0)]), width=200)
    assert line == "a " + "█" * 60 + "  1.00"


def test_similarity_shows_cosines():
    assert printed(terminal.similarity(WIND, ["north", "here"], ["east", "south"])) == [
        "       east south",
        "north  0.71 -1.00",
        " here  0.00  0.00",
    ]


def test_similarity_goes_on_below_where_room_is_short():
    shown = terminal.similarity(WIND, ["here"], ["north", "east", "south"])
    assert printed(shown, width=18) == [
        "     north  east",
        "here  0.00  0.00",
        "",
        "     south",
        "here  0.00",
    ]


def test_similarity_is_read_on_its_colour():
    lines = painted(terminal.similarity(WIND, WIND.tokens, WIND.tokens))
    assert len(lines) == 5
    for _, ink, paper in (cell for line in lines[1:] for cell in line if cell[2]):
        levels = [[level / 255 for level in colour] for colour in (ink, paper)]
        assert contrast(*levels) > 4.5
    papers = [paper for _, _, paper in lines[1] if paper]
    cosines = [1, 0.5**0.5, -1, 0]
    assert papers == [colour_of(c) for c in cosines for _ in range(5)]


def test_empty_text_is_refused():
    layer = EmbeddingLayer(2, input=TokenEncoder(["a"]))
    message = "A text must hold a token to be shown. Got ''."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        terminal.matrix(layer, "")
