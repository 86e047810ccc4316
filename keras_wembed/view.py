"""All rows of a layer as one table of floats, where no variable holds them so."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf


class View:
    """A table that is made when it is asked for, by NumPy or TensorFlow.

    Indexing makes only the rows that it names. Keras looks at each attribute of a layer
    that it saves: a tensor would be made there as a whole, of rows that are small.

    Args:
        shape: `(n, size)`
        dtype: Of the floats.
        gather: Gives the rows of places.
        all: Gives all rows.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        dtype: str,
        *,
        gather: Callable[[tf.Tensor], tf.Tensor],
        all: Callable[[], tf.Tensor],
    ) -> None:
        self.shape = tf.TensorShape(shape)
        self.dtype = tf.as_dtype(dtype)
        self._gather, self._all = gather, all

    def numpy(self) -> np.ndarray:
        """All rows as an array."""
        return self._all().numpy()

    def __repr__(self) -> str:
        return f"<View shape={self.shape} dtype={self.dtype.name}>"

    def __len__(self) -> int:
        return int(self.shape[0])

    def __getitem__(self, index: Any) -> tf.Tensor:
        first, *others = index if isinstance(index, tuple) else (index,)
        if first is Ellipsis:
            first, others = slice(None), [first, *others]
        places = np.arange(len(self))[first]
        rows = self._gather(tf.constant(places.ravel()))
        rows = tf.reshape(rows, [*places.shape, self.shape[1]])
        return rows[(slice(None),) * places.ndim + tuple(others)]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.numpy(), dtype)

    def __tf_tensor__(self, dtype: Any = None, name: Any = None) -> tf.Tensor:
        return tf.convert_to_tensor(self._all(), dtype)
