"""Rows by id, their checks and their gradient."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed.lookup import check_ids, lookup

ROWS = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "float32")


@pytest.fixture
def table():
    return tf.Variable(ROWS)


CASES = [
    (2, [3, 4]),
    ([1, 3, 1], [[1, 2], [5, 6], [1, 2]]),
    ([0, 2], [[0, 0], [3, 4]]),
    ([[0], [0]], [[[0, 0]], [[0, 0]]]),
]


@pytest.mark.parametrize(("ids", "expected"), CASES)
def test_row_of_an_id(table, ids, expected):
    vectors = lookup(table, tf.constant(ids, tf.int64), n=3)
    assert vectors.numpy().tolist() == expected


@pytest.fixture
def shards():
    """The same rows in two variables, as parameter servers hold them."""
    parts = [tf.Variable(ROWS[:2]), tf.Variable(ROWS[2:])]
    return tf.__internal__.distribute.ShardedVariable(parts)


@pytest.mark.parametrize(("ids", "expected"), [*CASES, ([3, 1], [[5, 6], [1, 2]])])
def test_row_of_an_id_in_a_table_of_shards(shards, ids, expected):
    vectors = lookup(shards, tf.constant(ids, tf.int64), n=3)
    assert vectors.numpy().tolist() == expected


def test_each_shard_gets_the_gradient_of_its_rows(shards):
    with tf.GradientTape() as tape:
        vectors = lookup(shards, tf.constant([3, 1, 0, 3], tf.int64), n=3)
        loss = tf.reduce_sum(vectors * [[1.0], [2.0], [4.0], [8.0]])
    first, second = tape.gradient(loss, shards.variables)
    assert tf.convert_to_tensor(first).numpy().tolist() == [[2, 2], [0, 0]]
    assert tf.convert_to_tensor(second).numpy().tolist() == [[9, 9]]
    assert isinstance(first, tf.IndexedSlices)


def test_no_ids_give_no_vectors(table):
    assert lookup(table, tf.zeros([0, 4], tf.int64), n=3).shape == (0, 4, 2)


@pytest.mark.parametrize("jit_compile", [False, True])
@pytest.mark.parametrize("id", [-1, 4, 2**40])
def test_unchecked_bad_id_gives_nan_and_harms_no_other(table, id, jit_compile):
    function = tf.function(lambda ids: lookup(table, ids, n=3), jit_compile=jit_compile)
    vectors = function(tf.constant([1, id, 0], tf.int64)).numpy()
    np.testing.assert_array_equal(vectors, [[1, 2], [np.nan, np.nan], [0, 0]])


@functools.cache
def gradient(jit_compile):
    """The gradient of a weighted sum of the vectors of ids; traced once."""
    table = tf.Variable(ROWS)
    ids, weights = tf.TensorSpec([None], tf.int64), tf.TensorSpec([None, 2])

    @tf.function(jit_compile=jit_compile, input_signature=[ids, weights])
    def function(ids, weights):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(lookup(table, ids, n=3) * weights)
        slices = tape.gradient(loss, table)
        return slices.indices, slices.values

    return function


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.booleans())
def test_gradient_is_the_sum_of_each_row(ids, jit_compile):
    weights = np.arange(2.0 * len(ids), dtype="float32").reshape(-1, 2) + 1
    slices = gradient(jit_compile)(tf.constant(ids, tf.int64), weights)
    rows, values = (part.numpy() for part in slices)
    expected = np.zeros_like(ROWS)
    for id, weight in zip(ids, weights, strict=True):
        expected[id - 1] += weight if id else 0
    got, squares = np.zeros_like(ROWS), np.zeros_like(ROWS)
    np.add.at(got, rows, values)
    np.add.at(squares, rows, values**2)
    np.testing.assert_allclose(got, expected)
    np.testing.assert_allclose(squares, expected**2)  # so no row comes in two pieces
    assert set(rows.tolist()) <= {id - 1 for id in ids if id} or not any(ids)


def test_good_ids_pass():
    ids = tf.ragged.constant([[1, 0], [3]], dtype=tf.int64)
    assert check_ids(ids, n=3).to_list() == [[1, 0], [3]]


EAGER = [
    (4, "ids must be in 1..3, or 0 for padding. Got 4."),
    ([1, -1], "ids must be in 1..3, or 0 for padding. Got -1 at position (1,)."),
    (
        [[1, 2], [3, 9]],
        "ids must be in 1..3, or 0 for padding. Got 9 at position (1, 1).",
    ),
]


@pytest.mark.parametrize(("ids", "message"), EAGER)
def test_bad_id_is_named_with_its_position(ids, message):
    with pytest.raises(ValueError) as error:  # noqa: PT011  the whole text stands below
        check_ids(tf.constant(ids, tf.int64), n=3)
    assert str(error.value) == message


def test_bad_id_in_ragged_ids_is_named_by_row_and_place():
    ids = tf.ragged.constant([[1], [2, 3, 7], []], dtype=tf.int64)
    with pytest.raises(ValueError) as error:  # noqa: PT011
        check_ids(ids, n=3, hint="Look again.")
    assert str(error.value) == (
        "ids must be in 1..3, or 0 for padding. Got 7 at position (1, 2). Look again."
    )


@pytest.mark.parametrize(
    "ids", [[[1, 2], [3, 9]], tf.ragged.constant([[1], [2, 9]], dtype=tf.int64)]
)
def test_bad_id_in_a_graph_is_named_with_its_position(ids):
    function = tf.function(lambda ids: check_ids(ids, n=3))
    ids = tf.constant(ids, tf.int64) if isinstance(ids, list) else ids
    with pytest.raises(tf.errors.InvalidArgumentError) as error:
        function(ids)
    assert (
        "[ids must be in 1..3, or 0 for padding. Got] [9] [at position] [1 1]"
        in error.value.message
    )
