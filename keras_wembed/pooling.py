"""One vector for each text, from those of its tokens."""

import math
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from keras_wembed.choices import one_of
from keras_wembed.inputs import as_tensor
from keras_wembed.messages import as_written


@keras.saving.register_keras_serializable(package="keras_wembed")
class Pooling(keras.layers.Layer):
    """A layer that makes one vector of the vectors of each text's tokens.

    Padding, told by the mask or by raggedness, never changes a result. A text without
    tokens gives zeros. The mask ends here: it is not handed on.

    Args:
        mode: `"mean"`; `"sum"`; `"max"`, of each number by itself; or `"sqrtn"`, the
            sum divided by the square root of the number of tokens.
        **kwargs: For `keras.layers.Layer`: `name`, `dtype`. Sums are made in float32
            where `dtype` is of 16 bits.

    Call arguments:
        vectors: One vector per token, ragged or padded.
        weights: How much each token counts, as in `tf.nn.embedding_lookup_sparse`:
            `"mean"` divides by the sum of the weights, `"sqrtn"` by the square root of
            the sum of their squares. Ragged if `vectors` is. Not for `"max"`.
        mask: True at real tokens. By default that of `vectors`, if Keras knows one.

    Shapes:
        vectors: `(batch, tokens, size)`, or any number of dimensions before `tokens`
        weights: `(batch, tokens)` or `(batch, tokens, 1)`
        mask: `(batch, tokens)`
        output: `(batch, size)`

    Raises:
        ValueError: If `mode` is another, weights are given to `"max"`, or shapes do not
            fit.

    >>> vectors = [[[1.0, 5.0], [3.0, 1.0]], [[2.0, 2.0]], []]
    >>> Pooling("mean")(vectors).numpy().tolist()
    [[2.0, 3.0], [2.0, 2.0], [0.0, 0.0]]
    >>> Pooling("max")(vectors).numpy().tolist()
    [[3.0, 5.0], [2.0, 2.0], [0.0, 0.0]]
    >>> Pooling("mean")(vectors[0], weights=[3.0, 1.0]).numpy().tolist()
    [1.5, 4.0]
    """

    def __init__(self, mode: str = "mean", **kwargs: Any):
        super().__init__(autocast=False, **kwargs)
        self.mode = one_of("mode", mode, [*_FROM_SUMS, "max"])
        self.supports_masking = True

    def __call__(self, vectors: Any, *args: Any, **kwargs: Any) -> Any:
        if vectors is None:
            raise TypeError("vectors must be tensors, or lists of numbers. Got None.")
        args = tuple(map(_as_tensor, args))
        for name in {"weights", "mask"} & kwargs.keys():
            kwargs[name] = _as_tensor(kwargs[name])
        return super().__call__(_as_tensor(vectors), *args, **kwargs)

    def call(self, vectors: Any, weights: Any = None, mask: Any = None) -> Any:
        if mask is None:  # Keras hands it on only where `vectors` comes alone.
            mask = getattr(vectors, "_keras_mask", None)
        with as_written():
            self._check(vectors, weights, mask)
        if weights is not None and weights.shape.rank < vectors.shape.rank:
            weights = _flat(lambda flat: tf.expand_dims(flat, -1), weights)
        pooled = self._pooled(vectors, weights, mask)
        return _flat(tf.cast, pooled, self.compute_dtype)

    def _check(self, vectors: Any, weights: Any, mask: Any) -> None:
        shape = tuple(vectors.shape)
        if len(shape) < 2:
            raise ValueError(
                "vectors must have the shape (tokens, size), with any dimensions "
                f"before these. Got shape {shape}."
            )
        if weights is not None and self.mode == "max":
            raise ValueError('weights must be left out where mode is "max". Got some.')
        _check_fits("weights", weights, vectors, (shape[:-1], (*shape[:-1], 1)))
        _check_fits("mask", mask, vectors, (shape[:-1],))

    def _pooled(self, vectors: Any, weights: Any, mask: Any) -> Any:
        if isinstance(vectors, tf.RaggedTensor) and vectors.shape.rank > 3:
            parts = (getattr(part, "values", None) for part in (weights, mask))
            return vectors.with_values(self._pooled(vectors.values, *parts))
        dtype = keras.backend.result_type(self.compute_dtype, "float32")
        mask, weights = (_sized_as(vectors, part) for part in (mask, weights))
        kept = _flat(_everywhere, vectors) if mask is None else tf.cast(mask, tf.bool)
        if self.mode == "max":
            highest = tf.reduce_max(_flat(_kept, vectors, kept, dtype, -math.inf), -2)
            return _kept(highest, tf.reduce_any(kept, -1), dtype)
        if weights is None:
            weights = _flat(lambda flat: tf.expand_dims(flat, -1), kept)
        weights = _flat(_kept, weights, kept, dtype)  # (batch, tokens, 1)
        vectors = _flat(_kept, vectors, kept, dtype)
        total = tf.reduce_sum(_flat(tf.multiply, vectors, weights), -2)
        return _FROM_SUMS[self.mode](total, weights)

    def compute_mask(self, vectors: Any, previous_mask: Any = None) -> None:
        return None

    def compute_output_shape(self, vectors_shape: Any) -> tuple[int | None, ...]:
        return (*vectors_shape[:-2], vectors_shape[-1])

    def compute_output_spec(
        self, vectors: Any, weights: Any = None, mask: Any = None
    ) -> keras.KerasTensor:
        with as_written():
            self._check(vectors, weights, mask)
        shape = self.compute_output_shape(tuple(vectors.shape))
        ragged = bool(vectors.ragged) and len(shape) > 2
        return keras.KerasTensor(shape, self.compute_dtype, ragged=ragged)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "mode": self.mode}


