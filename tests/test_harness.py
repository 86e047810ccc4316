"""The layer under the harness that Keras tests its own layers with."""

import keras
import pytest
import tensorflow as tf
from keras.src.testing import TestCase

from keras_wembed import (
    SIF,
    CharacterEncoder,
    ClassEncoder,
    EmbeddingLayer,
    Pooling,
    TokenEncoder,
)

run = TestCase("run_layer_test").run_layer_test

# The harness feeds `fit` a generator, and `fit` says that it cannot shuffle one.
pytestmark = pytest.mark.filterwarnings("ignore:`shuffle=True` was passed:UserWarning")

CASES = {
    "dense": (
        {"size": 4, "n": 3},
        {"input_data": tf.constant([[1, 2, 3], [3, 0, 0]])},
        (2, 3, 4),
    ),
    "ragged": (
        {"size": 4, "n": 3},
        {
            "input_data": tf.ragged.constant([[1, 2, 3], [3]]),
            "input_ragged": True,
            "expected_output_ragged": True,
        },
        (2, None, 4),
    ),
    "ragged to padded": (
        {"size": 4, "n": 3, "output": "padded"},
        {"input_data": tf.ragged.constant([[1, 2, 3], [3]]), "input_ragged": True},
        (2, None, 4),
    ),
    "text": (
        {"size": 4, "input": TokenEncoder(["the", "cat"])},
        {"input_data": tf.constant(["the cat", "a dog sat"])},
        (2, None, 4),
    ),
    "characters": (
        {"size": 2, "input": CharacterEncoder(length=5)},
        {"input_data": tf.constant(["the cat", "a"])},
        (2, 5, 2),
    ),
    "labels": (
        {"size": 2, "input": ClassEncoder(["a", "b"])},
        {"input_data": tf.constant([["a"], ["b"]])},
        (2, 1, 2),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_layer_passes_the_harness_of_keras(case):
    arguments, data, shape = CASES[case]
    run(
        EmbeddingLayer,
        init_kwargs=arguments,
        expected_output_shape=shape,
        expected_output_dtype="float32",
        expected_num_trainable_weights=1,
        expected_num_non_trainable_weights=0,
        expected_num_losses=0,
        supports_masking=True,
        **data,
    )


SMALL = {
    "int8, new rows learn": ({"dtype": "int8", "trainable": "new"}, (1, 0)),
    "int8, adapted": ({"dtype": "int8", "lora_rank": 2, "trainable": False}, (2, 2)),
    "adapted": ({"lora_rank": 2}, (2, 1)),
}


@pytest.mark.parametrize("case", SMALL)
def test_layer_with_small_or_adapted_rows_passes_the_harness(case):
    more, (trainable, frozen) = SMALL[case]
    arguments, data, shape = CASES["dense"]
    run(
        EmbeddingLayer,
        init_kwargs=arguments | more,
        expected_output_shape=shape,
        expected_output_dtype="float32",
        expected_num_trainable_weights=trainable,
        expected_num_non_trainable_weights=frozen,
        expected_num_losses=0,
        supports_masking=True,
        **data,
    )


def test_harness_sees_a_wrong_shape():
    arguments, data, _ = CASES["dense"]
    with pytest.raises(AssertionError, match="Expected output shapes"):
        run(EmbeddingLayer, arguments, expected_output_shape=(2, 3, 5), **data)


ENCODERS = {
    "tokens": (
        TokenEncoder,
        {"vocabulary": ["the", "cat"]},
        ["the cat", "a"],
        (2, None),
    ),
    "characters": (CharacterEncoder, {}, ["the cat", "a"], (2, None)),
    "labels": (ClassEncoder, {"labels": ["a", "b"]}, ["a", "b"], (2,)),
    "numbers": (ClassEncoder, {"labels": [5, 7]}, [7, 5], (2,)),
}


@pytest.mark.parametrize("case", ENCODERS)
def test_encoder_passes_the_harness_of_keras(case):
    encoder, arguments, data, shape = ENCODERS[case]
    run(
        encoder,
        init_kwargs=arguments,
        input_data=tf.constant(data),
        expected_output_shape=shape,
        expected_output_dtype="int64",
        run_training_check=False,
    )


POOLINGS = {
    "padded": {"input_shape": (2, 3, 4)},
    "ragged": {
        "input_data": tf.ragged.constant([[[1.0] * 4] * 3, []], ragged_rank=1),
        "input_ragged": True,
    },
    "documents": {"input_shape": (2, 4, 3, 4), "expected_output_shape": (2, 4, 4)},
}


@pytest.mark.filterwarnings("ignore:The model does not have any trainable weights")
@pytest.mark.parametrize("mode", ["mean", "sum", "max", "sqrtn"])
@pytest.mark.parametrize("case", POOLINGS)
def test_pooling_passes_the_harness_of_keras(case, mode):
    run(
        Pooling,
        init_kwargs={"mode": mode},
        expected_output_dtype="float32",
        expected_num_trainable_weights=0,
        expected_num_non_trainable_weights=0,
        expected_num_losses=0,
        supports_masking=True,
        **{"expected_output_shape": (2, 4), **POOLINGS[case]},
    )


def test_sif_passes_the_harness_of_keras():
    encoder = TokenEncoder(["the", "cat"])
    run(
        SIF,
        init_kwargs={"embedding": EmbeddingLayer(4, input=encoder), "a": 0.01},
        input_data=tf.constant(["the cat", "a dog sat"]),
        expected_output_shape=(2, 4),
        expected_output_dtype="float32",
        expected_num_trainable_weights=1,
        expected_num_non_trainable_weights=2,
        expected_num_losses=0,
        supports_masking=True,
    )


def test_keras_version_is_the_one_the_layer_is_written_for():
    assert tuple(map(int, keras.__version__.split(".")[:2])) >= (3, 15)
