import functools
import hashlib
import http.server
import re
import shutil
import threading
import zipfile

import keras
import numpy as np
import pytest

from keras_wembed import zoo
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.errors import FormatError
from keras_wembed.formats.compact import save_compact

TINY = "the 0.5 -1\nworld 2 3e-2\n. -0.25 4\n"
CARD = """
file = "tiny.zip"
[[archives]]
urls = ["https://nowhere.invalid/tiny.zip"]
sha256 = "{sha256}"
[[models]]
name = "tiny-2d"
size = 2
member = "tiny.2d.txt"
"""


def add_card(home, text):
    folder = home / "cards"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.toml").write_text(text)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder that a server on the loopback address serves as our mirror."""
    folder = tmp_path / "site"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv(
            "KERAS_WEMBED_MIRROR", f"http://127.0.0.1:{server.server_port}"
        )
        yield folder
        server.shutdown()


def zipped(path, member, text):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def tiny(site, home):
    sha256 = zipped(site / "tiny.zip", "tiny.2d.txt", TINY)
    add_card(home, CARD.format(sha256=sha256))
    return site / "tiny.zip"


def test_vectors_come_from_a_mirror(tiny):
    vectors = zoo.vectors("tiny-2d")
    assert vectors.tokens == ("the", "world", ".")
    np.testing.assert_array_equal(
        vectors.matrix, np.float32([[0.5, -1], [2, 0.03], [-0.25, 4]])
    )


def test_unknown_is_the_mean_of_all_rows(tiny):
    np.testing.assert_allclose(zoo.vectors("tiny-2d").unknown, [0.75, 1.01], rtol=1e-6)


def test_second_use_needs_no_network(tiny, monkeypatch):
    first = zoo.vectors("tiny-2d")
    tiny.unlink()
    monkeypatch.setenv("KERAS_WEMBED_OFFLINE", "1")
    second = zoo.vectors("tiny-2d")
    assert second.tokens == first.tokens
    np.testing.assert_array_equal(second.matrix, first.matrix)


def test_file_alone_is_enough_without_network(tiny, monkeypatch):
    path = zoo.fetch("tiny-2d")
    tiny.unlink()
    monkeypatch.setenv("KERAS_WEMBED_OFFLINE", "1")
    assert zoo.fetch("tiny-2d") == path
    assert zoo.vectors("tiny-2d")["world"].tolist() == np.float32([2, 0.03]).tolist()


def test_tokens_give_just_these_rows_in_this_order(tiny, caplog):
    vectors = zoo.vectors("tiny-2d", tokens=[".", "nope", "the"])
    assert vectors.tokens == (".", "the")
    assert vectors.matrix.tolist() == [[-0.25, 4], [0.5, -1]]
    assert vectors.report.missing == ("nope",)
    assert caplog.messages == ["1 token has no row in tiny-2d: 'nope'"]
    np.testing.assert_allclose(vectors.unknown, [0.75, 1.01], rtol=1e-6)


def test_vectors_know_how_their_text_was_split(tiny):
    of_card = zoo.card("tiny-2d").encoder_options
    assert zoo.vectors("tiny-2d").encoder_options == of_card
    assert zoo.vectors("tiny-2d", limit=1).encoder_options == of_card
    assert zoo.vectors("tiny-2d", tokens=["the"]).encoder_options == of_card


def test_limit_gives_the_first_rows(tiny):
    vectors = zoo.vectors("tiny-2d", limit=2)
    assert vectors.tokens == ("the", "world")
    assert vectors.report.rows == 2


def test_limit_below_one_is_refused(tiny):
    with pytest.raises(ValueError, match=r"^limit must be at least 1\. Got 0\.$"):
        zoo.vectors("tiny-2d", limit=0)


def test_compact_file_beside_a_card_is_read(home):
    add_card(home, 'file = "s.npz"\n[[models]]\nname = "s"\nsize = 2\n')
    matrix = np.float32([[1, -127], [0, 0]])
    save_compact(home / "cards" / "s.npz", ["a", "é"], matrix, matrix[0])
    vectors = zoo.vectors("s")
    assert vectors.tokens == ("a", "é")
    np.testing.assert_array_equal(vectors.matrix, matrix)
    np.testing.assert_array_equal(vectors.unknown, matrix[0])


