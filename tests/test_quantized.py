"""Rows as integers of 8 bits."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from keras_wembed.quantized import Quantized, quantized

FLOATS = st.floats(width=32, allow_subnormal=False)
MODERATE = st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False)


def bits(rows):
    return rows.levels.tolist(), rows.scale.view(np.uint32).tolist()


@settings(deadline=None, max_examples=300)
@given(arrays.arrays(np.float32, (3, 4), elements=FLOATS))
def test_quantizing_the_floats_again_changes_no_bit(rows):
    found = quantized(rows)
    assert bits(quantized(np.asarray(found))) == bits(found)


@settings(deadline=None, max_examples=300)
@given(arrays.arrays(np.float32, (3, 4), elements=MODERATE))
def test_no_number_is_off_by_more_than_half_a_level(rows):
    found = np.asarray(quantized(rows), np.float64)
    largest = np.abs(rows).max(axis=1, keepdims=True).astype(np.float64)
    bound = np.maximum(largest / 253.9, 1.2e-38)
    assert (np.abs(found - rows) <= bound).all()


def test_vectors_keep_their_directions():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(1000, 300)) * 10.0 ** rng.integers(-30, 30, (1000, 1))
    rows = rows.astype(np.float32)
    assert cosines(rows, np.asarray(quantized(rows))).min() > 0.9999


def test_real_vectors_keep_their_directions(shared):
    lines = (shared / "glove" / "glove.840B.300d.w2vheader.200.txt").read_text()
    rows = [line.split(" ")[-300:] for line in lines.splitlines()[1:]]
    rows = np.array(rows, np.float32)
    assert cosines(rows, np.asarray(quantized(rows))).min() > 0.999


def cosines(one, other):
    one, other = np.asarray(one, np.float64), np.asarray(other, np.float64)
    lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
    return np.einsum("ij,ij->i", one, other) / lengths


def test_levels_are_those_of_keras():
    rows = np.random.default_rng(1).normal(size=(200, 50)).astype(np.float32)
    levels, scale = keras.quantizers.AbsMaxQuantizer(axis=-1)(rows, to_numpy=True)
    found = quantized(rows)
    # A number halfway between two levels may go to either.
    assert np.abs(found.levels - np.asarray(levels, int)).max() <= 1
    assert (found.levels == np.asarray(levels)).mean() > 0.999
    np.testing.assert_allclose(found.scale, 1 / np.asarray(scale)[:, 0], rtol=1e-4)


ODD = [
    ([0, 0], [0, 0]),
    ([np.nan, 1], [np.nan, np.nan]),
    ([np.inf, 1], [np.nan, np.nan]),
    ([-np.inf, np.inf], [np.nan, np.nan]),
    ([3.4028235e38, -3.4028235e38], [3.4028235e38, -3.4028235e38]),
    ([1e-30, -1e-30], [1e-30, -1e-30]),
    ([1.5e-36, 0], [1.5e-36, 0]),
    ([1e300, 1], [np.nan, np.nan]),  # no float32
]


@pytest.mark.parametrize(("row", "expected"), ODD)
def test_odd_rows(row, expected):
    rows = quantized(np.array([[1, 1], row], np.float64))
    np.testing.assert_allclose(np.asarray(rows)[1], expected, rtol=1e-4)
    np.testing.assert_allclose(np.asarray(rows)[0], [1, 1], rtol=1e-4)


def test_rows_that_are_quantized_come_back_as_they_are():
    rows = Quantized(np.array([[1, 2]], np.int8), np.array([0.5], np.float32))
    assert quantized(rows) is rows
    assert np.asarray(rows).tolist() == [[0.5, 1.0]]
    assert np.asarray(rows[:0]).shape == (0, 2)
    assert (len(rows), rows.shape) == (1, (1, 2))
