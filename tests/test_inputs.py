"""What a caller may pass."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed.inputs import as_tensor, shaped


def listed(tensor):
    if isinstance(tensor, tf.RaggedTensor):
        return tensor.to_list()
    return np.asarray(tensor.numpy()).tolist()


INTEGERS = [
    (2, (), 2),
    ([1, 2, 1], (3,), [1, 2, 1]),
    ((1, 2), (2,), [1, 2]),
    (range(1, 4), (3,), [1, 2, 3]),
    ([[1, 2], [3, 4]], (2, 2), [[1, 2], [3, 4]]),
    ([[1], [2, 3]], (2, None), [[1], [2, 3]]),
    ([[], [1]], (2, None), [[], [1]]),
    ([[[1], [2, 3]], []], (2, None, None), [[[1], [2, 3]], []]),
    ([[[1, 2]], [[3, 4], [5, 6]]], (2, None, 2), [[[1, 2]], [[3, 4], [5, 6]]]),
    ([[[[1]], [[2], [3, 4]]]], (1, None, None, None), [[[[1]], [[2], [3, 4]]]]),
    ([], (0,), []),
    ([[], []], (2, 0), [[], []]),
    (np.array([1, 2], "int8"), (2,), [1, 2]),
    (np.array([[1], [2]], "uint64"), (2, 1), [[1], [2]]),
    (np.int32(3), (), 3),
    ([np.int64(3), np.int16(4)], (2,), [3, 4]),
    ([np.array([1, 2]), np.array([3])], (2, None), [[1, 2], [3]]),
    (np.zeros((2, 0)), (2, 0), [[], []]),
    (np.array([[1], [2, 3]], object), (2, None), [[1], [2, 3]]),
    (tf.constant([1, 2]), (2,), [1, 2]),
    (tf.Variable([1, 2]), (2,), [1, 2]),
    (keras.Variable([1, 2], dtype="int32"), (2,), [1, 2]),
    ([tf.constant([1, 2]), tf.constant([3, 4])], (2, 2), [[1, 2], [3, 4]]),
    ([tf.constant([1, 2]), tf.constant([3])], (2, None), [[1, 2], [3]]),
    ([np.array(1), tf.constant(2), 3], (3,), [1, 2, 3]),
    (tf.ragged.constant([[1], []]), (2, None), [[1], []]),
]


@pytest.mark.parametrize(("value", "shape", "expected"), INTEGERS)
def test_integers_become_a_tensor(value, shape, expected):
    tensor = as_tensor(value)
    assert tensor.dtype.is_integer
    assert tuple(tensor.shape) == shape
    assert listed(tensor) == expected


STRINGS = [
    ("the cat", (), b"the cat"),
    (b"the cat", (), b"the cat"),
    ("", (), b""),
    (["the", b"cat"], (2,), [b"the", b"cat"]),
    ([["a"], ["b", "c"]], (2, None), [[b"a"], [b"b", b"c"]]),
    ([], (0,), []),
    (np.array(["é", "bb"]), (2,), ["é".encode(), b"bb"]),
    (np.array([["a"], ["b"]], object), (2, 1), [[b"a"], [b"b"]]),
    (np.array([b"a\xff"]), (1,), [b"a\xff"]),
    (np.array([], "<U1"), (0,), []),
    (np.str_("a"), (), b"a"),
]


@pytest.mark.parametrize(("value", "shape", "expected"), STRINGS)
def test_strings_become_a_tensor(value, shape, expected):
    tensor = as_tensor(value, empty="string")
    assert tensor.dtype == tf.string
    assert tuple(tensor.shape) == shape
    assert listed(tensor) == expected


@settings(deadline=None)
@given(st.lists(st.lists(st.lists(st.integers(-5, 2**40)))))
def test_nested_lists_lose_nothing(value):
    tensor = as_tensor(value)
    again = listed(tensor)
    assert again == value or not any(map(any, value))


REFUSED = [
    (
        [[1], 2],
        ValueError,
        "nested lists must have the same depth everywhere. Got 2 beside a list; "
        "wrap it in one too.",
    ),
    (
        [1, "a"],
        TypeError,
        "inputs must be integers or strings, lists of either, arrays or tensors. "
        "Got int, str.",
    ),
    (
        {"a": 1},
        TypeError,
        "inputs must be integers or strings, lists of either, arrays or tensors. "
        "Got dict.",
    ),
    (
        [None],
        TypeError,
        "inputs must be integers or strings, lists of either, arrays or tensors. "
        "Got NoneType.",
    ),
    (
        [True, 2],
        TypeError,
        "inputs must be integers or strings, lists of either, arrays or tensors. "
        "Got bool, int.",
    ),
    (
        np.array([2**64 - 1], "uint64"),
        ValueError,
        f"ids must fit into 64 bits. Got {2**64 - 1}.",
    ),
    (2**70, ValueError, f"ids must fit into 64 bits. Got {2**70}."),
    (
        [keras.KerasTensor((2,))],
        TypeError,
        "inputs must be one tensor. Got a list of symbolic ones; call the layer on "
        "each of them.",
    ),
]


@pytest.mark.parametrize(("value", "error", "message"), REFUSED)
def test_other_values_are_refused(value, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        as_tensor(value)


SHAPED = [
    ([[1, 0], [2, 3]], "auto", [[1, 0], [2, 3]]),
    ([[1, 0], [2, 3]], "padded", [[1, 0], [2, 3]]),
    ([[1, 0], [2, 3]], "ragged", [[1], [2, 3]]),
    ([1, 0], "ragged", [1, 0]),
    ([[[1, 0], [0, 0]]], "ragged", [[[1], []]]),
    ([[1], [2, 3]], "auto", [[1], [2, 3]]),
    ([[1], [2, 3]], "padded", [[1, 0], [2, 3]]),
    ([[1], [2, 3]], "ragged", [[1], [2, 3]]),
]


@pytest.mark.parametrize(("value", "output", "expected"), SHAPED)
def test_output_decides_on_raggedness(value, output, expected):
    assert listed(shaped(as_tensor(value), output)) == expected


@pytest.mark.parametrize("make", [list, np.array, lambda texts: [texts], "".join])
def test_text_that_utf_8_cannot_hold_is_named(make):
    message = r"inputs must be text that UTF-8 can hold\. Got '.*\\udcff', with half"
    with pytest.raises(ValueError, match=message):
        as_tensor(make(["a", "b\udcff"]))
