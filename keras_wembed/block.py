"""Some rows of a layer: as floats in one variable, or quantized in two."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from keras_wembed.lookup import gather_rows
from keras_wembed.quantized import Quantized, quantized
from keras_wembed.rows import Rows


class FloatBlock:
    """Rows of floats.

    Args:
        add_weight: Makes a variable, as that of a Keras layer.
        name: That of the variable.
        shape: `(rows, size)`
        dtype: What the rows are kept as.
        computed: What they are computed with.
        **variable: Its initializer, and whether it is trainable.
    """

    def __init__(
        self,
        add_weight: Callable[..., Any],
        *,
        name: str,
        shape: tuple[int, int],
        dtype: str,
        computed: str,
        **variable: Any,
    ) -> None:
        self.table = add_weight(name=name, shape=shape, dtype=dtype, **variable)
        self.computed = computed

    @property
    def variables(self) -> list[Any]:
        """The variables of the block."""
        return [self.table]

    @property
    def is_plain(self) -> bool:
        """Whether the rows are what the variable holds."""
        return bool(self.table.dtype == self.computed)

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """The vectors of rows."""
        return tf.cast(gather_rows(self.table.value, rows), self.computed)

    def all(self) -> tf.Tensor:
        """All rows."""
        return tf.cast(tf.convert_to_tensor(self.table), self.computed)

    def part(self) -> Any:
        """The rows as a part of `Rows`."""
        return Slices(self.table)

    def fill(self, rows: Rows) -> None:
        """Takes the values of all rows, in place: memory holds them once."""
        for places, some in rows.chunks():
            some = np.asarray(some)
            if self.table.dtype == "float16":
                check_float16(some)
            write(self.table, places, some)

    def save(self, store: Any, name: str) -> None:
        """Writes the rows into a store of a Keras file."""
        store[name] = np.asarray(self.table)


class Int8Block:
    """Rows of 8-bit integers, and a scale for each.

    Args:
        add_weight: Makes a variable, as that of a Keras layer.
        name: That of the integers; behind that of the scales stands `_scale`.
        shape: `(rows, size)`
        computed: The dtype that the rows are computed with.
    """

    is_plain = False

    def __init__(
        self,
        add_weight: Callable[..., Any],
        *,
        name: str,
        shape: tuple[int, int],
        computed: str,
    ) -> None:
        zeros = {"initializer": "zeros", "trainable": False}
        self.levels = add_weight(name=name, shape=shape, dtype="int8", **zeros)
        self.scale = add_weight(
            name=f"{name}_scale", shape=shape[:1], dtype="float32", **zeros
        )
        self.computed = computed

    @property
    def variables(self) -> list[Any]:
        """The variables of the block."""
        return [self.levels, self.scale]

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """The vectors of rows."""
        # Of a tensor TensorFlow 2.21 gathers int8 on no GPU, of a variable it does.
        levels = tf.gather(self.levels.value, rows)
        return self._floats(levels, tf.gather(self.scale.value, rows))

    def all(self) -> tf.Tensor:
        """All rows."""
        return self._floats(*map(tf.convert_to_tensor, self.variables))

    def _floats(self, levels: tf.Tensor, scale: tf.Tensor) -> tf.Tensor:
        floats = tf.cast(levels, tf.float32) * scale[:, tf.newaxis]
        return tf.cast(floats, self.computed)

    def part(self) -> Quantized:
        """The rows as a part of `Rows`."""
        return Quantized(Slices(self.levels), Slices(self.scale))

    def fill(self, rows: Rows) -> None:
        """Takes the values of all rows; those that are quantized bit for bit."""
        for places, some in rows.chunks():
            some = quantized(some)
            write(self.levels, places, some.levels)
            write(self.scale, places, some.scale)

    def save(self, store: Any, name: str) -> None:
        """Writes the rows into a store of a Keras file."""
        store[name] = np.asarray(self.levels)
        store[f"{name}_scale"] = np.asarray(self.scale)


class Slices:
    """Rows of a variable, read when they are asked for.

    Args:
        variable: A Keras variable.
    """

    def __init__(self, variable: Any) -> None:
        self._variable = variable
        self.shape = tuple(variable.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> np.ndarray:
        if isinstance(rows, slice):
            rows = np.arange(*rows.indices(len(self)))
        # In their order, from a table in shards too.
        return tf.nn.embedding_lookup(self._variable.value, rows).numpy()


def write(variable: Any, places: Any, rows: np.ndarray) -> None:
    """Writes rows into a variable, and into all its copies on other devices."""
    table = variable.value
    # Set only where a strategy made the variable, which may be another than now.
    strategy = getattr(table, "distribute_strategy", tf.distribute.get_strategy())
    # `table[start:stop].assign` would copy the whole table each time.
    places = tf.convert_to_tensor(places)  # as a table in shards wants them
    for copy in strategy.experimental_local_results(table):
        copy.scatter_update(tf.IndexedSlices(tf.cast(rows, copy.dtype), places))


def check_float16(rows: np.ndarray) -> None:
    """Checks that rows can be float16.

    Raises:
        ValueError: If a number would become an infinity.
    """
    largest = np.finfo(np.float16).max
    beyond = np.isfinite(rows) & (np.abs(rows) > largest)
    if beyond.any():
        raise ValueError(
            f"Rows kept as float16 must be within {largest:.0f}. Got "
            f'{rows[beyond][0]:g}. Pass dtype="int8", or none.'
        )
