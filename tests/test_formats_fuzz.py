"""All readers against one that is slow and obviously right."""

import re
import struct

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed.errors import FormatError
from keras_wembed.vectors import WordVectors

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def slow_text(data, size, header):
    """Tokens, rows and the number of bad rows of a text, one line after the other."""
    lines = data.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    rows, bad, unknown = {}, 0, None
    for line in lines[1:] if header else lines:
        line = line.removesuffix(b"\r").removesuffix(b" ")
        fields = line.decode(errors="replace").split(" ")
        token, numbers = " ".join(fields[:-size]), fields[-size:]
        good = len(fields) > size and token != "" and all(map(is_number, numbers))
        if not good or (" " in token and NUMBER.fullmatch(token.split(" ")[-1])):
            bad += 1
        elif token == "<unk>":
            unknown = numbers if unknown is None else unknown
        else:
            rows.setdefault(token, numbers)
    return rows, bad, unknown


def is_number(text):
    with np.errstate(over="ignore"):
        return bool(NUMBER.fullmatch(text)) and np.isfinite(np.float32(float(text)))


def floats(rows, size):
    values = [[np.float32(float(number)) for number in row] for row in rows]
    return np.array(values, np.float32).reshape(-1, size)


def assert_same(data, size, header, path):
    expected, bad, unknown = slow_text(data, size, header)
    path.write_bytes(data)
    read = WordVectors.read(path, on_bad_row="skip")
    assert read.tokens == tuple(expected)
    np.testing.assert_array_equal(read.matrix, floats(expected.values(), size))
    assert read.report.skipped == bad
    if unknown is None:
        assert read.unknown is None
    else:
        np.testing.assert_array_equal(read.unknown, floats([unknown], size)[0])
    try:
        WordVectors.read(path)
        assert not bad
    except FormatError:
        assert bad


SPECIAL = ["<unk>", "a", "1", "-1.5", "nan", "\u00a0", "\u0085", "\u2028", "a b", "\r"]
TOKENS = st.sampled_from(SPECIAL) | st.text(
    st.characters(exclude_characters="\n", exclude_categories=["Cs"]),
    min_size=1,
    max_size=5,
)
NUMBERS = st.one_of(
    st.floats(width=32, allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-99, 99).map(str),
    st.sampled_from(["1e5", "-2E-3", ".5", "3.", "+1", "007", "1e400", "-0"]),
)
ODD = st.sampled_from(
    ["", "x", "nan", "inf", "1e39", "1_0", "0x1", "1\t2", "1,2", "\u0661"]
)


def lines(size):
    good = st.tuples(TOKENS, st.lists(NUMBERS, min_size=size, max_size=size))
    bad = st.tuples(TOKENS, st.lists(NUMBERS | ODD, max_size=size + 2))
    ends = st.sampled_from(["", "", " ", "\r", " \r", "  "])
    line = st.tuples(st.one_of(good, good, good, bad), ends)
    return line.map(lambda row: " ".join([row[0][0], *row[0][1]]) + row[1])


# What tells the size: enough good rows, so that the odd ones are outvoted.
def firm(size):
    return [f"firm{i} " + " ".join(["0.5"] * size) for i in range(8)]


@settings(max_examples=300, deadline=None)
@given(data=st.data(), size=st.integers(1, 4), last=st.sampled_from(["", "\n"]))
def test_glove_text_is_read_as_line_by_line(tmp_path_factory, data, size, last):
    rows = firm(size) + data.draw(st.lists(lines(size), max_size=6))
    text = ("\n".join(rows) + last).encode()
    assert_same(text, size, False, tmp_path_factory.mktemp("fuzz") / "v.txt")


@settings(max_examples=150, deadline=None)
@given(data=st.data(), size=st.integers(2, 4), end=st.sampled_from(["", " "]))
def test_text_with_a_header_is_read_as_line_by_line(tmp_path_factory, data, size, end):
    rows = firm(size) + data.draw(st.lists(lines(size), max_size=6))
    text = "\n".join([f"{len(rows)} {size}", *(row + end for row in rows), ""]).encode()
    assert_same(text, size, True, tmp_path_factory.mktemp("fuzz") / "v.vec")


@settings(max_examples=100, deadline=None)
@given(data=st.data(), size=st.integers(1, 3), end=st.sampled_from([b"", b"\n"]))
def test_binary_is_read_as_row_by_row(tmp_path_factory, data, size, end):
    tokens = st.text(
        st.characters(exclude_characters="\n ", exclude_categories=["Cs"]), min_size=1
    )
    number = st.floats(width=32)
    row = st.tuples(tokens, st.lists(number, min_size=size, max_size=size))
    rows = [("firm", [0.5] * size), *data.draw(st.lists(row, max_size=8))]
    packed = [
        token.encode() + b" " + struct.pack(f"<{size}f", *numbers) + end
        for token, numbers in rows
    ]
    path = tmp_path_factory.mktemp("fuzz") / "v.bin"
    path.write_bytes(f"{len(rows)} {size}\n".encode() + b"".join(packed))
    expected = {}
    for token, numbers in rows:
        if np.isfinite(numbers).all() and token != "<unk>":
            expected.setdefault(token, numbers)
    read = WordVectors.read(path, "word2vec-binary", on_bad_row="skip")
    assert read.tokens == tuple(expected)
    np.testing.assert_array_equal(read.matrix, floats(expected.values(), size))


@settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_vectors_or_a_format_error(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz") / "v"
    path.write_bytes(data)
    try:
        vectors = WordVectors.read(path)
    except FormatError:
        return
    assert np.isfinite(vectors.matrix).all()
    assert len(vectors) == vectors.report.rows
