"""A map of tokens in a terminal."""

import io

import numpy as np
import pytest
from rich.console import Console

from keras_wembed import plot
from keras_wembed.vectors import WordVectors


def drawn(points, tokens, *, width=40, encoding="utf-8"):
    """The lines that a terminal gets, without the blanks at their ends."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="")
    vectors = WordVectors(tokens, np.array(points, float))
    Console(file=file, width=width).print(plot.terminal.map(vectors))
    file.flush()
    lines = file.buffer.getvalue().decode(encoding).splitlines()
    return [line.rstrip() for line in lines]


def test_tokens_lie_where_their_vectors_do():
    *lines, note = drawn([[0, 0], [10, 0], [0, 4]], ("here", "right", "up"))
    places = {
        token: (row, line.index(f"•{token}"))
        for token in ("here", "right", "up")
        for row, line in enumerate(lines)
        if f"•{token}" in line
    }
    (y, x), (_, right), (up, _) = places["here"], places["right"], places["up"]
    assert abs(right - x) > 2 * abs(up - y) > 0
    assert max(map(len, lines)) <= 40
    assert note == "across 90% of variance, up 10%"


def test_labels_hide_no_others():
    points = [[0, 0.01 * at] for at in range(5)] + [[9, 0]]
    *lines, _ = drawn(points, ("one", "two", "three", "four", "five", "far"))
    text = "\n".join(lines)
    assert all(f"•{token}" in text for token in ("one", "two", "three", "far"))
    assert max(map(len, lines)) <= 40


def test_one_token_has_a_map_too():
    assert drawn([[3, 4]], ("here",))[0] == "•here"


def test_map_of_many_tokens_keeps_to_its_size():
    points = np.random.default_rng(0).normal(size=(200, 2))
    lines = drawn(points, tuple(f"token{at}" for at in range(200)), width=60)
    assert len(lines) <= 25
    assert max(map(len, lines)) <= 60
    assert sum("•token" in line for line in lines) > 10


def test_map_is_drawn_in_ascii_too():
    lines = drawn([[0, 0], [1, 1]], ("é", "b"), encoding="ascii")
    assert any("*\\xe9" in line for line in lines)


def test_vectors_that_are_not_finite_have_no_map():
    with pytest.raises(ValueError, match=r"^vectors must be finite .* 'a' is not\.$"):
        plot.terminal.map(WordVectors(("a",), np.array([[np.nan, 1]])))
