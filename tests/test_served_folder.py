"""The folder that `export` writes: versions, warm-up requests, and what else."""

import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf
from google.protobuf.text_format import Parse
from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

import keras_wembed as kw
from keras_wembed.serving.ports import entry
from keras_wembed.serving.signatures import signatures
from keras_wembed.serving.versions import building, place
from keras_wembed.serving.warmup import write_requests

LARGEST = 2**63 - 1


def of_ids():
    return kw.EmbeddingLayer(weights=np.eye(3))


def of_text():
    encoder = kw.TokenEncoder(["the", "cat"])
    return kw.EmbeddingLayer(weights=np.eye(3), input=encoder)


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_versions_follow_one_another_and_never_change(tmp_path):
    path, layer = tmp_path / "served", of_ids()
    assert kw.export(layer, path) == path / "1"
    (path / "007").mkdir()  # TensorFlow Serving takes it for 7.
    assert kw.export(layer, path) == path / "8"
    assert kw.export(layer, path, version=LARGEST) == path / str(LARGEST)
    with pytest.raises(
        ValueError,
        match=re.escape(
            f"version must be one that {path} does not hold. Got 7. A served version "
            "never changes: take another number."
        ),
    ):
        kw.export(layer, path, version=7)
    with pytest.raises(
        ValueError,
        match=re.escape(
            f"version must be given where {path} holds {LARGEST}, which is the last."
        ),
    ):
        kw.export(layer, path)
    found = {place.name for place in path.iterdir()}
    assert found == {"1", "007", "8", str(LARGEST), "models.config"}


