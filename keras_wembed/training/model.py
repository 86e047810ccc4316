"""The GloVe model, made of embedding layers."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_wembed.embedding import EmbeddingLayer


@keras.saving.register_keras_serializable(package="keras_wembed")
class GloVe(keras.Model):
    """Two vectors and two biases for each token, whose products are log counts.

    The logarithm of how often tokens i and j stand near each other is
    `w[i] @ c[j] + b[i] + d[j]`. A batch is a tile of that matrix: so the rows and the
    columns are each looked up once, and their products are one product of matrices.

    Args:
        n: The number of tokens.
        size: The width of a vector.
        seed: Where the first values start.

    Shapes:
        inputs: rows `(rows,)`, columns `(columns,)`, cells `(pairs,)`
        output: `(pairs,)`

    Source: Pennington, Socher, Manning 2014, GloVe: Global Vectors for Word
    Representation.
    """

    def __init__(self, n: int, size: int, *, seed: int = 0, **kwargs: Any):
        super().__init__(**kwargs)
        self._config = {"n": n, "size": size, "seed": seed}
        limit = 0.5 / size

        def layer(name: str, size: int, number: int) -> EmbeddingLayer:
            start = keras.initializers.RandomUniform(
                -limit, limit, seed=4 * seed + number
            )
            return EmbeddingLayer(size, n, embeddings_initializer=start, name=name)

        self.rows = layer("rows", size, 0)
        self.columns = layer("columns", size, 1)
        self.row_biases = layer("row_biases", 1, 2)
        self.column_biases = layer("column_biases", 1, 3)

    def call(self, inputs: tuple[tf.Tensor, tf.Tensor, tf.Tensor]) -> tf.Tensor:
        rows, columns, cells = inputs
        products = tf.matmul(self.rows(rows), self.columns(columns), transpose_b=True)
        biases = self.row_biases(rows) + tf.transpose(self.column_biases(columns))
        return tf.gather(tf.reshape(products + biases, [-1]), cells)

    def vectors(self) -> NDArray[np.float32]:
        """The sum of both vectors of each token."""
        return (self.rows.embeddings + self.columns.embeddings).numpy()

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **self._config}


@keras.saving.register_keras_serializable(package="keras_wembed")
class SquaredError(keras.losses.Loss):
    """Half the squared error of each pair, weighted and summed."""

    def __init__(
        self, name: str = "squared_error", reduction: str = "sum", **kwargs: Any
    ):
        super().__init__(name=name, reduction=reduction, **kwargs)

    def call(self, y_true: tf.Tensor, y_pred: tf.Tensor) -> tf.Tensor:
        return tf.square(y_true - y_pred) / 2
