"""An exported model where there is no Python: in TensorFlow's C library."""

import pickle
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_wembed as kw

ROOT = Path(__file__).parents[1]

# A TF_TString holds up to 22 bytes itself.
TEXTS = ["The cat sat", "don't", "", "über a-b unknown", "y" * 100]
TOKENS = [
    ["The", "cat", "sat", "", ""],
    ["don", "'", "t", "", ""],
    ["", "", "", "", ""],
    ["über", "a", "-", "b", "unknown"],
    ["y" * 100, "", "", "", ""],
]
IDS = [[1, 2, 3, 0, 0], [7, 7, 7, 0, 0], [0] * 5, [6, 7, 7, 7, 7], [7, 0, 0, 0, 0]]
GOOD = {
    "serving_default": {"review": TEXTS},
    "text": {"review": TEXTS},
    "tokens": {"review": TOKENS},
    "ids": {"review": IDS},
    "flat": {
        "review_values": [1, 2, 3, 7, 7, 7, 6, 7, 7, 7, 7, 7],
        "review_row_lengths": [3, 3, 0, 5, 1],
    },
}
EMPTY = {
    "text": {"review": []},
    "tokens": {"review": np.empty([0, 0], object)},
    "ids": {"review": np.empty([0, 3], np.int64)},
    "flat": {"review_values": [], "review_row_lengths": []},
}
BAD = {
    "ids must be in 1..7, or 0 for padding. Got] [8] [at position] [1 0]": (
        "ids",
        {"review": [[1], [8]]},
    ),
    "ids must be in 1..7, or 0 for padding. Got] [-1] [at position] [0 1]": (
        "flat",
        {"review_values": [3, -1], "review_row_lengths": [2]},
    ),
    "texts must be UTF-8. Got] [a\ufffd] [at position] [1]": (
        "text",
        {"review": ["the", b"a\xff"]},
    ),
    "texts must be UTF-8. Got] [a\ufffd] [at position] [0 1]": (
        "tokens",
        {"review": [["the", b"a\xff"]]},
    ),
}

# What it says of each request; and the names of what must not be there.
ASKS = """
import pickle, sys
from benchmarks.c_library import CLibraryError
from benchmarks.c_model import Model
def answer(signature, inputs):
    try:
        return model(inputs, signature)
    except CLibraryError as error:
        return str(error)
with Model(sys.argv[1]) as model:
    asked = pickle.load(sys.stdin.buffer)
    answers = {kind: [answer(*one) for one in asked[kind]] for kind in asked}
python = {"tensorflow", "keras", "keras_wembed"} & sys.modules.keys()
pickle.dump((answers, python), sys.stdout.buffer)
"""

LEAKS = """
import os, sys
from pathlib import Path
from benchmarks.c_library import CLibraryError
from benchmarks.c_model import Model
def many(count):
    for _ in range(count):
        model({"review": [b"the cat " * 500] * 20})
        try:
            model({"review": [b"x" * 100_000 + b"\\xff"] * 10})
        except CLibraryError:
            pass
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20
with Model(sys.argv[1]) as model:
    first = many(10)
    print(many(100) - first)
"""


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(1)
    encoder = kw.TokenEncoder(["the", "cat", "sat", "don't", "a-b", "Über"])
    text = keras.Input((), dtype="string", name="review")
    vectors = kw.EmbeddingLayer(8, input=encoder)(text)
    pooled = keras.layers.GlobalAveragePooling1D()(vectors)
    return keras.Model(text, {"all": vectors, "mean": keras.layers.Dense(2)(pooled)})


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    return kw.export(model, tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def answers(folder):
    """What a process of its own says of all requests; a good one behind each bad."""
    good = ("text", GOOD["text"])
    asked = {
        "good": [*GOOD.items()],
        "empty": [*EMPTY.items()],
        "bad": [request for bad in BAD.values() for request in (bad, good)],
    }
    done = subprocess.run(
        [sys.executable, "-c", ASKS, str(folder)],
        input=pickle.dumps(in_bytes(asked)),
        cwd=ROOT,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr.decode()
    answers, python = pickle.loads(done.stdout)
    assert python == set()
    return answers


def in_bytes(value):
    """Requests with bytes in place of the texts."""
    if isinstance(value, dict):
        return {key: in_bytes(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return value[0], in_bytes(value[1])
    if isinstance(value, list):
        return [in_bytes(item) for item in value]
    return value.encode() if isinstance(value, str) else value


def test_answers_without_python_are_those_of_keras(model, answers):
    expected = model(tf.constant(TEXTS))
    for answer in answers["good"]:
        assert set(answer) == {"all", "mean"}
        for name, output in expected.items():
            np.testing.assert_allclose(answer[name], output, atol=1e-6)


def test_batch_without_texts_is_answered_without_python(answers):
    for answer in answers["empty"]:
        assert answer["mean"].shape == (0, 2)
        assert answer["all"].shape[::2] == (0, 8)


def test_bad_request_is_an_error_and_the_next_one_is_answered(model, answers):
    expected = model(tf.constant(TEXTS))["mean"]
    bad = answers["bad"]
    for message, error, answer in zip(BAD, bad[::2], bad[1::2], strict=True):
        assert error.startswith(f"assertion failed: [{message}")
        np.testing.assert_allclose(answer["mean"], expected, atol=1e-6)


def test_requests_leave_no_memory_behind(folder):
    done = subprocess.run(
        [sys.executable, "-c", LEAKS, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 20  # MiB; each request sends 1 and gets half
