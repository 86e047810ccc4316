"""The input of a layer that carries an encoder."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_wembed.encoders.encoder import Encoder
from keras_wembed.encoders.keras_lookup import KerasLookup
from keras_wembed.encoders.ngrams import NGrams
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.inputs import of_kind, shaped
from keras_wembed.lookup import check_ids
from keras_wembed.new_rows import NewRows
from keras_wembed.rows import Rows, aligned
from keras_wembed.shape_port import ShapePort, as_int64, symbolic_ids
from keras_wembed.vectors import WordVectors


@dataclass(frozen=True)
class EncoderPort:
    """Takes what an encoder encodes; integers, unless it encodes these, are ids.

    Attributes:
        encoder: The layer that the user gave.
        adapter: The same, as this package sees encoders.
    """

    encoder: Any
    adapter: Any

    supports_jit = False

    @property
    def kind(self) -> str:
        """The dtype of what arrives."""
        return self.adapter.input_kind

    @property
    def n(self) -> int | None:
        """The number of ids, or None while the encoder has no vocabulary."""
        return self.adapter.n if self.adapter.is_ready else None

    def ids(self, inputs: Any, output: str, *, n: int, hint: str) -> Any:
        """The ids of what arrives, dense or ragged as `output` wants them."""
        return self.ids_and_buckets(inputs, output, None, n=n, hint=hint)[0]

    def ids_and_buckets(
        self, inputs: Any, output: str, ngrams: NGrams | None, *, n: int, hint: str
    ) -> tuple[Any, Any]:
        """The ids, and the buckets of the n-grams of tokens that have none."""
        if self._are_ids(inputs.dtype):
            return shaped(check_ids(as_int64(inputs), n=n, hint=hint), output), None
        self._check_ready()
        if self.adapter.n != n:
            raise ValueError(
                f"the encoder must have the n that the layer was built with, {n}. Got "
                f"{self.adapter.n}. Adapt it before the layer is called first."
            )
        inputs = of_kind(self.kind, inputs, self._taker())
        output = self._output(output)
        if ngrams is not None and isinstance(self.adapter, TokenEncoder):
            return ngrams.unknown(self.adapter, inputs, output)
        return self.adapter.encode(inputs, output), None

    def _check_ready(self) -> None:
        if not self.adapter.is_ready:
            raise ValueError(
                f"{type(self.encoder).__name__} must have a vocabulary before it is "
                "used. Got none. Adapt it, or load the file that its config was saved "
                "with."
            )

    def _are_ids(self, dtype: Any) -> bool:
        return tf.as_dtype(dtype).is_integer and self.kind != "int64"

    def _taker(self) -> str:
        return f"EmbeddingLayer with a {type(self.encoder).__name__}"

    def _output(self, output: str) -> str:
        return "padded" if output == "auto" and self.adapter.is_text else output

    def ids_spec(self, inputs: keras.KerasTensor, output: str) -> keras.KerasTensor:
        """The shape and raggedness of the ids of a symbolic input."""
        if self._are_ids(inputs.dtype):
            return ShapePort(None, None).ids_spec(inputs, output)
        output = self._output(output)
        shape = self.adapter.output_shape_of(tuple(inputs.shape), output)
        return symbolic_ids(shape, output, inputs)

    def rows_of(self, vectors: WordVectors) -> Rows:
        """The rows of a layer that starts as these vectors, one for each id.

        Raises:
            ValueError: If the encoder has no vocabulary yet.
        """
        self._check_ready()
        return aligned(vectors, self.adapter.row_tokens())

    def new_rows(self) -> NewRows:
        """Which rows are for unknown tokens."""
        tokens = self.adapter.row_tokens()
        return NewRows.of(np.array([token is None for token in tokens], bool))

    def hold(self) -> None:
        """Tells the encoder that the layer is built."""
        self.adapter.hold()
        # It has nothing to build. `Model.quantize` fails at a layer that is not built.
        self.encoder.built = True

    def taking_rows(self) -> AbstractContextManager[None]:
        """Tells the encoder that the layer takes its rows from a file."""
        if isinstance(self.adapter, Encoder):
            return self.adapter.taking_rows()
        return nullcontext()

    def save_to(self, store: Any) -> None:
        """Writes the vocabulary of an encoder that does not do so itself."""
        if isinstance(self.adapter, KerasLookup) and self.adapter.is_ready:
            self.adapter.save_to(store)

    def load_from(self, store: Any) -> None:
        """Undoes `save_to`."""
        if isinstance(self.adapter, KerasLookup):
            self.adapter.load_from(store)

    def get_config(self) -> Any:
        """What `port_of` makes this port of again, once deserialized."""
        return self.adapter.serialize()
