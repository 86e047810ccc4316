"""Labels to ids."""

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_wembed.encoders.encoder import Encoder
from keras_wembed.inputs import shaped
from keras_wembed.lookup import checked
from keras_wembed.vocabulary import Token, Vocabulary, is_digest, plain

_SHOWN = 10  # labels that an error lists


@keras.saving.register_keras_serializable(package="keras_wembed")
class ClassEncoder(Encoder):
    """A layer that turns labels into their ids, 1 to n.

    A label that is not in the list is an error: there is no row for unknown ones.

    Args:
        labels: The labels in the order of their ids; all str, all int or all bool.
        **kwargs: For `keras.layers.Layer`, and `output`, as for the other encoders.

    Shapes:
        input: any, ragged or dense
        output: as the input's

    Raises:
        TypeError: If labels are of another kind, or mixed.
        ValueError: If there are none, or one stands twice. When called: if a label is
            not in the list (`InvalidArgumentError` in a graph).

    >>> encoder = ClassEncoder(["a", "b", "c"])
    >>> encoder(["a", "b", "a", "c"]).numpy().tolist()
    [1, 2, 1, 3]
    >>> encoder.decode([3, 1])
    ['c', 'a']
    """

    def __init__(self, labels: Iterable[Token], **kwargs: Any):
        vocabulary = labels if is_digest(labels) else _vocabulary(labels)
        super().__init__(vocabulary, **kwargs)

    @property
    def input_kind(self) -> str:
        if self._vocabulary is None:
            return "string"  # Only labels in great number travel without their names.
        kind = type(self._vocabulary.tokens[0])
        return {str: "string", int: "int64", bool: "bool"}[kind]

    @property
    def is_text(self) -> bool:
        return False

    @property
    def _unknown_rows(self) -> int:
        return 0

    def _entries(self) -> tuple[Any, np.ndarray]:
        keys, ids = super()._entries()
        return (tf.cast(keys, tf.int64) if keys.dtype == tf.bool else keys), ids

    def encode(self, inputs: Any, output: str) -> Any:
        ids = tf.ragged.map_flat_values(self._ids, inputs)
        flat = ids.flat_values if isinstance(ids, tf.RaggedTensor) else ids
        rule = f"labels must be among {self._shown()}."
        return shaped(checked(inputs, flat < 0, rule, ids=ids), output)

    def _ids(self, labels: tf.Tensor) -> tf.Tensor:
        keys = tf.cast(labels, tf.int64) if labels.dtype == tf.bool else labels
        return self._look_up(keys)

    def _shown(self) -> str:
        labels = ", ".join(map(repr, self.vocabulary[:_SHOWN]))
        more = self.n - _SHOWN
        return f"{labels} and {more} more" if more > 0 else labels

    def _token_of(self, id: int) -> Token:
        return self._known().token(id)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "labels": self._vocabulary_config()}


def _vocabulary(labels: Any) -> Vocabulary:
    tokens = plain("labels", labels)
    if not tokens:
        raise ValueError("labels must hold at least one label. Got none.")
    return Vocabulary(tokens, "labels")