@pytest.mark.parametrize(
    ("version", "error", "message"),
    [
        (0, ValueError, "version must be at least 1. Got 0."),
        (
            LARGEST + 1,
            ValueError,
            f"version must be at most {LARGEST}. Got {LARGEST + 1}.",
        ),
        ("1", TypeError, "version must be an integer. Got '1' (str)."),
    ],
)
def test_version_that_no_server_reads_is_refused(version, error, message, tmp_path):
    with pytest.raises(error, match=re.escape(message)):
        kw.export(of_ids(), tmp_path / "served", version=version)
    assert not (tmp_path / "served").exists()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "gs://bucket/served",
            "path must be a folder of this machine. Got 'gs://bucket/served'. "
            "Export to one, and copy that.",
        ),
        ("/", "path must have a name, which the model gets. Got /."),
    ],
)
def test_path_that_can_be_no_folder_of_versions_is_refused(path, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        kw.export(of_ids(), path)


def test_file_in_the_place_of_the_folder_is_refused(tmp_path):
    path = tmp_path / "served"
    path.write_text("mine")
    message = f"{path} must be a folder, or not exist. Got a file."
    with pytest.raises(ValueError, match=re.escape(message)):
        kw.export(of_ids(), path)
    assert path.read_text() == "mine"


def test_folder_may_be_named_in_any_way(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    layer = of_ids()
    assert str(kw.export(layer, "served")) == "served/1"
    name = 'ü "a" \\ b\n'
    assert kw.export(layer, tmp_path / "x" / name).exists()
    for path in tmp_path / "served", tmp_path / "x" / name:
        text = (path / "models.config").read_text("utf-8")
        (config,) = Parse(text, ModelServerConfig()).model_config_list.config
        assert config.name == path.name
        assert config.base_path == f"/models/{path.name}"
        assert config.model_platform == "tensorflow"


def test_failed_export_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="warmup must have examples"):
        kw.export(of_ids(), tmp_path / "served", warmup={"texts": ["a"]})
    assert list((tmp_path / "served").iterdir()) == []


def test_server_that_polls_sees_a_whole_version_or_none(tmp_path):
    path, seen, done = tmp_path / "served", [], threading.Event()
    path.mkdir()

    def poll():
        while not done.wait(0.001):
            seen.extend(files(path / "1") if (path / "1").exists() else ())

    server = threading.Thread(target=poll)
    server.start()
    try:
        placed = kw.export(of_text(), path, warmup=["the cat"])
    finally:
        done.set()
        server.join()
    whole = files(placed)
    assert {"saved_model.pb", "assets/vocabulary.txt"} <= whole
    assert set(seen) <= whole
    assert len(seen) % len(whole) == 0


def test_exports_at_the_same_time_get_versions_of_their_own(tmp_path):
    def placed(number):
        with building(tmp_path) as fresh:
            (fresh / "whose").write_text(str(number))
            return place(fresh, tmp_path, None)

    with ThreadPoolExecutor(8) as pool:
        places = list(pool.map(placed, range(32)))
    assert {int(path.name) for path in places} == set(range(1, 33))
    found = [(path / "whose").read_text() for path in places]
    assert found == [str(number) for number in range(32)]
    assert len(list(tmp_path.iterdir())) == 32


KILLED = """
import os, sys
import keras_wembed as kw
from keras_wembed.serving import saved_model
write = saved_model._write
def killed(*arguments):
    write(*arguments)
    os._exit(9)
saved_model._write = killed
kw.export(kw.EmbeddingLayer(weights=[[1.0]]), sys.argv[1])
"""


def test_killed_export_leaves_no_version(tmp_path):
    path = tmp_path / "served"
    done = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert done.returncode == 9
    assert [name for name in os.listdir(path) if not name.startswith(".")] == []
    assert kw.export(of_ids(), path) == path / "1"


def test_folder_that_a_killed_export_left_is_deleted_a_day_later(tmp_path):
    left, fresh, other = (
        tmp_path / name for name in (".7-0a1b2c3d", ".8-4e5f6a7b", ".my-settings")
    )
    for path in (left, fresh, other):
        path.mkdir()
    for path in (left, other):
        os.utime(path, (0, 0))
    kw.export(of_ids(), tmp_path)
    assert not left.exists()
    assert fresh.exists()
    assert other.exists()


def first_of(layer):
    """The function of the first signature."""
    return next(iter(signatures(entry(layer, None), [layer]).values()))


@pytest.fixture(scope="module")
def functions():
    return {"ids": first_of(of_ids()), "text": first_of(of_text())}


def sent(path):
    """What the warm-up requests of a folder send, by name."""
    file = path / "tf_serving_warmup_requests"
    (record,) = tf.data.TFRecordDataset(str(file)).as_numpy_iterator()
    request = PredictionLog.FromString(record).predict_log.request
    assert request.model_spec.signature_name == "serving_default"
    inputs = {name: tf.make_ndarray(proto) for name, proto in request.inputs.items()}
    return request.model_spec.name, inputs


@pytest.mark.parametrize(
    ("kind", "examples", "expected"),
    [
        ("text", ["the cat", "ü" * 100], [b"the cat", ("ü" * 100).encode()]),
        ("text", np.array(["the", "a"]), [b"the", b"a"]),
        ("text", tf.constant(["the"]), [b"the"]),
        ("text", {"text": ["the"]}, [b"the"]),
        ("text", [], []),
        ("ids", [[1, 2], [3, 0]], [[1, 2], [3, 0]]),
        ("ids", [[1, 2], [3]], [[1, 2], [3, 0]]),
        ("ids", np.array([[1]], np.int32), [[1]]),
    ],
)
def test_warmup_requests_are_those_of_tensorflow_serving(
    kind, examples, expected, functions, tmp_path
):
    write_requests(tmp_path, functions[kind], examples, "my model")
    name, inputs = sent(tmp_path)
    assert name == "my model"
    assert {key: value.tolist() for key, value in inputs.items()} == {kind: expected}


@pytest.mark.parametrize(
    ("kind", "warmup", "error", "message"),
    [
        ("text", {}, ValueError, "warmup must have examples for 'text'. Got none."),
        (
            "text",
            [["a", "b"]],
            ValueError,
            "warmup must have examples of shape (None,) for 'text'. Got (1, 2).",
        ),
        (
            "text",
            "one text",
            ValueError,
            "warmup must have examples of shape (None,) for 'text'. Got ().",
        ),
        (
            "text",
            [1, 2],
            TypeError,
            "warmup must have examples of dtype string for 'text'. Got int64.",
        ),
        (
            "ids",
            [[1.5]],
            TypeError,
            "warmup must have examples of dtype int64 for 'ids'. Got float64.",
        ),
        (
            "ids",
            [["a"]],
            TypeError,
            "warmup must have examples of dtype int64 for 'ids'. Got string.",
        ),
        (
            "ids",
            [[9]],
            ValueError,
            "warmup must have examples that the model can serve. Got an error: "
            "assertion failed: [ids must be in 1..3, or 0 for padding. Got] [9] [at "
            "position] [0 0]",
        ),
    ],
)
def test_warmup_that_does_not_fit_is_refused(
    kind, warmup, error, message, functions, tmp_path
):
    with pytest.raises(error, match=re.escape(message)):
        write_requests(tmp_path, functions[kind], warmup, "m")


def test_warmup_of_several_inputs_is_a_dict(tmp_path):
    inputs = [keras.Input((2,), name=name) for name in ("a", "b")]
    layer = kw.EmbeddingLayer(2, 3)
    ids = keras.Input((2,), dtype="int64", name="ids")
    pooled = kw.Pooling("mean")(layer(ids))
    model = keras.Model([ids, *inputs], keras.layers.Add()([pooled, *inputs]))
    message = (
        "warmup must be a dict of lists, one for each input: 'ids', 'a', 'b'. Got list."
    )
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        kw.export(model, tmp_path / "served", warmup=[[1, 2]])
    examples = {"ids": [[1, 2]], "a": [[0.0, 1.0]], "b": [[1.0, 0.0]]}
    kw.export(model, tmp_path / "served", warmup=examples)


def test_licence_and_source_travel_with_the_vectors(tmp_path):
    layer = kw.zoo.load(tokens=["cat", "dog"])
    model = keras.Sequential([keras.Input((), dtype="string"), layer])
    model.save(tmp_path / "model.keras")
    model = keras.models.load_model(tmp_path / "model.keras")
    extra = kw.export(model, tmp_path / "served", warmup=["cat"]) / "assets.extra"
    text = (extra / "VECTORS.md").read_text()
    assert text.startswith("# The vectors in this model\n\n## openbooks-50d\n\n")
    assert "- license: CC-BY-4.0\n" in text
    assert sent(extra) == ("served", {"text": [b"cat"]})
    own = kw.export(of_ids(), tmp_path / "own") / "assets.extra"
    assert list(own.iterdir()) == []
