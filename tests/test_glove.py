"""The GloVe model, its loss and its batches."""

import keras
import numpy as np
import tensorflow as tf

from keras_wembed.training.batches import batches, order
from keras_wembed.training.cooccurrence import Cooccurrence
from keras_wembed.training.model import GloVe, SquaredError
from keras_wembed.training.tiling import Tiling


def cooccurrence():
    """One block of two tokens beside each other 4 times, the second one alone once."""
    return Cooccurrence(
        Tiling(np.array([[1, 2]], np.int32)),
        starts=np.array([0, 2]),
        cells=np.array([1, 3], np.int32),
        counts=np.array([4, 0.5], np.float32),
    )


def test_batch_holds_logarithms_and_weights():
    ((rows, columns, cells), logs, weights), *rest = batches(
        cooccurrence(), [0], x_max=2.0, alpha=0.75
    )
    assert not rest
    assert rows.numpy().tolist() == columns.numpy().tolist() == [1, 2]
    assert cells.numpy().tolist() == [1, 3, 2]
    np.testing.assert_allclose(logs, np.log([4, 1, 4]), rtol=1e-6)
    np.testing.assert_allclose(weights, [1, 0.5**0.75, 1], rtol=1e-6)


def test_order_of_an_iteration_repeats():
    first, same, next_one, other = (
        order(100, seed=seed, iteration=iteration).tolist()
        for seed, iteration in [(1, 1), (1, 1), (1, 2), (2, 1)]
    )
    assert first == same
    assert sorted(first) == list(range(100))
    assert first != next_one
    assert first != other


def test_model_gives_products_and_biases():
    model = GloVe(3, 2, seed=1)
    ids = tf.constant([2, 3]), tf.constant([1, 0])
    found = model((*ids, tf.constant([0, 2, 3])))
    rows, columns, row_biases, column_biases = (
        layer.embeddings.numpy()
        for layer in (model.rows, model.columns, model.row_biases, model.column_biases)
    )
    first, second = (
        rows[row] @ columns[0] + row_biases[row, 0] + column_biases[0, 0]
        for row in (1, 2)
    )
    np.testing.assert_allclose(found, [first, second, row_biases[2, 0]], rtol=1e-5)
    assert np.abs(rows).max() <= 0.25


def test_seed_decides_where_a_model_starts():
    def tables(seed):
        model = GloVe(3, 2, seed=seed)
        model([tf.zeros(1, tf.int32)] * 3)
        return [variable.numpy().tolist() for variable in model.variables]

    first, same, other = tables(1), tables(1), tables(2)
    assert first == same
    assert all(table not in first for table in other)
    assert len({str(table) for table in first}) == 4


def test_model_comes_back_from_its_config():
    model = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(GloVe(3, 2, seed=5))
    )
    inputs = [tf.ones(1, tf.int32), tf.ones(1, tf.int32), tf.zeros(1, tf.int32)]
    assert model(inputs) == GloVe(3, 2, seed=5)(inputs)


def test_loss_is_half_the_weighted_squared_error():
    y_true, y_pred = tf.constant([1.0, 2.0]), tf.constant([3.0, 5.0])
    loss = SquaredError()(y_true, y_pred, sample_weight=tf.constant([1.0, 0.5]))
    assert float(loss) == (4 + 0.5 * 9) / 2
