"""What class, character and token encoders share: a vocabulary, its table, its file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_wembed.choices import one_of
from keras_wembed.encoders.decoding import decoded, listed
from keras_wembed.encoders.token_table import fits_a_file, in_file, in_memory
from keras_wembed.inputs import as_tensor, of_kind
from keras_wembed.loading import mark_as_shared
from keras_wembed.messages import as_written
from keras_wembed.vocabulary import Token, Vocabulary, is_digest, recall

Shape = tuple[int | None, ...]

OUTPUTS = ("padded", "ragged")


class Encoder(keras.layers.Layer):
    """A layer that turns what it knows into ids, 1 to n, in the graph.

    Its vocabulary lies among the weights in a `.keras` archive and in `.weights.h5`.

    Args:
        vocabulary: The tokens that it knows, or what `Vocabulary.get_config` gave.
        output: `"padded"` or `"ragged"`: what a call on texts gives.
        **kwargs: For `keras.layers.Layer`.
    """

    def __init__(self, vocabulary: Any, *, output: str = "padded", **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.output_form = one_of("output", output, OUTPUTS)
        self.supports_jit = False  # XLA has neither strings nor tables.
        self._table: Any = None
        self._digest = vocabulary if is_digest(vocabulary) else None
        self._vocabulary = recall(vocabulary)
        self._has_layer = False  # whether rows of a layer stand for the tokens
        self._is_traced = False  # whether a graph holds the table
        self._keeps_vocabulary = False  # whatever a file says

    @property
    def input_kind(self) -> str:
        """The dtype of what is encoded: `"string"`, `"int64"` or `"bool"`."""
        return "string"

    @property
    def compute_dtype(self) -> str:
        """What Keras makes the `Input` of where it makes one itself."""
        return self.input_kind

    @property
    def variable_dtype(self) -> str:
        """As `compute_dtype`: there are no variables."""
        return self.input_kind

    @property
    def vocabulary(self) -> tuple[Token, ...]:
        """The tokens that the encoder knows, in the order of their ids.

        Raises:
            ValueError: If there is no vocabulary yet.
        """
        return self._known().tokens

    @property
    def n(self) -> int:
        """The number of ids, that of unknown tokens included."""
        return len(self._known()) + self._unknown_rows

    @property
    def is_ready(self) -> bool:
        """Whether there is a vocabulary."""
        if self._vocabulary is None:
            # Keras loads what two layers share once; by its digest both find it.
            self._vocabulary = recall(self._digest)
        return self._vocabulary is not None

    def row_tokens(self) -> list[Token | None]:
        """The token of each row; None where a row is for unknown tokens.

        No property: of these Keras reads each one whenever it saves or loads a layer.
        """
        return [*self.vocabulary, *[None] * self._unknown_rows]

    @property
    def is_text(self) -> bool:
        """Whether the encoder splits texts, or knows an id for unknown tokens."""
        return True

    @property
    def _unknown_rows(self) -> int:
        return 1

    def _known(self) -> Vocabulary:
        if not self.is_ready or self._vocabulary is None:
            raise ValueError(
                f"{type(self).__name__} must have a vocabulary before it is used. Got "
                "none. Adapt it, or load the file that its config was saved with."
            )
        return self._vocabulary

    def hold(self) -> None:
        """Tells that a layer is built, whose rows stand for the tokens."""
        self._has_layer = True

    @contextmanager
    def taking_rows(self) -> Iterator[None]:
        """Tells that a layer takes its rows from a file.

        If it fails, the vocabulary of the file is not taken either. Keras goes on with
        it all the same where it is to skip what does not fit.
        """
        self._keeps_vocabulary = True
        yield
        self._keeps_vocabulary = False

    def _set_vocabulary(self, vocabulary: Vocabulary) -> None:
        old = self._vocabulary
        if self._is_traced and (old is None or old.tokens != vocabulary.tokens):
            raise ValueError(
                "the vocabulary must stay as it is once a graph holds it (a tf.data "
                "pipeline, or a model that has run). Got another. Make the encoder, "
                "and its model, anew."
            )
        self._vocabulary = vocabulary
        self._table = None

    def _look_up(self, tokens: tf.Tensor) -> tf.Tensor:
        """The ids of a dense tensor of tokens, `_missing` for those without."""
        self._is_traced = self._is_traced or not tf.executing_eagerly()
        if self._table is None:
            with tf.init_scope():
                self._table = in_memory(*self._entries(), self._missing)
        return self._table.lookup(tokens)

    @contextmanager
    def served(self, file: Path) -> Iterator[None]:
        """As it is in an exported model: for UTF-8 alone, with its table in a file.

        Args:
            file: Where the vocabulary is written, for the SavedModel to take along.
        """
        before = self._table
        with tf.init_scope():
            keys, ids = self._entries()
            if fits_a_file(keys):
                about = self._missing, self.vocabulary
                self._table = in_file(keys, ids, *about, file)
        try:
            yield
        finally:
            self._table = before

    @property
    def _missing(self) -> int:
        """What the table gives for a token that it lacks."""
        return -1

    def _entries(self) -> tuple[Any, np.ndarray]:
        """The keys of the table and their ids."""
        known = self._known()
        return tf.constant(known.tokens, self.input_kind, [len(known)]), known.ids

    def encode(self, inputs: Any, output: str) -> Any:
        """The ids of a tensor of tokens or texts; each encoder says which."""
        raise NotImplementedError

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        inputs = as_tensor(inputs, empty=self.input_kind)
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: Any) -> Any:
        with as_written():
            inputs = of_kind(self.input_kind, inputs, type(self).__name__)
            return self.encode(inputs, self.output_form)

    def build(self, input_shape: Any = None) -> None:
        self.built = True

    def output_shape_of(self, shape: Shape, output: str) -> Shape:
        """The shape of the ids of inputs of a shape."""
        return shape

    def serialize(self) -> Any:
        """The encoder as a config holds it."""
        config = keras.saving.serialize_keras_object(self)
        mark_as_shared(config, self)
        return config

    def compute_output_shape(self, input_shape: Any) -> Shape:
        return self.output_shape_of(tuple(input_shape), self.output_form)

    def compute_output_spec(self, inputs: Any) -> keras.KerasTensor:
        shape = self.output_shape_of(tuple(inputs.shape), self.output_form)
        ragged = len(shape) > 1 and (
            self.output_form == "ragged" or bool(inputs.ragged and not self.is_text)
        )
        return keras.KerasTensor(shape, "int64", ragged=ragged)

    def decode(self, ids: Any) -> Any:
        """What ids stand for, nested as they are; 0 is dropped.

        Raises:
            TypeError: If ids are no integers.
            ValueError: If an id is not in 1..n.
        """
        return self._joined(decoded(listed(ids, n=self.n), self._token_of))

    def _joined(self, tokens: Any) -> Any:
        return tokens

    def _token_of(self, id: int) -> Token:
        return "<unk>" if id == self.n else self._known().token(id)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output": self.output_form}

    def _vocabulary_config(self) -> Any:
        known = self._vocabulary
        return self._digest if known is None else known.get_config()

    # Among the weights, for `.weights.h5` holds no files; and for the sake of one in
    # a `.keras` archive Keras would write all of it to the disk before it loads it.
    def save_own_variables(self, store: Any) -> None:
        if self._vocabulary is not None:
            data = np.frombuffer(self._vocabulary.to_json(), np.uint8)
            store["vocabulary"] = data

    def load_own_variables(self, store: Any) -> None:
        if "vocabulary" in store:
            self._load(np.asarray(store["vocabulary"]).tobytes())

    def _load(self, data: bytes) -> None:
        if self._keeps_vocabulary:
            return
        if self._vocabulary is None or self._vocabulary.to_json() != data:
            self._set_vocabulary(Vocabulary.from_json(data).named())
