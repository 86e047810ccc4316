"""The input of a layer: the shape of ids that it takes, or the encoder it carries."""

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_wembed.blocks import NewRows
from keras_wembed.choices import positive
from keras_wembed.encoders.encoder import Encoder
from keras_wembed.encoders.keras_lookup import KERAS_LOOKUPS, KerasLookup
from keras_wembed.encoders.ngrams import NGrams
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.inputs import of_kind, shaped, traced
from keras_wembed.lookup import check_ids
from keras_wembed.rows import Rows, aligned
from keras_wembed.vectors import WordVectors

_FORMS = (
    'input must be an encoder, "integer", d, (d1, d2, ...), "varying" or '
    '("varying", d2, ...).'
)


def port_of(form: Any) -> "ShapePort | EncoderPort":
    """The port that `input=` describes.

    Raises:
        TypeError, ValueError: If it is none of the forms.
    """
    if isinstance(form, KERAS_LOOKUPS):
        return EncoderPort(form, KerasLookup(form))
    if isinstance(form, Encoder):
        return EncoderPort(form, form)
    if form is None or form == "integer":
        return ShapePort(form, () if form else None)
    items = form if isinstance(form, tuple | list) else (form,)
    varies = bool(items) and items[0] == "varying"
    rest = items[1:] if varies else items
    if not items or any(not isinstance(item, int | np.integer) for item in rest):
        raise ValueError(f"{_FORMS} Got {form!r}.")
    sizes = tuple(positive("each length of input", item) for item in rest)
    form = tuple(form) if isinstance(form, list) else form
    return ShapePort(form, (None, *sizes) if varies else sizes)


@dataclass(frozen=True)
class ShapePort:
    """Takes ids.

    Attributes:
        form: As the user gave it.
        shape: Of one example; None where a length varies, or as a whole where any goes.
    """

    form: Any
    shape: tuple[int | None, ...] | None

    kind = "int64"
    encoder = None
    n = None

    @property
    def supports_jit(self) -> bool:
        """Whether XLA can take what arrives."""
        return self.shape is None or None not in self.shape

    def ids(self, inputs: Any, output: str, *, n: int, hint: str) -> Any:
        """The ids of what arrives, checked; dense or ragged as `output` wants them."""
        if tf.as_dtype(inputs.dtype).is_floating:
            inputs = traced("int64", inputs, _no_integers(inputs.dtype))
        if not tf.as_dtype(inputs.dtype).is_integer:
            raise TypeError(_no_integers(inputs.dtype))
        ids = _int64(self._checked(inputs))
        return shaped(check_ids(ids, n=n, hint=hint), output)

    def ids_and_buckets(
        self, inputs: Any, output: str, ngrams: NGrams | None, **about: Any
    ) -> tuple[Any, None]:
        """The ids; there are no tokens that could have n-grams."""
        return self.ids(inputs, output, **about), None

    def _checked(self, inputs: Any) -> Any:
        """`inputs`, once they are known to be one example or a batch of them."""
        if self.shape is None or inputs.shape.rank is None:
            return inputs
        batch = inputs.shape.rank - len(self.shape)
        expected = [*[None] * batch, *self.shape]
        uneven = range(1, 1 + getattr(inputs, "ragged_rank", 0))
        if (
            batch not in (0, 1)
            or not inputs.shape.is_compatible_with(expected)
            or any(expected[axis] is not None for axis in uneven)
        ):
            raise ValueError(
                f"inputs must have the shape {_written(self.shape)} or "
                f"{_written(('batch', *self.shape))}, as input={self.form!r} says. "
                f"Got {_written(inputs.shape)}."
            )
        dense = isinstance(inputs, tf.Tensor)
        return tf.ensure_shape(inputs, expected) if dense else inputs

    def ids_spec(self, inputs: keras.KerasTensor, output: str) -> keras.KerasTensor:
        """The shape and raggedness of the ids of a symbolic input."""
        if not tf.as_dtype(inputs.dtype).is_integer:
            raise TypeError(_no_integers(inputs.dtype))
        self._checked(
            tf.RaggedTensorSpec(inputs.shape)
            if inputs.ragged
            else tf.TensorSpec(inputs.shape)
        )
        return _spec(inputs.shape, output, inputs)

    def rows_of(self, vectors: WordVectors) -> Rows:
        """The rows of a layer that starts as these vectors."""
        return Rows(vectors.matrix)

    def new_rows(self, vectors: WordVectors | None = None) -> NewRows:
        """Which of these rows are not from the vectors."""
        return NewRows()

    def hold(self) -> None:
        """Tells that the layer is built."""

    def save_to(self, store: Any) -> None:
        """Writes what the rows need to be understood; here nothing."""

    def load_from(self, store: Any) -> None:
        """Undoes `save_to`."""

    def get_config(self) -> Any:
        """What `port_of` makes this port of again."""
        return self.form


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
            return shaped(check_ids(_int64(inputs), n=n, hint=hint), output), None
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
        return _spec(shape, output, inputs)

    def rows_of(self, vectors: WordVectors) -> Rows:
        """The rows of a layer that starts as these vectors, one for each id.

        Raises:
            ValueError: If the encoder has no vocabulary yet.
        """
        self._check_ready()
        return aligned(vectors, self.adapter.row_tokens)

    def new_rows(self, vectors: WordVectors | None = None) -> NewRows:
        """Which rows are not from the vectors: those of unknown tokens, at least."""
        tokens = self.adapter.row_tokens
        known = set(tokens if vectors is None else vectors.tokens) - {None}
        return NewRows.of(np.array([token not in known for token in tokens], bool))

    def hold(self) -> None:
        """Tells the encoder that the layer is built."""
        self.adapter.hold()

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


def _spec(shape: Any, output: str, inputs: keras.KerasTensor) -> keras.KerasTensor:
    """Symbolic ids of a shape, ragged if `output` or the inputs make them so."""
    ragged = output == "ragged" or (output == "auto" and bool(inputs.ragged))
    ragged = ragged and len(shape) > 1
    if ragged and not inputs.ragged:
        shape = (shape[0], *[None] * (len(shape) - 1))
    return keras.KerasTensor(shape, "int64", ragged=ragged)


def _no_integers(dtype: Any) -> str:
    name = tf.as_dtype(dtype).name
    encode = "input=TokenEncoder(vocabulary) makes the layer take text."
    return (
        f"ids must be integers. Got {name}.{' ' + encode if name == 'string' else ''}"
    )


def _int64(ids: Any) -> Any:
    return tf.cast(ids, tf.int64)


def _written(shape: Any) -> str:
    """A shape as people write it: `(batch, 3)`, `(length,)`."""
    sizes = ["length" if size is None else str(size) for size in shape]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
