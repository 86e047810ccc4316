"""The report on a layer."""

import re

import keras
import numpy as np
import pytest

from keras_wembed import EmbeddingLayer, TokenEncoder


@pytest.fixture
def layer():
    layer = EmbeddingLayer(4, 3, input=TokenEncoder(["a", "b"]), name="embed")
    layer.build()
    return layer


def test_report_reads_well(layer):
    assert repr(layer.information()) == (
        "EmbeddingLayer 'embed': 3 rows of size 4\n"
        "  input   TokenEncoder to ids 1..3\n"
        "  output  vectors of size 4, auto\n"
        "  array   embeddings  float32  3 x 4  48 B  trainable"
    )


def test_report_says_that_a_layer_has_no_arrays_yet():
    assert repr(EmbeddingLayer(4, input=("varying", 2), name="e").information()) == (
        "EmbeddingLayer 'e': an unknown number of rows of size 4\n"
        "  input   ids, ('varying', 2)\n"
        "  output  vectors of size 4, auto\n"
        "  no arrays yet: they are made when the layer is first called"
    )


VALUES = {
    "ArraysByteCounts": {"embeddings": 48},
    "ArraysCount": 1,
    "ArraysDimensions": {"embeddings": (3, 4)},
    "ArraysElementCounts": {"embeddings": 12},
    "ArraysLearningRateMultipliers": {"embeddings": 1.0},
    "ArraysPositionList": ["embeddings"],
    "ArraysSizes": {"embeddings": 12},
    "ArraysTotalByteCount": 48,
    "ArraysTotalElementCount": 12,
    "ArraysTotalSize": "48 B",
    "InputForm": "EmbeddingLayer(size=4, n=3, input='TokenEncoder')",
    "InputPortNames": ["inputs"],
    "InputPorts": {"inputs": "TokenEncoder to ids 1..3"},
    "LayersCount": 2,
    "LayerTypeCounts": {"EmbeddingLayer": 1, "TokenEncoder": 1},
    "OutputPortNames": ["vectors"],
    "OutputPorts": {"vectors": "vectors of size 4, auto"},
    "RecurrentStatesCount": 0,
    "RecurrentStatesPositionList": [],
    "SharedArraysCount": 0,
    "SummaryGraphic": "EmbeddingLayer 'embed': 3 rows of size 4",
}


@pytest.mark.parametrize("name", VALUES)
def test_property_has_its_value(layer, name):
    assert layer.information(name) == VALUES[name]


def test_arrays_are_the_rows(layer):
    rows = layer.embeddings.numpy()
    np.testing.assert_array_equal(layer.information("Arrays")["embeddings"], rows)
    np.testing.assert_array_equal(layer.information("ArraysList")[0], rows)


def test_layers_hold_the_encoder(layer):
    assert layer.information("LayersList") == [layer, layer.encoder]
    assert layer.information("Layers")["embed"] is layer
    assert layer.information("LayersGraph") == [(layer.encoder.name, "embed")]


def test_frozen_array_has_the_multiplier_0(layer):
    layer.trainable = False
    multipliers = layer.information("ArraysLearningRateMultipliers")
    assert multipliers == {"embeddings": 0.0}
    assert repr(layer.information()).endswith("frozen")


def test_topology_hash_tells_layers_apart_but_not_their_names():
    one, same, other = EmbeddingLayer(4, 3), EmbeddingLayer(4, 3), EmbeddingLayer(4, 2)
    assert one.information("TopologyHash") == same.information("TopologyHash")
    assert one.information("TopologyHash") != other.information("TopologyHash")


def test_every_property_gives_a_value(layer):
    names = layer.information("Properties")
    assert set(VALUES) < set(names)
    for name in names:
        assert layer.information(name) is not None


def test_large_tables_are_counted_in_larger_units():
    layer = EmbeddingLayer(100, 10_000)
    layer.build()
    assert layer.information("ArraysTotalSize") == "3.8 MiB"


def test_unknown_property_is_refused(layer):
    with pytest.raises(
        ValueError, match=r"^property must be one of 'Arrays', "
    ) as error:
        layer.information("ArrayCount")
    assert str(error.value).endswith("Got 'ArrayCount'. Did you mean 'ArraysCount'?")
    assert re.search("'TopologyHash'", str(error.value))


def test_report_works_on_a_keras_lookup():
    layer = EmbeddingLayer(2, input=keras.layers.StringLookup(vocabulary=["a"]))
    assert "StringLookup to ids 1..2" in repr(layer.information())