def test_layer_embeds_text(tiny):
    layer = zoo.load("tiny-2d")
    assert layer.n == 4
    assert layer("World the nope").numpy().tolist() == [
        *np.float32([[2, 0.03], [0.5, -1]]).tolist(),
        zoo.vectors("tiny-2d").unknown.tolist(),
    ]
    assert not layer.trainable
    assert zoo.load("tiny-2d", trainable=True).trainable


def test_arguments_are_checked_before_anything_is_fetched(home):
    add_card(home, CARD.format(sha256="0" * 64))
    with pytest.raises(ValueError, match="Unrecognized keyword arguments"):
        zoo.load("tiny-2d", spilt="words")
    with pytest.raises(TypeError, match=r"^tokens must be a list of tokens\. Got 'a'"):
        zoo.load("tiny-2d", tokens="a")
    add_card(home, 'split = "wrods"\n' + CARD.format(sha256="0" * 64))
    with pytest.raises(ValueError, match="split must be one of "):
        zoo.load("tiny-2d")


def test_layer_of_some_tokens_has_their_rows(tiny):
    layer = zoo.load("tiny-2d", tokens=[".", "the"])
    assert layer.n == 3
    assert layer.encoder.vocabulary == (".", "the")
    assert layer([1, 2]).numpy().tolist() == [[-0.25, 4], [0.5, -1]]
    assert zoo.load("tiny-2d", limit=1).encoder.vocabulary == ("the",)


def test_layer_is_aligned_to_an_adapted_text_vectorization(tiny):
    encoder = keras.layers.TextVectorization()
    encoder.adapt(["the world", "the end"])
    layer = zoo.load("tiny-2d", encoder=encoder)
    vectors = zoo.vectors("tiny-2d")
    expected = [vectors["the"], vectors.unknown, vectors["world"], vectors.unknown]
    np.testing.assert_array_equal(layer("the end world oops"), expected)


def test_layer_is_aligned_to_an_encoder_of_ours(tiny):
    layer = zoo.load("tiny-2d", encoder=TokenEncoder(["world", "end"]))
    vectors = zoo.vectors("tiny-2d")
    expected = [vectors.unknown, vectors["world"], vectors.unknown]
    np.testing.assert_array_equal(layer("end world the"), expected)


def test_real_rows_come_out_as_they_stand_in_the_file(site, home, shared):
    text = (shared / "glove" / "glove.6B.50d.top10361.txt").read_text()
    sha256 = zipped(site / "glove.6B.zip", "glove.6B.50d.txt", text)
    add_card(
        home,
        CARD.format(sha256=sha256)
        .replace("tiny.zip", "glove.6B.zip")
        .replace("tiny-2d", "glove-6b-50d")
        .replace("size = 2", "size = 50")
        .replace("tiny.2d.txt", "glove.6B.50d.txt"),
    )
    vectors = zoo.vectors("glove-6b-50d")
    lines = dict(line.split(" ", 1) for line in text.split("\n")[:-1])
    assert len(vectors) == len(lines) == 10361
    for token in ("world", "the", "twitter"):
        expected = np.array(lines[token].split(" "), np.float32)
        np.testing.assert_array_equal(vectors[token], expected)


def test_file_of_another_size_than_its_card_is_refused(tiny, home):
    card = home / "cards" / "card.toml"
    card.write_text(card.read_text().replace("size = 2", "size = 3"))
    message = "tiny.2d.txt must have vectors of size 3, as its card says. Got 2."
    with pytest.raises(FormatError, match=f"^{re.escape(message)}$"):
        zoo.vectors("tiny-2d")
    assert not list(home.glob("tables/*"))


def test_damaged_table_is_made_again(tiny, home):
    expected = zoo.vectors("tiny-2d").matrix.copy()
    (table,) = (home / "tables").iterdir()
    (table / "tokens.txt").write_text("the\nwor")
    tiny.unlink()
    np.testing.assert_array_equal(zoo.vectors("tiny-2d").matrix, expected)
    shutil.rmtree(table)
    np.testing.assert_array_equal(zoo.vectors("tiny-2d").matrix, expected)
