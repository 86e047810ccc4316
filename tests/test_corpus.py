"""Lines from files and iterables, and the stream of ids made of them."""

import gzip
import re
from pathlib import Path

import numpy as np
import pytest

from keras_wembed.encoders.splitting import splitter
from keras_wembed.training import corpus as corpus_module
from keras_wembed.training import stream as stream_module
from keras_wembed.training.choosing import chosen
from keras_wembed.training.corpus import Lines
from keras_wembed.training.stream import Stream

TEXT = "one two\n\nthree\ntwo two"


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "plain.txt"
    path.write_text(TEXT)
    return path


@pytest.fixture
def packed(tmp_path):
    path = tmp_path / "packed.txt.gz"
    path.write_bytes(gzip.compress(TEXT.encode()))
    return path


def stream_of(lines, folder):
    Stream.write(folder, lines, splitter("whitespace"))
    return Stream.open(folder)


def stripped(lines):
    return [line.strip() for line in lines]


EXPECTED = [b"one two", b"", b"three", b"two two"]


def test_lines_of_a_plain_file(plain):
    assert stripped(Lines(plain)) == EXPECTED


def test_lines_of_a_gzip_file(packed):
    assert stripped(Lines(str(packed))) == EXPECTED


def test_lines_of_several_files_in_order(plain, packed):
    assert stripped(Lines([packed, plain])) == EXPECTED + EXPECTED


def test_lines_of_a_generator():
    assert list(Lines(line for line in ["a b", "c\nd"])) == [b"a b", b"c", b"d"]


def test_no_lines():
    assert list(Lines([])) == []


def test_bytes_read_are_told(plain, packed):
    lines = Lines([plain, packed])
    told = []
    assert len(list(lines.telling(told.append))) == 8
    assert lines.total == plain.stat().st_size + packed.stat().st_size
    assert told == sorted(told)
    assert told[-1] == lines.total


def test_long_line_is_cut_at_a_blank(tmp_path, monkeypatch):
    monkeypatch.setattr(corpus_module, "LONGEST", 8)
    path = tmp_path / "long.txt"
    path.write_text("aaaaa bb cccc ddd e ffffff\nfff\n")
    pieces = list(Lines(path))
    assert b"".join(pieces) == path.read_bytes()
    assert b" ".join(pieces).split() == path.read_bytes().split()
    assert max(map(len, pieces)) < 2 * 8


@pytest.mark.parametrize("corpus", [b"a b", 7, None])
def test_no_corpus_is_refused(corpus):
    message = (
        "corpus must be a path, several Path objects, or lines of text. "
        f"Got {type(corpus).__name__}."
    )
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        Lines(corpus)


def test_line_that_is_no_text_is_refused():
    with pytest.raises(TypeError, match=r"^A line must be str\. Got bytes\.$"):
        list(Lines(["a", b"b"]))


def test_missing_file_is_refused():
    with pytest.raises(FileNotFoundError):
        Lines(Path("absent.txt"))


def test_stream_of_ids_in_order_of_first_sight(tmp_path):
    stream = stream_of([b"b a b", b"", "é a".encode()], tmp_path)
    assert stream.tokens == ("b", "a", "é")
    assert stream.counts.tolist() == [2, 2, 1]
    assert stream.ids.tolist() == [1, 2, 1, 0, 0, 3, 2, 0]


def test_stream_of_several_batches(tmp_path, monkeypatch):
    monkeypatch.setattr(stream_module, "BATCH", 4)
    stream = stream_of([b"b a", b"b", b"a b c"], tmp_path)
    assert stream.counts.tolist() == [3, 2, 1]
    assert stream.ids.tolist() == [1, 2, 0, 1, 0, 2, 1, 3, 0]


def test_stream_of_nothing(tmp_path):
    stream = stream_of([], tmp_path)
    assert (stream.tokens, len(stream.counts), len(stream.ids)) == ((), 0, 0)
    assert list(stream.chunks(5, print)) == []


@pytest.mark.parametrize("length", [1, 3, 4, 5, 100])
def test_chunks_hold_whole_lines(tmp_path, length):
    stream = stream_of([b"a b c", b"d", b"e f"], tmp_path)
    told = []
    chunks = list(stream.chunks(length, told.append))
    assert np.concatenate(chunks).tolist() == stream.ids.tolist()
    assert told[-1] == len(stream.ids)
    if length >= 4:  # as long as the longest line
        assert all(chunk[-1] == 0 for chunk in chunks)


CHOICES = [
    (1, None, [1, 3, 0, 2]),
    (2, None, [1, 3]),
    (1, 3, [1, 3, 0]),
    (4, 3, [1]),
]


@pytest.mark.parametrize(("min_count", "max_tokens", "expected"), CHOICES)
def test_most_frequent_tokens_are_chosen(min_count, max_tokens, expected):
    counts = np.array([1, 4, 1, 3])
    found = chosen(counts, min_count=min_count, max_tokens=max_tokens)
    assert found.tolist() == expected


def test_no_token_left_is_refused():
    message = (
        "Some token must stand in the corpus min_count times, 5. "
        "Got 2 tokens, the most frequent one 4 times."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        chosen(np.array([1, 4]), min_count=5, max_tokens=None)
