"""The input of a layer that takes ids."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import keras
import tensorflow as tf

from keras_wembed.encoders.ngrams import NGrams
from keras_wembed.inputs import shaped, traced
from keras_wembed.lookup import check_ids
from keras_wembed.new_rows import NewRows
from keras_wembed.rows import Rows
from keras_wembed.vectors import WordVectors
from keras_wembed.xla import compiled_by_xla

_RAGGED_UNDER_XLA = (
    "ids must be dense where XLA compiles the model. Got ragged ones. Declare them, as "
    'in keras.Input((None,), ragged=True), make the layer with output="padded", or '
    "pass jit_compile=False to compile: on a GPU Keras takes XLA unless told."
)


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
        if isinstance(inputs, tf.RaggedTensor) and compiled_by_xla():
            raise ValueError(_RAGGED_UNDER_XLA)
        ids = as_int64(self._checked(inputs))
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
        return symbolic_ids(inputs.shape, output, inputs)

    def rows_of(self, vectors: WordVectors) -> Rows:
        """The rows of a layer that starts as these vectors."""
        return Rows((vectors.matrix,))

    def new_rows(self) -> NewRows:
        """Which rows are for unknown tokens."""
        return NewRows()

    def hold(self) -> None:
        """Tells that the layer is built."""

    def taking_rows(self) -> AbstractContextManager[None]:
        """Tells that the layer takes its rows from a file."""
        return nullcontext()

    def save_to(self, store: Any) -> None:
        """Writes what the rows need to be understood; here nothing."""

    def load_from(self, store: Any) -> None:
        """Undoes `save_to`."""

    def get_config(self) -> Any:
        """What `port_of` makes this port of again."""
        return self.form


def symbolic_ids(
    shape: Any, output: str, inputs: keras.KerasTensor
) -> keras.KerasTensor:
    """Symbolic ids of a shape, ragged if `output` or the inputs make them so."""
    ragged = output == "ragged" or (output == "auto" and bool(inputs.ragged))
    ragged = ragged and len(shape) > 1
    if ragged and not inputs.ragged:
        shape = (shape[0], *[None] * (len(shape) - 1))
    return keras.KerasTensor(shape, "int64", ragged=ragged)


def as_int64(ids: Any) -> Any:
    """Ids of any integer type, dense or ragged, as int64."""
    return tf.cast(ids, tf.int64)


def _no_integers(dtype: Any) -> str:
    name = tf.as_dtype(dtype).name
    encode = "input=TokenEncoder(vocabulary) makes the layer take text."
    return (
        f"ids must be integers. Got {name}.{' ' + encode if name == 'string' else ''}"
    )


def _written(shape: Any) -> str:
    """A shape as people write it: `(batch, 3)`, `(length,)`."""
    sizes = ["length" if size is None else str(size) for size in shape]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"
