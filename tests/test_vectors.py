import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from keras_wembed.errors import FormatError
from keras_wembed.report import Report
from keras_wembed.vectors import WordVectors

ODD = ("a b", "\u00a0", "\u0085", "\u2028", "\r", "é", "😀", "", "nan", "<unk>", "a")


@pytest.fixture
def compass():
    matrix = np.float32([[0, 1], [1, 0], [0, -2], [0, 0]])
    return WordVectors(("north", "east", "south", "here"), matrix, np.float32([7, 8]))


def test_token_gives_its_row(compass):
    assert compass["south"].tolist() == [0, -2]
    assert compass[["here", "east", "east"]].tolist() == [[0, 0], [1, 0], [1, 0]]
    assert compass[[]].shape == (0, 2)


def test_size_length_and_membership(compass):
    assert (compass.size, len(compass)) == (2, 4)
    assert "east" in compass
    assert "west" not in compass
    assert repr(compass) == "<WordVectors: 4 tokens, size 2>"


def test_token_without_a_row_is_named(compass):
    with pytest.raises(KeyError, match=r"No row for the token 'west'\."):
        compass["west"]
    with pytest.raises(KeyError, match=r"No row for the token 'west'\."):
        compass[["east", "west"]]


def test_select_keeps_the_order_asked_for(compass):
    chosen = compass.select(iter(["south", "west", "north", "south"]))
    assert chosen.tokens == ("south", "north")
    assert chosen.matrix.tolist() == [[0, -2], [0, 1]]
    assert chosen.unknown.tolist() == [7, 8]
    assert chosen.report == Report(rows=2, missing=("west",))


def test_how_text_is_split_stays_with_the_vectors(compass, tmp_path):
    options = {"split": "treebank", "ignore_case": False, "fallback": ["lower"]}
    vectors = replace(compass, encoder_options=options)
    vectors.save(tmp_path / "saved")
    for others in (WordVectors.load(tmp_path / "saved"), vectors.select(["east"])):
        assert others.encoder_options == options


def test_select_of_nothing_has_no_rows(compass):
    assert compass.select([]).matrix.shape == (0, 2)


@pytest.mark.parametrize(
    ("query", "k", "expected"),
    [
        ("north", 2, [("east", 0.0), ("here", 0.0)]),
        ("north", 9, [("east", 0.0), ("here", 0.0), ("south", -1.0)]),
        ("here", 1, [("north", 0.0)]),
        (np.float32([0, -3]), 1, [("south", 1.0)]),
        (
            np.float32([3, 0]),
            9,
            [("east", 1.0), ("north", 0), ("south", 0), ("here", 0)],
        ),
        ("north", 0, []),
    ],
)
def test_most_similar(compass, query, k, expected):
    assert compass.most_similar(query, k) == expected


@pytest.mark.parametrize(
    ("tokens", "matrix", "unknown", "error", "message"),
    [
        (
            ["a"],
            np.zeros((2, 3)),
            None,
            ValueError,
            "matrix must have one row per token, 1 rows. Got shape (2, 3).",
        ),
        (
            ["a"],
            np.zeros(1),
            None,
            ValueError,
            "matrix must have one row per token, 1 rows. Got shape (1,).",
        ),
        (
            ["a"],
            np.zeros((1, 3), int),
            None,
            TypeError,
            "matrix must hold floats. Got int64.",
        ),
        (
            ["a", "b", "a"],
            np.zeros((3, 1)),
            None,
            ValueError,
            "Each token must stand once. Got 'a' twice.",
        ),
        (
            ["a", b"b"],
            np.zeros((2, 1)),
            None,
            TypeError,
            "tokens must be str. Got bytes.",
        ),
        (
            ["a"],
            np.zeros((1, 3)),
            np.zeros(2),
            ValueError,
            "unknown must have shape (3,). Got shape (2,).",
        ),
    ],
)
def test_arguments_are_checked(tokens, matrix, unknown, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        WordVectors(tokens, matrix, unknown)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        ("east", "tokens must be a list of tokens. Got 'east'."),
        (["east", 1], "tokens must be str. Got int."),
    ],
)
def test_tokens_to_select_are_checked(compass, tokens, message):
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        compass.select(tokens)


def test_query_of_another_size_is_refused(compass):
    message = "query must be a token or a vector of shape (2,). Got shape (3,)."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        compass.most_similar(np.zeros(3))


