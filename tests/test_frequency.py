"""Taking the part that follows from a token's count from its vector."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from keras_wembed.training.frequency import without_frequency

COUNTS = np.array([90, 40, 40, 7, 1])
ROWS = arrays(np.float64, (5, 3), elements=st.floats(-9, 9))


def test_vectors_on_the_line_become_zero():
    line = np.outer(np.log(COUNTS), [1.0, -2.0]) + np.array([3.0, 4.0])
    np.testing.assert_allclose(without_frequency(line, COUNTS), 0, atol=1e-12)


@given(ROWS)
def test_nothing_left_depends_on_the_count(matrix):
    left = without_frequency(matrix, COUNTS)
    np.testing.assert_allclose(left.sum(0), 0, atol=1e-9)
    np.testing.assert_allclose(np.log(COUNTS) @ left, 0, atol=1e-9)


@given(ROWS, st.floats(-9, 9), st.floats(-9, 9))
def test_what_follows_from_the_count_changes_nothing(matrix, slope, mean):
    line = (slope * np.log(COUNTS) + mean)[:, np.newaxis]
    one, other = (without_frequency(rows, COUNTS) for rows in (matrix, matrix + line))
    np.testing.assert_allclose(one, other, atol=1e-9)


def test_floats_keep_their_kind():
    assert without_frequency(np.ones((5, 2), "float32"), COUNTS).dtype == np.float32


def test_equal_counts_take_only_the_mean():
    matrix = np.array([[1.0], [5.0]])
    assert without_frequency(matrix, np.array([3, 3])).round(9).tolist() == [[-2], [2]]
