import gzip
import re
import zipfile

import numpy as np
import pytest

from keras_wembed.errors import FormatError
from keras_wembed.vectors import WordVectors


def row(token, *numbers, end=b"\n"):
    return token + b" " + np.array(numbers, "<f4").tobytes() + end


@pytest.fixture
def read(tmp_path):
    def write_and_read(data, name="vectors.bin", **arguments):
        path = tmp_path / name
        path.write_bytes(data)
        return WordVectors.read(path, **arguments)

    return write_and_read


# A number whose bytes are blanks and line feeds, which must not part anything.
ODD = float(np.frombuffer(b"\x20\x0a\x20\x3f", "<f4")[0])


@pytest.mark.parametrize("end", [b"\n", b""], ids=["Google's", "gensim's"])
def test_binary_gives_tokens_and_rows(read, end):
    rows = [row(b"</s>", ODD, 2, end=end), row("é_b".encode(), 3, -0.5, end=end)]
    vectors = read(b"2 2\n" + b"".join(rows))
    assert vectors.tokens == ("</s>", "é_b")
    np.testing.assert_array_equal(vectors.matrix, np.float32([[ODD, 2], [3, -0.5]]))


@pytest.mark.parametrize("size", [1, 2, 3, 300])
def test_any_size_is_found(read, size):
    rows = b"".join(row(str(i).encode(), *range(i, i + size)) for i in range(5))
    vectors = read(f"5 {size}\n".encode() + rows)
    assert vectors.tokens == ("0", "1", "2", "3", "4")
    assert vectors["3"].tolist() == list(range(3, 3 + size))


def test_rows_that_lie_across_reads_are_whole(read):
    count = 20_000
    rows = b"".join(row(f"token{i}".encode(), *[i] * 40) for i in range(count))
    vectors = read(f"{count} 40\n".encode() + rows)
    np.testing.assert_array_equal(vectors.matrix[:, 7], np.arange(count))


@pytest.mark.parametrize(
    ("bad", "what"),
    [
        (
            row(b"b", np.nan, 1),
            "a row must be a token and 2 finite numbers. This one is not finite.",
        ),
        (
            row(b"b", 1, np.inf),
            "a row must be a token and 2 finite numbers. This one is not finite.",
        ),
        (
            row(b"", 1, 2),
            "a row must be a token and 2 finite numbers. This one has no token.",
        ),
    ],
)
def test_bad_row_is_an_error_or_skipped(read, bad, what):
    data = b"3 2\n" + row(b"a", 1, 2) + bad + row(b"c", 3, 4)
    with pytest.raises(
        FormatError, match=f"^{re.escape(f'vectors.bin, row 2: {what}')}$"
    ):
        read(data)
    vectors = read(data, on_bad_row="skip")
    assert vectors.tokens == ("a", "c")
    assert vectors.report.skipped == 1


def test_cut_file_is_an_error(read):
    data = b"2 2\n" + row(b"a", 1, 2) + row(b"b", 3, 4)[:-3]
    what = (
        "vectors.bin, row 2: a row must be a token and 2 numbers. The file ends in it."
    )
    with pytest.raises(FormatError, match=f"^{re.escape(what)}$"):
        read(data)


def test_missing_rows_are_an_error(read):
    what = "vectors.bin must hold 3 rows, as its header says. Got 1."
    with pytest.raises(FormatError, match=f"^{re.escape(what)}$"):
        read(b"3 2\n" + row(b"a", 1, 2))


def test_format_that_has_no_header_is_refused(read):
    what = (
        "vectors.bin must start with a line of two numbers, rows and size. "
        "Got b'a 1 2'."
    )
    with pytest.raises(FormatError, match=f"^{re.escape(what)}$"):
        read(b"a 1 2\nb 3 4\n", format="word2vec-binary")


def test_real_binary_is_read(shared):
    vectors = WordVectors.read(shared / "word2vec" / "google-word2vec.subset.bin")
    assert (len(vectors), vectors.size) == (256, 300)
    assert vectors.tokens[:3] == ("</s>", "in", "for")


# Packed files.

TEXT = b"a 1 2\nb 3 4\n"


def zipped(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return path.read_bytes()


def test_gzip_is_unpacked(read):
    assert read(gzip.compress(TEXT), "any.name").tokens == ("a", "b")


def test_only_member_of_a_zip_is_found(read, tmp_path):
    data = zipped(tmp_path / "z", **{"dir/": b"", "dir/a": TEXT, "__MACOSX/a": b"?"})
    assert read(data).tokens == ("a", "b")


def test_member_of_a_zip_is_named(read, tmp_path):
    data = zipped(tmp_path / "z", a=TEXT, b=b"c 1\n")
    assert read(data, member="b").tokens == ("c",)
    what = "v.zip must hold one file, or member= must name one. It holds 'a', 'b'."
    with pytest.raises(FormatError, match=f"^{re.escape(what)}$"):
        read(data, "v.zip")
    what = "v.zip must hold 'c'. It holds 'a', 'b'."
    with pytest.raises(FormatError, match=f"^{re.escape(what)}$"):
        read(data, "v.zip", member="c")


@pytest.mark.parametrize("cut", [5, 30, 60, -30, -5])
def test_cut_zip_is_an_error(read, tmp_path, cut):
    data = zipped(tmp_path / "z", a=TEXT)
    with pytest.raises(FormatError, match=r"^v\.zip must be a whole archive\. "):
        read(data[:cut], "v.zip")


@pytest.mark.parametrize("cut", [12, 20, -5])
def test_cut_gzip_is_an_error(read, cut):
    with pytest.raises(FormatError, match=r"^v\.gz must be a whole archive\. "):
        read(gzip.compress(TEXT)[:cut], "v.gz")


def test_zip_bomb_is_an_error(read, tmp_path):
    data = zipped(tmp_path / "z", a=b"a 1 2\n" + b"0" * 50_000_000)
    what = "v.zip must not unpack to more than 200 times its size. It holds 'a' of "
    with pytest.raises(FormatError, match=f"^{re.escape(what)}"):
        read(data, "v.zip")


def test_endless_line_is_an_error(read):
    data = gzip.compress(b"a 1 2\n" + b"0" * 50_000_000)
    what = "v.gz must have lines of at most 16,777,216 bytes. Got a longer one."
    with pytest.raises(FormatError, match=f"^{re.escape(what)}$"):
        read(data, "v.gz")
