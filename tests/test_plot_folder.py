import json
import re
import types

import numpy as np
import pytest
from pictures import ODD, vectors
from tensorboard.plugins.projector.projector_plugin import ProjectorPlugin
from werkzeug.test import Client

from keras_wembed import EmbeddingLayer, TokenEncoder, WordVectors, plot, zoo
from keras_wembed.plot import folder as folders


def shown(folder):
    """What TensorBoard's own code serves of a folder: config, tokens and numbers."""
    context = types.SimpleNamespace(data_provider=None, logdir=str(folder))
    apps = ProjectorPlugin(context).get_plugin_apps()

    def ask(route, **query):
        answer = Client(apps[route]).get("/", query_string={"run": "."} | query)
        assert answer.status_code == 200, answer.text
        return answer

    (about,) = json.loads(ask("/info").text)["embeddings"]
    name = {"name": about["tensorName"]}
    numbers = np.frombuffer(ask("/tensor", **name).data, np.float32)
    tokens = ask("/metadata", **name).text.split("\n")
    return about, tokens, numbers.reshape(about["tensorShape"])


def test_tensorboard_reads_the_folder(tmp_path):
    given = vectors(("the", "cat", "слово"))
    assert plot.projector(given, tmp_path / "logs") == tmp_path / "logs"
    about, tokens, numbers = shown(tmp_path / "logs")
    assert about == {
        "tensorName": "vectors",
        "tensorShape": [3, 5],
        "tensorPath": "tensors.tsv",
        "metadataPath": "metadata.tsv",
    }
    assert tokens == ["the", "cat", "слово", ""]
    np.testing.assert_array_equal(numbers, given.matrix)


def test_tensorboard_lists_the_folder(tmp_path):
    plot.projector(vectors("ab"), tmp_path)
    context = types.SimpleNamespace(data_provider=None, logdir=str(tmp_path))
    runs = ProjectorPlugin(context).get_plugin_apps()["/runs"]
    assert json.loads(Client(runs).get("/").text) == ["."]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_numbers_come_back_to_the_last_bit(tmp_path, dtype):
    rows = np.random.default_rng(1).normal(size=(50, 7)).astype(dtype)
    rows[0, :4] = [0, -0.0, np.finfo(dtype).tiny, 1 / 3]
    plot.projector(WordVectors(map(str, range(50)), rows), tmp_path)
    np.testing.assert_array_equal(shown(tmp_path)[2], rows.astype(np.float32))


def test_each_token_is_one_line_that_can_be_seen(tmp_path):
    odd = (*ODD, "", "\u00a0", "a\r\nb", "\u2028")
    plot.projector(vectors(odd), tmp_path)
    lines = (tmp_path / "metadata.tsv").read_bytes().decode().split("\n")
    assert lines[len(ODD) :] == ["''", r"\xa0", r"a\r\nb", r"\u2028", ""]
    # The page takes a tab in the first line for a header, and skips blank lines.
    for line in lines[:-1]:
        assert "\t" not in line
        assert line.strip()
    assert len(lines) - 1 == len(odd)


def test_subset_is_written(tmp_path):
    words = zoo.vectors()
    plot.projector(words, tmp_path, tokens=["queen", "zzzzz", "king"])
    _, tokens, numbers = shown(tmp_path)
    assert tokens == ["queen", "king", ""]
    np.testing.assert_array_equal(numbers, words[["queen", "king"]])
    plot.projector(words, tmp_path, limit=3)
    assert shown(tmp_path)[1] == [*words.tokens[:3], ""]


def test_table_is_written_in_blocks(tmp_path, monkeypatch):
    given = vectors(tuple("abcdefg"))
    plot.projector(given, tmp_path / "one")
    monkeypatch.setattr(folders, "BLOCK", 3)
    plot.projector(given, tmp_path / "three")
    one, three = (tmp_path / name / "tensors.tsv" for name in ("one", "three"))
    assert one.read_text() == three.read_text()


def test_layer_is_written_under_its_tokens(tmp_path):
    rows = np.float32([[1, 2], [3, 4], [5, 6]])
    layer = EmbeddingLayer(weights=rows, input=TokenEncoder(["a", "b"]))
    _, tokens, numbers = shown(plot.projector(layer, tmp_path))
    assert tokens == ["a", "b", ""]
    assert numbers.tolist() == [[1, 2], [3, 4]]


def test_address_gives_what_the_web_page_takes(tmp_path):
    plot.projector(vectors("ab"), tmp_path, url="https://example.org/v/")
    assert json.loads((tmp_path / "projector_config.json").read_text()) == {
        "embeddings": [
            {
                "tensorName": "vectors",
                "tensorShape": [2, 5],
                "tensorPath": "https://example.org/v/tensors.tsv",
                "metadataPath": "https://example.org/v/metadata.tsv",
            }
        ]
    }


def test_what_lies_in_the_folder_stays(tmp_path):
    (tmp_path / "events").write_text("of a training")
    plot.projector(vectors("ab"), tmp_path)
    plot.projector(vectors("cd"), tmp_path)
    assert shown(tmp_path)[1] == ["c", "d", ""]
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "events",
        "metadata.tsv",
        "projector_config.pbtxt",
        "tensors.tsv",
    ]


def test_configuration_of_others_is_not_replaced(tmp_path):
    path = tmp_path / "projector_config.pbtxt"
    path.write_text("embeddings {}")
    message = (
        f"{path} must be ours or not exist. It was written by something else. Take "
        "another folder."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        plot.projector(vectors("ab"), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("odd", [np.nan, np.inf, 1e300])
def test_failed_writing_leaves_the_older(tmp_path, odd):
    plot.projector(vectors("ab"), tmp_path)
    bad = WordVectors("cd", np.array([[1, 2], [odd, 0]]))
    message = "The projector must have finite numbers. Those of 'd' are not."
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        plot.projector(bad, tmp_path)
    assert shown(tmp_path)[1] == ["a", "b", ""]
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("given", "options", "error", "message"),
    [
        (
            vectors("a"),
            {},
            ValueError,
            "The projector must have at least two tokens, and vectors of at least two "
            "numbers. Got shape (1, 5).",
        ),
        (
            vectors("ab", size=1),
            {},
            ValueError,
            "The projector must have at least two tokens, and vectors of at least two "
            "numbers. Got shape (2, 1).",
        ),
        (
            vectors("ab"),
            {"tokens": "ab"},
            TypeError,
            "tokens must be a list of tokens. Got 'ab'.",
        ),
        (vectors("ab"), {"limit": 0}, ValueError, "limit must be at least 1. Got 0."),
        (
            np.eye(2),
            {},
            TypeError,
            "vectors must be WordVectors or a layer. Got ndarray.",
        ),
    ],
)
def test_what_the_projector_would_not_show_is_refused(
    tmp_path, given, options, error, message
):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        plot.projector(given, tmp_path / "logs", **options)
    assert not (tmp_path / "logs").exists()