def _as_tensor(value: Any) -> Any:
    return None if value is None else as_tensor(value, empty="float32")


def _check_fits(name: str, given: Any, vectors: Any, shapes: tuple[Any, ...]) -> None:
    """Refuses weights or a mask that cannot be of these vectors."""
    if given is None:
        return
    if not any(tf.TensorShape(given.shape).is_compatible_with(s) for s in shapes):
        raise ValueError(
            f"{name} must have the shape of vectors without its size, {shapes[0]}. "
            f"Got shape {tuple(given.shape)}."
        )
    if _is_ragged(given) != _is_ragged(vectors):
        form, other = ("ragged", "padded")[:: 1 if _is_ragged(vectors) else -1]
        raise ValueError(f"{name} must be {form}, as vectors are. Got {other} ones.")
    if tf.executing_eagerly() and isinstance(given, tf.RaggedTensor):
        lengths, got = (
            [axis.numpy().tolist() for axis in rows.nested_row_lengths()]
            for rows in (vectors, given)
        )
        if lengths != got:
            raise ValueError(
                f"{name} must be as long as vectors, {lengths}. Got lengths {got}."
            )


def _is_ragged(value: Any) -> bool:
    return isinstance(value, tf.RaggedTensor) or bool(getattr(value, "ragged", False))


_flat = tf.ragged.map_flat_values  # Of dense tensors: the function itself.


def _sized_as(vectors: Any, given: Any) -> Any:
    """A mask or weights; an error where a graph, that knew no shape, would stretch it.

    Raises:
        tf.errors.InvalidArgumentError: If there is not one number for each token.
    """
    if given is None or isinstance(given, tf.RaggedTensor):
        return given
    last = [1] * (given.shape.rank == vectors.shape.rank)
    return tf.reshape(given, tf.concat([tf.shape(vectors)[:-1], last], 0))


def _everywhere(vectors: tf.Tensor) -> tf.Tensor:
    """The mask of vectors none of which is padding."""
    return tf.ones(tf.shape(vectors)[:-1], tf.bool)


def _kept(
    values: tf.Tensor, mask: tf.Tensor, dtype: str, other: float = 0.0
) -> tf.Tensor:
    """What the mask keeps, and another number in the place of the rest.

    A choice and no product: padding may hold infinities that a layer before made.
    """
    values = tf.cast(values, dtype)
    return tf.where(tf.expand_dims(mask, -1), values, tf.constant(other, dtype))


def _or_one(sums: tf.Tensor) -> tf.Tensor:
    """What may divide: where a text has no tokens or weights, zero stays zero."""
    return tf.where(sums == 0, tf.ones_like(sums), sums)


# What comes of the sum of the weighted vectors, and of the weights.
_FROM_SUMS: dict[str, Callable[[tf.Tensor, Any], tf.Tensor]] = {
    "mean": lambda total, weights: total / _or_one(tf.reduce_sum(weights, -2)),
    "sum": lambda total, weights: total,
    "sqrtn": lambda total, weights: (
        total / tf.sqrt(_or_one(tf.reduce_sum(tf.square(weights), -2)))
    ),
}
