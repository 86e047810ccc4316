"""The tiles of a matrix of counts as batches of logarithms and weights."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_wembed.training.cooccurrence import Cooccurrence


def order(tiles: int, *, seed: int, iteration: int) -> NDArray[np.int64]:
    """The tiles in the order of one iteration, the same for the same numbers."""
    return np.random.default_rng((seed, iteration)).permutation(tiles)


def batches(
    cooccurrence: Cooccurrence,
    tiles: Sequence[int] | NDArray[np.int64],
    *,
    x_max: float,
    alpha: float,
) -> tf.data.Dataset:
    """A batch of each tile: `(rows, columns, cells)`, log counts and weights.

    Args:
        cooccurrence: The counts.
        tiles: The numbers of the tiles, in order.
        x_max: From this count on a pair has the weight 1.
        alpha: Below it, the weight is `(count / x_max) ** alpha`.
    """
    blocks = len(cooccurrence.tiling.blocks)

    def weighted(
        rows: tf.Tensor, columns: tf.Tensor, cells: tf.Tensor, counts: tf.Tensor
    ) -> Any:
        weights = tf.minimum(1.0, counts / x_max) ** alpha
        return (rows, columns, cells), tf.math.log(counts), weights

    return (
        tf.data.Dataset.from_generator(
            lambda: (
                (tile.rows, tile.columns, tile.cells, tile.counts)
                for tile in (cooccurrence.tile(*divmod(t, blocks)) for t in tiles)
            ),
            output_signature=(
                tf.TensorSpec((None,), tf.int32),
                tf.TensorSpec((None,), tf.int32),
                tf.TensorSpec((None,), tf.int32),
                tf.TensorSpec((None,), tf.float32),
            ),
        )
        .map(weighted)
        .apply(tf.data.experimental.assert_cardinality(len(tiles)))
        .prefetch(2)
    )
