import re
import zipfile

import numpy as np
import pytest

from keras_wembed.errors import FormatError
from keras_wembed.formats.rows import BadRows
from keras_wembed.formats.text import text_blocks
from keras_wembed.vectors import WordVectors


@pytest.fixture
def read(tmp_path):
    def write_and_read(data, **arguments):
        path = tmp_path / "vectors.txt"
        path.write_bytes(data)
        return WordVectors.read(path, **arguments)

    return write_and_read


@pytest.mark.parametrize(
    ("data", "tokens", "matrix"),
    [
        (b"a 1 2\nb 3 4\n", ["a", "b"], [[1, 2], [3, 4]]),
        (b"a 1 2", ["a"], [[1, 2]]),
        (b"a 1\n", ["a"], [[1]]),
        (b"a 1 2\r\nb 3 4\r\n", ["a", "b"], [[1, 2], [3, 4]]),
        (b"a -1e-3 +.5\nb 3. 4E1\n", ["a", "b"], [[-1e-3, 0.5], [3, 40]]),
        ("\u00a0 1 2\n. . . 3 4\n".encode(), ["\u00a0", ". . ."], [[1, 2], [3, 4]]),
        ("\x85 1 2\n\u2028 3 4\n".encode(), ["\x85", "\u2028"], [[1, 2], [3, 4]]),
        (b"1.5 1 2\nnan 3 4\n# 5 6\n", ["1.5", "nan", "#"], [[1, 2], [3, 4], [5, 6]]),
        (b"a b 1 2\nc 3 4\n", ["a b", "c"], [[1, 2], [3, 4]]),
        (b"\xff 1 2\n", ["\ufffd"], [[1, 2]]),
        (b"a\rb 1 2\nc\r 3 4\n", ["a\rb", "c\r"], [[1, 2], [3, 4]]),
        (b"2 3\na 1 2 3\nb 4 5 6\n", ["a", "b"], [[1, 2, 3], [4, 5, 6]]),
        (b"2 3\na 1 2 3 \nb 4 5 6 \n", ["a", "b"], [[1, 2, 3], [4, 5, 6]]),
        (b"\xef\xbb\xbfa 1 2\nb 3 4\n", ["a", "b"], [[1, 2], [3, 4]]),
        (b"\xef\xbb\xbf1 2\na 1 2\n", ["a"], [[1, 2]]),
        (b"7 3\nb 4\n", ["7", "b"], [[3], [4]]),
    ],
)
def test_text_gives_tokens_and_rows(read, data, tokens, matrix):
    vectors = read(data)
    assert list(vectors.tokens) == tokens
    np.testing.assert_array_equal(vectors.matrix, np.float32(matrix))


def test_first_row_of_a_token_stays(read):
    vectors = read(b"a 1 2\nb 3 4\na 5 6\n\xff 7 8\n\xfe 9 9\n")
    assert vectors.tokens == ("a", "b", "\ufffd")
    assert vectors["a"].tolist() == [1, 2]
    assert vectors.report.duplicates == 2


def test_unk_is_no_token_but_the_unknown_vector(read):
    vectors = read(b"a 1 2\n<unk> 3 4\nunk 5 6\n<unk> 7 8\n")
    assert vectors.tokens == ("a", "unk")
    assert vectors.unknown.tolist() == [3, 4]
    assert read(b"a 1 2\n").unknown is None


def test_tokens_are_read_in_the_order_asked_for(read):
    vectors = read(b"a 1 2\nb 3 4\nc 5 6\n", tokens=["c", "x", "a", "c"])
    assert vectors.tokens == ("c", "a")
    assert vectors.matrix.tolist() == [[5, 6], [1, 2]]
    assert vectors.report.missing == ("x",)


