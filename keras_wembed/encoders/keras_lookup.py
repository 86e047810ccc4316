"""Keras's own text and lookup layers, attached as they are."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_wembed.encoders.encoder import Shape
from keras_wembed.inputs import shaped
from keras_wembed.loading import mark_as_shared
from keras_wembed.vocabulary import Vocabulary, plain, recall

KERAS_LOOKUPS = (
    keras.layers.TextVectorization,
    keras.layers.StringLookup,
    keras.layers.IntegerLookup,
)


class KerasLookup:
    """What `EmbeddingLayer` asks of an encoder, answered by a Keras lookup layer.

    With a mask token the layer's ids are ours: 0 is padding. Without one they start at
    0, so each is one more here. Its unknown rows stay first.

    Args:
        layer: A `TextVectorization`, `StringLookup` or `IntegerLookup`.

    Raises:
        ValueError: If it gives something else than ids.
    """

    def __init__(self, layer: Any):
        lookup = getattr(layer, "_lookup_layer", layer)
        if lookup.output_mode != "int" or lookup.invert:
            raise ValueError(
                'input must give ids: output_mode="int" and invert=False. Got '
                f"output_mode={lookup.output_mode!r} and invert={lookup.invert}."
            )
        self.layer = layer
        self._lookup = lookup
        self._shift = 1 if lookup.mask_token is None else 0

    @property
    def n(self) -> int:
        """The number of ids, those of unknown tokens included."""
        return self._size() - 1 + self._shift

    def _size(self) -> int:
        with tf.init_scope():  # In a graph the size would be a tensor.
            return int(self._lookup.vocabulary_size())

    @property
    def is_ready(self) -> bool:
        """Whether there is a vocabulary."""
        special = self._lookup.num_oov_indices + (self._lookup.mask_token is not None)
        return self._size() > special

    @property
    def input_kind(self) -> str:
        """The dtype of what is encoded."""
        integers = isinstance(self.layer, keras.layers.IntegerLookup)
        return "int64" if integers else "string"

    @property
    def is_text(self) -> bool:
        """Whether the layer splits texts."""
        return isinstance(self.layer, keras.layers.TextVectorization)

    def row_tokens(self) -> list[Any]:
        """The token of each row; None where a row is for unknown tokens."""
        return [None] * self._lookup.num_oov_indices + self._tokens()

    def hold(self) -> None:
        """Keras's layers do not ask who uses them."""

    def save_to(self, store: Any) -> None:
        """Writes the vocabulary, which Keras leaves out of `.weights.h5`."""
        store["vocabulary"] = np.frombuffer(self._vocabulary().to_json(), np.uint8)

    def load_from(self, store: Any) -> None:
        """Undoes `save_to`."""
        if "vocabulary" not in store:
            return
        data = np.asarray(store["vocabulary"]).tobytes()
        if not self.is_ready or self._vocabulary().to_json() != data:
            self.layer.set_vocabulary(list(Vocabulary.from_json(data).tokens))

    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(plain("vocabulary", self._tokens()))

    def _tokens(self) -> list[Any]:
        return self._lookup.get_vocabulary(include_special_tokens=False)

    def encode(self, inputs: Any, output: str) -> Any:
        """The ids of a tensor of texts or tokens."""
        one = self.is_text and inputs.shape.rank == 0
        ids = self.layer(inputs[tf.newaxis] if one else inputs)
        ids = tf.ragged.map_flat_values(lambda ids: tf.cast(ids, tf.int64), ids)
        ids = ids + self._shift if self._shift else ids
        return shaped(ids[0] if one else ids, output)

    def output_shape_of(self, shape: Shape, output: str) -> Shape:
        """The shape of the ids of inputs of a shape."""
        if not self.is_text or (self.layer._split is None and len(shape) == 1):
            return shape
        one = not shape
        given = self.layer.compute_output_shape((1,) if one else shape)
        return tuple(given)[1:] if one else tuple(given)

    def serialize(self) -> dict[str, Any]:
        """The layer as a config holds it, with the vocabulary that it adapted to."""
        config = keras.saving.serialize_keras_object(self.layer)
        mark_as_shared(config, self.layer)
        if self.is_ready and self._lookup.input_vocabulary is None:
            config = {"lookup": config, "vocabulary": self._vocabulary().get_config()}
        return config


def restored(config: dict[str, Any]) -> Any:
    """The encoder that a config describes; it undoes `serialize`."""
    if "lookup" not in config:
        return keras.saving.deserialize_keras_object(config)
    layer = keras.saving.deserialize_keras_object(config["lookup"])
    vocabulary = recall(config["vocabulary"])
    if vocabulary is not None and not KerasLookup(layer).is_ready:
        layer.set_vocabulary(list(vocabulary.tokens))
    return layer
