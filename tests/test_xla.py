"""That XLA compiles once for all batches of a shape; and refuses ragged ones."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_wembed import EmbeddingLayer, Pooling

PROGRAM = """
    import keras
    import numpy as np
    from keras_wembed import EmbeddingLayer, LazyOptimizer, Pooling

    def adam(**arguments):
        return LazyOptimizer(keras.optimizers.Adam(**arguments))

    every_option = adam(
        global_clipnorm=1.0,
        use_ema=True,
        ema_overwrite_frequency=2,
        gradient_accumulation_steps=2,
    )
    CASES = [
        ({}, "adam"),
        ({}, every_option),
        ({"dtype": "int8", "lora_rank": 2}, adam()),
    ]
    rng = np.random.default_rng(0)
    for arguments, optimizer in CASES:
        layer = EmbeddingLayer(weights=rng.normal(size=(50, 8)), **arguments)
        ids = keras.Input((5,), dtype="int64")
        model = keras.Model(ids, keras.layers.Dense(1)(Pooling()(layer(ids))))
        model.compile(optimizer, "mse", jit_compile=True)
        for _ in range(4):
            batch = rng.integers(0, 51, (4, 5))
            model.train_on_batch(batch, np.ones((4, 1)))
            model.predict_on_batch(batch)
    print(len(CASES))
"""


def test_batches_of_one_shape_are_compiled_once(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM)],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"XLA_FLAGS": f"--xla_dump_to={tmp_path}"},
        capture_output=True,
        text=True,
        check=True,
    )
    compiled = list(tmp_path.glob("*before_optimizations.txt"))
    steps = [each for each in compiled if "one_step_on_data" in each.name]
    assert len(steps) == 2 * int(run.stdout)  # one to train with, one to predict with


def test_ragged_ids_are_refused():
    ids = keras.Input((None,), dtype="int64")
    model = keras.Model(ids, Pooling()(EmbeddingLayer(2, 9)(ids)))
    model.compile("sgd", "mse", jit_compile=True)
    with pytest.raises(ValueError, match="ids must be dense where XLA compiles"):
        model.train_on_batch(tf.ragged.constant([[1, 2], [3]]), np.ones((2, 2)))


@pytest.mark.parametrize("output", ["padded", "ragged"])
def test_layer_for_ragged_ids_keeps_keras_from_xla(output):
    model = keras.Sequential([EmbeddingLayer(2, 9, output=output), Pooling()])
    model.compile("sgd", "mse", jit_compile="auto")
    assert not model.jit_compile
    model.train_on_batch(tf.ragged.constant([[1, 2], [3]]), np.ones((2, 2)))
