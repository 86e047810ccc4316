"""Layers and encoders that travel: configs, clones, pickles, files."""

import copy
import gc
import json
import pickle
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_wembed
from keras_wembed import (
    SIF,
    CharacterEncoder,
    ClassEncoder,
    EmbeddingLayer,
    Pooling,
    TokenEncoder,
)

ODD = ["\x85", "\u2028", "\u00a0", " ", "\x1c", "a", "\ufffd", "é"]
MANY = [f"token{number}" for number in range(3000)]

ENCODERS = {
    "tokens": (lambda: TokenEncoder(["the", "cat"]), ["the cat", "a dog sat"]),
    "many tokens": (lambda: TokenEncoder(MANY), ["token7 token2999", "token"]),
    "odd tokens": (lambda: TokenEncoder(ODD, split=None), [ODD, ODD[::-1]]),
    "pattern": (
        lambda: TokenEncoder(
            ["the", "cat"], split=__import__("re").compile(r"\s*,\s*")
        ),
        ["the , cat"],
    ),
    "characters": (
        lambda: CharacterEncoder(["abc", range(48, 58), "[:rest:]"]),
        ["a1", "zz"],
    ),
    "labels": (lambda: ClassEncoder(["a", "b\nc"]), ["b\nc", "a"]),
    "numbers": (lambda: ClassEncoder([7, 5]), [5, 7, 5]),
    "booleans": (lambda: ClassEncoder([True, False]), [False]),
}


@pytest.fixture(params=ENCODERS)
def case(request):
    make, inputs = ENCODERS[request.param]
    return EmbeddingLayer(3, input=make()), inputs


def model_of(layer):
    kind = layer.encoder.input_kind
    shape = (None,) if not getattr(layer.encoder, "splits", True) else ()
    inputs = keras.Input(shape, dtype=kind)
    return keras.Model(inputs, layer(inputs))


def same(layer, other, inputs):
    np.testing.assert_array_equal(layer(inputs).numpy(), other(inputs).numpy())
    assert other.encoder.vocabulary == layer.encoder.vocabulary
    assert other.n == layer.n


@pytest.mark.parametrize(
    "copied", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))]
)
def test_copy_gives_the_same_outputs(case, copied):
    layer, inputs = case
    layer(inputs)
    same(layer, copied(layer), inputs)


def test_file_gives_the_same_outputs(case, tmp_path):
    layer, inputs = case
    model_of(layer).save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    same(layer, loaded.layers[-1], inputs)


def test_weights_file_gives_the_same_outputs(case, tmp_path):
    layer, inputs = case
    model = model_of(layer)
    model.save_weights(tmp_path / "model.weights.h5")
    other = keras.models.clone_model(model)
    other.load_weights(tmp_path / "model.weights.h5")
    same(layer, other.layers[-1], inputs)


def test_weights_file_brings_the_vocabulary(tmp_path):
    model = model_of(EmbeddingLayer(3, input=TokenEncoder(["the", "cat", "sat"])))
    model.save_weights(tmp_path / "model.weights.h5")
    other = model_of(EmbeddingLayer(3, input=TokenEncoder(["x", "y", "z"])))
    other.load_weights(tmp_path / "model.weights.h5")
    same(model.layers[-1], other.layers[-1], ["cat sat"])


def test_weights_file_brings_the_vocabulary_of_a_keras_lookup(tmp_path):
    model = model_of_texts(EmbeddingLayer(3, input=adapted(["the cat sat"])))
    model.save_weights(tmp_path / "model.weights.h5")
    lookup = keras.layers.TextVectorization(vocabulary=["x", "y", "z"])
    other = model_of_texts(EmbeddingLayer(3, input=lookup))
    other.load_weights(tmp_path / "model.weights.h5")
    texts = tf.constant(["cat sat", "dog"])
    np.testing.assert_array_equal(other(texts), model(texts))


def test_weights_of_another_alphabet_are_refused(tmp_path):
    model = model_of(EmbeddingLayer(3, input=CharacterEncoder("abc")))
    model.save_weights(tmp_path / "model.weights.h5")
    other = model_of(EmbeddingLayer(3, input=CharacterEncoder("xyz")))
    with pytest.raises(
        ValueError, match=r"alphabet must be that of the file, 'abc'\. Got 'xyz'"
    ):
        other.load_weights(tmp_path / "model.weights.h5")