def test_saved_vectors_come_back_memory_mapped(tmp_path):
    matrix = np.arange(len(ODD) * 3, dtype=np.float32).reshape(-1, 3)
    report = Report(rows=len(ODD), duplicates=2, missing=("x",))
    saved = WordVectors(ODD, matrix, np.float32([0.1, 0.2, 0.3]), report)
    saved.save(tmp_path / "v")
    loaded = WordVectors.load(tmp_path / "v")
    assert loaded.tokens == ODD
    assert loaded.report == report
    np.testing.assert_array_equal(loaded.unknown, saved.unknown)
    np.testing.assert_array_equal(loaded.matrix, matrix)
    assert not loaded.matrix.flags.writeable
    assert isinstance(loaded.matrix.base, np.memmap)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_save_and_load_change_nothing(tmp_path_factory, data):
    dtype = data.draw(st.sampled_from([np.float16, np.float32, np.float64]))
    words = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]))
    tokens = data.draw(st.lists(words, unique=True, max_size=6))
    shape = (len(tokens), data.draw(st.integers(1, 4)))
    matrix = data.draw(arrays.arrays(dtype, shape))
    folder = tmp_path_factory.mktemp("saved") / "v"
    WordVectors(tokens, matrix).save(folder)
    loaded = WordVectors.load(folder)
    assert loaded.tokens == tuple(tokens)
    assert loaded.matrix.dtype == dtype
    np.testing.assert_array_equal(loaded.matrix, matrix)
    assert loaded.unknown is None


def test_saving_again_takes_the_place_of_the_older(compass, tmp_path):
    compass.save(tmp_path / "v")
    compass.select(["here"]).save(tmp_path / "v")
    assert WordVectors.load(tmp_path / "v").tokens == ("here",)
    assert [path.name for path in tmp_path.iterdir()] == ["v"]


def test_failed_save_leaves_the_older(compass, tmp_path):
    compass.save(tmp_path / "v")
    message = "A token that is saved must not hold a line feed."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        WordVectors(["a\nb"], np.zeros((1, 2))).save(tmp_path / "v")
    assert WordVectors.load(tmp_path / "v").tokens == compass.tokens
    assert [path.name for path in tmp_path.iterdir()] == ["v"]


@pytest.mark.parametrize("name", ["matrix.npy", "tokens.txt", "summary.json"])
@pytest.mark.parametrize("damage", ["cut", "flip", "remove"])
def test_damaged_folder_is_refused(compass, tmp_path, name, damage):
    compass.save(tmp_path / "v")
    path = tmp_path / "v" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    actions = {
        "cut": lambda: path.write_bytes(path.read_bytes()[:-1]),
        "flip": lambda: path.write_bytes(data),
        "remove": path.unlink,
    }
    actions[damage]()
    with pytest.raises(FormatError, match=re.escape(str(tmp_path / "v"))):
        WordVectors.load(tmp_path / "v")


def test_changed_number_in_the_summary_is_found(compass, tmp_path):
    compass.save(tmp_path / "v")
    path = tmp_path / "v" / "summary.json"
    path.write_text(path.read_text().replace("7.0", "7.5"))
    with pytest.raises(FormatError, match="It was changed or cut"):
        WordVectors.load(tmp_path / "v")


def test_message_of_a_cut_folder(compass, tmp_path):
    compass.save(tmp_path)
    (tmp_path / "tokens.txt").write_text("north")
    message = (
        f"{tmp_path} must hold the vectors that were saved. It was changed or cut: "
        "save them again."
    )
    with pytest.raises(FormatError, match=f"^{re.escape(message)}$"):
        WordVectors.load(tmp_path)


@pytest.mark.parametrize(
    ("number", "dtype"), [(100, np.float16), (1e20, np.float32), (1e-30, np.float32)]
)
def test_cosines_hold_for_numbers_of_any_size(number, dtype):
    vectors = WordVectors(("a", "b"), np.full((2, 50), number, dtype))
    ((token, cosine),) = vectors.most_similar("a")
    assert token == "b"
    assert cosine == pytest.approx(1)


def test_saving_deletes_nothing_of_others(tmp_path):
    vectors = WordVectors(("a",), np.ones((1, 2)))
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years of work")
    message = (
        f"{mine} must be empty or hold saved vectors. Got 'thesis.txt' in it. "
        "Take another folder."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        vectors.save(mine)
    message = f"{mine / 'thesis.txt'} must be a folder, or not exist. Got a file."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        vectors.save(mine / "thesis.txt")
    assert (mine / "thesis.txt").read_text() == "years of work"


def test_saving_replaces_saved_vectors(tmp_path):
    for number in (1.0, 2.0):
        WordVectors(("a",), np.full((1, 2), number)).save(tmp_path / "saved")
    assert WordVectors.load(tmp_path / "saved")["a"].tolist() == [2, 2]
