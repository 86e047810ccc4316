"""Training under TensorFlow's strategies, in processes of their own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf

from examples.machines import free_addresses
from keras_wembed import EmbeddingLayer
from tests import distributed

ROOT = Path(__file__).parents[1]


def started(kind, place, cluster=None, index=0):
    task = {"cluster": cluster, "task": {"type": "worker", "index": index}}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.distributed", kind, str(place)],
        cwd=ROOT,
        env=os.environ | ({"TF_CONFIG": json.dumps(task)} if cluster else {}),
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def expected():
    """What one device gives, by optimizer."""
    one = tf.distribute.get_strategy()
    return {name: distributed.trained(one, name) for name in distributed.OPTIMIZERS}


def agree(place, expected):
    for name, arrays in expected.items():
        found = np.load(f"{place}-{name}.npz")
        assert len(found) == len(arrays)
        for got, array in zip(found.values(), arrays, strict=True):
            np.testing.assert_allclose(got, array, atol=1e-6, rtol=1e-6)


def finish(processes):
    try:
        for process in processes:
            _, errors = process.communicate(timeout=300)
            assert process.returncode == 0, errors[-3000:]
    finally:
        for process in processes:
            process.kill()


def test_two_devices_train_on_strings_and_ragged_batches_as_one(expected, tmp_path):
    finish([started("mirrored", tmp_path / "mirrored")])
    agree(tmp_path / "mirrored", expected)


def test_two_machines_train_on_strings_and_ragged_batches_as_one(expected, tmp_path):
    cluster = {"worker": free_addresses(2)}
    places = [tmp_path / "chief", tmp_path / "other"]
    finish(
        [started("worker", place, cluster, index) for index, place in enumerate(places)]
    )
    for place in places:
        agree(place, expected)


def test_strategy_of_a_layer_reduces_what_fit_asks_it_to():
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        EmbeddingLayer(2, 3)
        EmbeddingLayer(2, 3)
    reduce = strategy.reduce
    texts, ragged = tf.constant(["a", "b"]), tf.ragged.constant([[1], [2, 3]])
    batch, number = reduce("MEAN", ((texts, ragged), tf.constant([4.0, 6.0])), None)
    assert batch[0].numpy().tolist() == [b"a", b"b"]
    assert batch[1].to_list() == [[1], [2, 3]]
    assert number.numpy().tolist() == [4, 6]
    assert reduce("MEAN", tf.constant(4.0), axis=0) == 4
    assert reduce("SUM", tf.constant([4.0, 6.0]), axis=0) == 10
    assert reduce("SUM", 4.0, axis=None) == 4


def test_layer_outside_a_scope_changes_no_strategy():
    EmbeddingLayer(2, 3)
    assert "reduce" not in vars(tf.distribute.get_strategy())