def test_model_that_has_run_takes_no_other_vocabulary(tmp_path):
    model = model_of(EmbeddingLayer(3, input=TokenEncoder(["the", "cat", "sat"])))
    model.save_weights(tmp_path / "model.weights.h5")
    other = model_of(EmbeddingLayer(3, input=TokenEncoder(["x", "y", "z"])))
    other.predict(tf.constant(["x"]), verbose=0)
    with pytest.raises(
        ValueError, match="the vocabulary must stay as it is once a graph"
    ):
        other.load_weights(tmp_path / "model.weights.h5")
    model.predict(tf.constant(["cat"]), verbose=0)
    model.load_weights(tmp_path / "model.weights.h5")  # the same one is fine


def model_of_texts(*layers):
    inputs = keras.Input((), dtype="string")
    return keras.Model(inputs, [layer(inputs) for layer in layers])


def adapted(texts):
    lookup = keras.layers.TextVectorization()
    lookup.adapt(texts)
    return lookup


@pytest.mark.parametrize(
    "encoder",
    [TokenEncoder(["the", "cat"]), TokenEncoder(MANY), adapted(["the cat"])],
    ids=["few", "many", "of Keras"],
)
def test_layers_that_share_an_encoder_travel(encoder, tmp_path):
    model = model_of_texts(
        EmbeddingLayer(2, input=encoder), EmbeddingLayer(3, input=encoder)
    )
    texts = tf.constant(["the token7", "dog"])
    model.save(tmp_path / "model.keras")
    for other in (
        keras.models.load_model(tmp_path / "model.keras"),
        copy.deepcopy(model),
        pickle.loads(pickle.dumps(model)),
    ):
        for found, expected in zip(other(texts), model(texts), strict=True):
            np.testing.assert_array_equal(found, expected)
        first, second = other.layers[1:]
        assert first.encoder is second.encoder


SHARED = """
import sys, keras, keras_wembed, tensorflow as tf
model = keras.models.load_model(sys.argv[1])
print([vectors.numpy().tolist() for vectors in model(tf.constant(["token7 dog"]))])
"""


