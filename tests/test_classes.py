"""Labels to ids."""

import re

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_wembed import ClassEncoder

CASES = [
    (["a", "b"], "b", 2),
    (["a", "b"], ["b", "a"], [2, 1]),
    (["a", "b"], [["b"], ["a", "a"]], [[2, 0], [1, 1]]),
    (["a", "b"], [], []),
    (["é", ""], ["", "é"], [2, 1]),
    ([7, -5], [[-5, 7]], [[2, 1]]),
    ([7, -5], np.array([7], "uint8"), [1]),
    ([True, False], [False, True], [2, 1]),
    (np.array(["a", "b"]), np.array(["b"]), [2]),
    (np.array([3, 4]), np.array([4]), [2]),
]


@pytest.mark.parametrize(("labels", "inputs", "expected"), CASES)
def test_label_becomes_its_place_in_the_list(labels, inputs, expected):
    assert ClassEncoder(labels)(inputs).numpy().tolist() == expected


def test_labels_come_ragged_if_so_wanted():
    ids = ClassEncoder(["a", "b"], output="ragged")([["b"], ["a", "a"]])
    assert ids.to_list() == [[2], [1, 1]]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(-(2**60), 2**60), unique=True, min_size=1))
def test_decode_undoes_encode(labels):
    encoder = ClassEncoder(labels)
    assert encoder.decode(encoder(labels)) == labels


DECODES = [
    (2, "b"),
    ([2, 0, 1], ["b", "a"]),
    ([[1], [], [2, 2]], [["a"], [], ["b", "b"]]),
]


@pytest.mark.parametrize(("ids", "expected"), DECODES)
def test_decode_keeps_the_nesting_and_drops_padding(ids, expected):
    assert ClassEncoder(["a", "b"]).decode(ids) == expected


@pytest.mark.parametrize("id", [3, -1])
def test_id_without_a_label_is_refused(id):
    with pytest.raises(
        ValueError, match=rf"^ids must be in 1..2, or 0 for padding. Got {id}.$"
    ):
        ClassEncoder(["a", "b"]).decode([1, id])


def test_there_is_no_row_for_unknown_labels():
    encoder = ClassEncoder(["a", "b"])
    assert (encoder.n, encoder.vocabulary) == (2, ("a", "b"))


MANY = ", ".join(f"'{number}'" for number in range(10))

UNKNOWN = [
    (["a", "b"], "c", "labels must be among 'a', 'b'. Got 'c'."),
    (["a"], [["a", "B"]], "labels must be among 'a'. Got 'B' at position (0, 1)."),
    ([7, 5], [[7], [5, 6]], "labels must be among 7, 5. Got 6 at position (1, 1)."),
    ([True], [False], "labels must be among True. Got False at position (0,)."),
    (
        list(map(str, range(12))),
        "x",
        f"labels must be among {MANY} and 2 more. Got 'x'.",
    ),
]


@pytest.mark.parametrize(("labels", "inputs", "message"), UNKNOWN)
def test_unknown_label_is_refused(labels, inputs, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        ClassEncoder(labels)(inputs)


def test_unknown_label_in_a_dataset_is_an_invalid_argument():
    data = tf.data.Dataset.from_tensors(["a", "c"]).map(ClassEncoder(["a", "b"]))
    with pytest.raises(
        tf.errors.InvalidArgumentError, match=r"\[c\] \[at position\] \[1\]"
    ):
        list(data)


KINDS = [
    (["a"], [1], "ClassEncoder takes string. Got int64."),
    ([1], ["a"], "ClassEncoder takes int64. Got string."),
    ([1], [1.0], "ClassEncoder takes int64. Got float64."),
    ([True], [1], "ClassEncoder takes bool. Got int64."),
]


@pytest.mark.parametrize(("labels", "inputs", "message"), KINDS)
def test_label_of_another_kind_is_refused(labels, inputs, message):
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        ClassEncoder(labels)(inputs)


LABELS = [
    ([], ValueError, "labels must hold at least one label. Got none."),
    (["a", "a"], ValueError, "labels must differ. Got 'a' at 1 and at 2."),
    (
        ["a", 1],
        TypeError,
        "labels must be all str, all int or all bool. Got int, str.",
    ),
    ({"a": 1}, TypeError, "labels must be a list. Got {'a': 1} (dict)."),
    (None, TypeError, "labels must be a list. Got None (NoneType)."),
    ({"a"}, TypeError, "labels must be a list. Got {'a'} (set)."),
    ([2**63], ValueError, f"labels must fit into 64 bits. Got {2**63}."),
    ([1.5], TypeError, "labels must be all str, all int or all bool. Got float."),
]


@pytest.mark.parametrize(("labels", "error", "message"), LABELS)
def test_bad_labels_are_refused(labels, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        ClassEncoder(labels)
