"""What a text model needs in order to be served: TensorFlow and nothing else."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from keras_wembed.embedding import EmbeddingLayer
from keras_wembed.encoders.fallback import FALLBACKS
from keras_wembed.encoders.splitting import NAMES
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.pooling import Pooling
from keras_wembed.sif import SIF
from keras_wembed.subwords import Subwords

# All that the text models below are made of. TensorFlow Serving has each of them.
LIST = Path(__file__).parent / "data" / "stock_operations.txt"
STOCK = set(LIST.read_text().split())

VOCABULARY = ["new_york_city", "the", "The", "don't", "n't", "do", "##", "0"]


def layer(split):
    encoder = TokenEncoder(VOCABULARY, split=split, fallback=FALLBACKS)
    return EmbeddingLayer(
        weights=np.arange(18.0, dtype=np.float32).reshape(9, 2),
        input=encoder,
        subwords=Subwords(np.arange(22.0, dtype=np.float32).reshape(11, 2), 3, 6),
    )


def exported(split, folder):
    """A text model in a folder, without this package or Keras."""
    model = tf.Module()
    model.layer = layer(split)
    model.layer("")
    model.serve = tf.function(
        lambda texts: model.layer(texts),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    tf.saved_model.save(model, str(folder), signatures={"serve": model.serve})
    return tf.saved_model.load(str(folder))


def operations(folder):
    """The operations of a saved model, those within functions too."""
    saved = SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    for graph in (meta.graph_def for meta in saved.meta_graphs):
        yield from (node.op for node in graph.node)
        for function in graph.library.function:
            yield from (node.op for node in function.node_def)


@pytest.fixture(scope="module", params=NAMES)
def saved(request, tmp_path_factory):
    """A text model, where it is saved, and what came back from there."""
    folder = tmp_path_factory.mktemp(request.param)
    return layer(request.param), folder, exported(request.param, folder)


def test_exported_text_model_is_made_of_stock_operations(saved):
    _, folder, _ = saved
    assert set(operations(folder)) - STOCK == set()


def test_exported_text_model_gives_what_the_layer_gives(saved):
    here, _, there = saved

    @settings(max_examples=10, deadline=None)
    @given(st.lists(st.text(max_size=30) | st.binary(max_size=20), max_size=4))
    def agree(texts):
        batch = tf.constant(texts, tf.string)
        np.testing.assert_array_equal(here(batch), there.serve(batch))

    agree()


def test_pooled_text_model_is_made_of_stock_operations(tmp_path):
    text = keras.Input((), dtype="string")
    inner = EmbeddingLayer(2, input=TokenEncoder(VOCABULARY, split="whitespace"))
    vectors = inner(text)
    modes = ["mean", "sum", "max", "sqrtn"]
    outputs = [SIF(inner)(text), *(Pooling(mode)(vectors) for mode in modes)]
    keras.Model(text, outputs).export(tmp_path, verbose=False)
    assert set(operations(tmp_path)) - STOCK == set()


def test_operations_of_others_would_be_seen(tmp_path):
    model = tf.Module()
    model.serve = tf.function(
        lambda x: tf.py_function(lambda x: x, [x], tf.string),
        input_signature=[tf.TensorSpec([None], tf.string)],
    )
    tf.saved_model.save(model, str(tmp_path))
    assert set(operations(tmp_path)) - STOCK == {"EagerPyFunc"}