def test_limit_gives_the_first_rows(read):
    assert read(b"a 1 2\nb 3 4\nc 5 6\n", limit=2).tokens == ("a", "b")


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (b"b 3", "a row must be a token and 2 numbers. Got 1 numbers."),
        (b"b", "a row must be a token and 2 numbers. Got 0 numbers."),
        (b"", "a row must be a token and 2 numbers. Got 0 numbers."),
        (b"b x 4", "a row must be a token and 2 numbers. 'x' is no number."),
        (b"b 3 1_0", "a row must be a token and 2 numbers. '1_0' is no number."),
        (b"b  3", "a row must be a token and 2 numbers. '' is no number."),
        (b"b 3\t4 5", "a row must be a token and 2 numbers. '3\\t4' is no number."),
        (b"b nan 4", "a row must be a token and 2 numbers. 'nan' is no finite number."),
        (
            b"b 3 -inf",
            "a row must be a token and 2 numbers. '-inf' is no finite number.",
        ),
        (
            b"b 3 1e39",
            "a row must be a token and 2 numbers. '1e39' is no finite number.",
        ),
        (
            b"b 3 4 5",
            "a row must be a token and 2 numbers. "
            "Got more numbers: 'b 3' stands first.",
        ),
        (b"b 3 ", "a row must be a token and 2 numbers. Got 1 numbers."),
        (b" 3 4", "a row must be a token and 2 numbers. Got no token."),
    ],
)
def test_bad_row_is_an_error_or_skipped(read, row, what):
    data = b"a 1 2\n" + row + b"\nc 5 6\n"
    with pytest.raises(
        FormatError, match=f"^{re.escape(f'vectors.txt, line 2: {what}')}$"
    ):
        read(data)
    vectors = read(data, on_bad_row="skip")
    assert vectors.tokens == ("a", "c")
    assert vectors.report.skipped == 1


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "vectors.txt must hold at least one row. Got an empty file."),
        (
            b"<html><body>Not Found</body></html>\n",
            "vectors.txt must be a text of tokens and numbers, or word2vec's binary "
            "format. It starts with b'<html><body>Not Found</body></html>\\n'.",
        ),
        (
            b"3 1\na 1\nb 2\n",
            "vectors.txt must hold 3 rows, as its header says. Got 2.",
        ),
        (b"0 3\n", "vectors.txt must hold at least one row. Got none."),
        (b"0 0\n", "vectors.txt must have vectors of at least one number. Got size 0."),
    ],
)
def test_file_that_holds_no_vectors_is_an_error(read, data, what):
    with pytest.raises(FormatError, match=f"^{re.escape(what)}$"):
        read(data)


def test_row_of_one_empty_field_is_bad(read):
    vectors = read(b"a 1\nb  ", on_bad_row="skip")
    assert vectors.tokens == ("a",)
    assert vectors.report.skipped == 1


def test_blank_lines_at_the_end_are_bad_rows(read):
    what = "vectors.txt, line 2: a row must be a token and 2 numbers. Got 0 numbers."
    with pytest.raises(FormatError, match=f"^{re.escape(what)}$"):
        read(b"a 1 2\n\n\n")
    assert read(b"a 1 2\n\n\n", on_bad_row="skip").tokens == ("a",)


@pytest.mark.parametrize("step", range(1, 30))
def test_bytes_may_be_cut_anywhere(step):
    text = b"a 1 2\r\nb b 3 4 \n\xc2\x85 5 6\nx\nc 7 8"
    chunks = (text[i : i + step] for i in range(0, len(text), step))
    bad = BadRows("file", skip=True)
    blocks = list(text_blocks(chunks, 2, bad))
    tokens = [token for block in blocks for token in block.tokens]
    rows = np.concatenate([block.rows for block in blocks])
    assert tokens == [b"a", b"b b", b"\xc2\x85", b"c"]
    assert rows.tolist() == [[1, 2], [3, 4], [5, 6], [7, 8]]
    assert bad.count == 1


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (
            {"format": "csv"},
            "format must be one of 'glove', 'word2vec-text', 'word2vec-binary', "
            "'fasttext', 'fasttext-model'. Got 'csv'.",
        ),
        ({"on_bad_row": "warn"}, "on_bad_row must be 'error' or 'skip'. Got 'warn'."),
        ({"limit": 0}, "limit must be at least 1. Got 0."),
    ],
)
def test_arguments_are_checked(read, arguments, what):
    with pytest.raises(ValueError, match=f"^{re.escape(what)}$"):
        read(b"a 1\n", **arguments)


def test_archive_that_is_encrypted_is_refused(tmp_path):
    path = tmp_path / "secret.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("a.txt", "a 1 2\n")
    data = bytearray(path.read_bytes())
    for head, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(head) + flag] |= 1
    path.write_bytes(data)
    with pytest.raises(FormatError, match=r"^secret.zip must be a whole archive\."):
        WordVectors.read(path)