def test_layers_that_share_an_encoder_load_in_another_process(tmp_path):
    encoder = TokenEncoder(MANY)
    model = model_of_texts(
        EmbeddingLayer(2, input=encoder), EmbeddingLayer(3, input=encoder)
    )
    model.save(tmp_path / "model.keras")
    command = [sys.executable, "-c", SHARED, str(tmp_path / "model.keras")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    expected = [
        vectors.numpy().tolist() for vectors in model(tf.constant(["token7 dog"]))
    ]
    assert done.stdout.splitlines()[-1] == repr(expected)


def test_config_and_clone_keep_n_and_vocabulary_with_fresh_weights(case):
    layer, inputs = case
    model = model_of(layer)
    revived = EmbeddingLayer.from_config(layer.get_config())
    cloned = keras.models.clone_model(model).layers[-1]
    through_json = keras.models.model_from_json(model.to_json()).layers[-1]
    for other in (revived, cloned, through_json):
        other(inputs)
        assert other.n == layer.n
        assert other.encoder.vocabulary == layer.encoder.vocabulary
        assert other.encoder is not layer.encoder
        assert not np.array_equal(other.embeddings, layer.embeddings)
        assert np.unique(other.embeddings).size > 1


def test_rows_that_a_file_brings_are_not_drawn_at_random_first(tmp_path):
    class Counted(keras.initializers.RandomUniform):
        calls = 0

        def __call__(self, *args, **kwargs):
            Counted.calls += 1
            return super().__call__(*args, **kwargs)

    layer = EmbeddingLayer(2, 3, embeddings_initializer=Counted())
    model = keras.Sequential([keras.Input((None,), dtype="int64"), layer])
    model.save(tmp_path / "model.keras")
    assert Counted.calls == 1
    with keras.saving.custom_object_scope({"Counted": Counted}):
        again = keras.models.load_model(tmp_path / "model.keras").layers[-1]
        assert Counted.calls == 1
        np.testing.assert_array_equal(again.embeddings, layer.embeddings)
        keras.models.model_from_json(model.to_json())
        assert Counted.calls == 2


def test_large_vocabulary_lies_among_the_weights_and_never_in_the_config(tmp_path):
    model = model_of(EmbeddingLayer(3, input=TokenEncoder(MANY)))
    model.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as archive:
        # For one file more Keras writes all of them to the disk, to load them.
        assert len(archive.namelist()) == 3
        weights = archive.read("model.weights.h5")
        assert b'"token2998",\n"token2999"' in weights
        assert b"token2999" not in archive.read("config.json")
    assert "token2999" not in json.dumps(model.get_config())
    assert len(json.dumps(model.get_config())) < 4000


def test_unbuilt_layer_travels():
    layer = EmbeddingLayer(3, 2)
    assert pickle.loads(pickle.dumps(layer)).n == 2


def test_layer_made_of_weights_travels_before_it_is_called(tmp_path):
    layer = EmbeddingLayer(weights=[[1.0], [2.0]])
    again = pickle.loads(pickle.dumps(layer))
    assert again([2, 1]).numpy().tolist() == [[2.0], [1.0]]


def test_arguments_stand_in_the_config():
    layer = EmbeddingLayer(
        3,
        2,
        input=("varying", 2),
        output="ragged",
        embeddings_initializer=keras.initializers.Constant(2.0),
        embeddings_regularizer="l2",
        embeddings_constraint="non_neg",
        trainable=False,
        dtype="mixed_float16",
        name="mine",
    )
    config = json.loads(json.dumps(layer.get_config()))
    again = EmbeddingLayer.from_config(config)
    assert again.get_config() == layer.get_config()
    assert (again.name, again.trainable, again.output_form) == ("mine", False, "ragged")
    assert again([[1, 2]]).dtype == tf.float16
    assert again.embeddings.numpy().tolist() == [[2.0] * 3] * 2


LOADS = """
import sys, keras, tensorflow as tf
import keras_wembed
model = keras.models.load_model(sys.argv[1])
print(repr(model.predict(tf.constant(["the cat", "dog"]), verbose=0).tolist()))
"""


def test_file_loads_in_another_process(tmp_path):
    model = model_of(EmbeddingLayer(3, input=TokenEncoder(["the", "cat", *MANY])))
    path = tmp_path / "model.keras"
    model.save(path)
    command = [sys.executable, "-c", LOADS, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    expected = model.predict(tf.constant(["the cat", "dog"]), verbose=0).tolist()
    assert done.stdout.strip().splitlines()[-1] == repr(expected)


SERVES = """
import sys
sys.modules["keras_wembed"] = None  # so that importing it fails
import tensorflow as tf
model = tf.saved_model.load(sys.argv[1])
text = tf.constant(["the cat", "dog"])
print(repr(model.signatures["serving_default"](text)["output_0"].numpy().tolist()))
"""


@pytest.mark.parametrize("kind", ["export", "saved_model"])
def test_saved_model_serves_strings_without_this_package(kind, tmp_path):
    model = model_of(EmbeddingLayer(3, input=TokenEncoder(["the", "cat", *MANY])))
    if kind == "export":
        model.export(tmp_path / "served", verbose=False)
    else:
        tf.saved_model.save(model, str(tmp_path / "served"))
    command = [sys.executable, "-c", SERVES, str(tmp_path / "served")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    expected = model.predict(tf.constant(["the cat", "dog"]), verbose=0).tolist()
    assert done.stdout.strip().splitlines()[-1] == repr(expected)


class Texts(keras.Model):
    """A subclassed model: Keras traces it with floats when it saves it."""

    def __init__(self, encoder, **kwargs):
        super().__init__(**kwargs)
        self.embedding = EmbeddingLayer(3, input=encoder)

    def call(self, texts):
        return self.embedding(texts)


@pytest.mark.parametrize(
    "encoder",
    [
        TokenEncoder(["the", "cat"]),
        keras.layers.TextVectorization(vocabulary=["the", "cat"]),
    ],
)
def test_subclassed_text_model_becomes_a_saved_model(encoder, tmp_path):
    model = Texts(encoder)
    texts = tf.constant(["the cat", "dog"])
    expected = model(texts).numpy()
    signature = tf.function(model, input_signature=[tf.TensorSpec([None], tf.string)])
    tf.saved_model.save(model, str(tmp_path), signatures=signature)
    served = tf.saved_model.load(str(tmp_path)).signatures["serving_default"]
    (output,) = served(texts).values()
    np.testing.assert_array_equal(output, expected)


def test_classes_are_registered_under_the_name_of_the_package():
    encoders = (TokenEncoder, CharacterEncoder, ClassEncoder)
    for item in (EmbeddingLayer, *encoders, Pooling, SIF):
        name = keras.saving.get_registered_name(item)
        assert name == f"keras_wembed>{item.__name__}"
        assert getattr(keras_wembed, item.__name__) is item


@pytest.mark.parametrize("trainable", [True, False, "new"])
def test_checkpoint_of_a_model_holds_the_rows(trainable, tmp_path):
    model = model_of(
        EmbeddingLayer(
            weights=np.arange(9.0).reshape(3, 3),
            input=TokenEncoder(["the", "cat"]),
            trainable=trainable,
        )
    )
    path = tf.train.Checkpoint(model=model).save(str(tmp_path / "checkpoint"))
    other = keras.models.clone_model(model)
    tf.train.Checkpoint(model=other).restore(path)
    same(model.layers[-1], other.layers[-1], ["the cat", "dog"])


def test_frozen_layer_remembers_that_only_new_rows_were_to_learn(tmp_path):
    encoder = TokenEncoder(["the", "cat"])
    layer = EmbeddingLayer(weights=np.eye(3), input=encoder, trainable="new")
    layer.trainable = False
    model = model_of(layer)
    model.save(tmp_path / "model.keras")
    for other in (
        keras.models.load_model(tmp_path / "model.keras"),
        keras.models.clone_model(model),
    ):
        again = other.layers[-1]
        assert again.trainable is False
        again.trainable = True
        assert again.trainable == "new"
        assert [tuple(rows.shape) for rows in again.trainable_weights] == [(1, 3)]


def test_config_without_its_vocabulary_stays_so():
    config = TokenEncoder([f"{at} of these" for at in range(1500)]).get_config()
    config["vocabulary"] = json.loads(json.dumps(config["vocabulary"]))
    gc.collect()
    encoder = TokenEncoder.from_config(config)
    again = TokenEncoder.from_config(encoder.get_config())
    assert again.get_config() == config
    for other in (encoder, again):
        with pytest.raises(ValueError, match="must have a vocabulary before"):
            other(["0"])


@pytest.mark.filterwarnings("ignore:A total of 1 objects:UserWarning")
@pytest.mark.filterwarnings("ignore:Skipping nested container:UserWarning")
def test_rows_that_are_skipped_keep_their_vocabulary(tmp_path):
    path = tmp_path / "model.weights.h5"
    model_of(EmbeddingLayer(2, input=TokenEncoder(["a", "b"]))).save_weights(path)
    layer = EmbeddingLayer(3, input=TokenEncoder(["q", "r"]))
    model = model_of(layer)
    before = layer("q").numpy()
    model.load_weights(path, skip_mismatch=True)
    assert layer.encoder.vocabulary == ("q", "r")
    np.testing.assert_array_equal(layer("q"), before)
    fits = EmbeddingLayer(2, input=TokenEncoder(["q", "r"]))
    model_of(fits).load_weights(path)
    assert fits.encoder.vocabulary == ("a", "b")


@keras.saving.register_keras_serializable(package="tests")
class Seeded(EmbeddingLayer):
    """Draws its rows again where it is loaded."""

    def save_own_variables(self, store):
        """Writes nothing."""

    def load_own_variables(self, store):
        """Reads nothing."""


def test_subclass_that_reads_no_rows_is_drawn_as_it_says(tmp_path):
    layer = Seeded(2, 3, embeddings_initializer=keras.initializers.RandomNormal(seed=7))
    model = keras.Sequential([keras.Input((None,), dtype="int64"), layer])
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras").layers[-1]
    np.testing.assert_array_equal(again.embeddings, layer.embeddings)
