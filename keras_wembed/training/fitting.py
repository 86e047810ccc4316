"""Fitting the model to the counts; it can be stopped, and goes on where it was."""

import threading
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_wembed.optimizers import LazyOptimizer
from keras_wembed.training.batches import batches, order
from keras_wembed.training.cooccurrence import Cooccurrence
from keras_wembed.training.interruption import interruption
from keras_wembed.training.model import GloVe, SquaredError
from keras_wembed.training.progress import Bar, bar
from keras_wembed.training.settings import Settings
from keras_wembed.training.state import State


def fit(
    cooccurrence: Cooccurrence, settings: Settings, *, n: int, folder: Path
) -> GloVe:
    """A model of these counts, trained to the end or until Ctrl-C.

    Args:
        cooccurrence: The counts.
        settings: How to train.
        n: The number of tokens.
        folder: Where the state is kept after each iteration, and looked for first.
    """
    model = _new(settings, n)
    state = State(model, folder / "state.npz")
    state.load()
    first = state.steps // cooccurrence.tiling.tiles
    with interruption() as stopped:
        for iteration in range(first, settings.iterations):
            _iterate(model, cooccurrence, settings, iteration, state.steps, stopped)
            state.save()
            if stopped.is_set():
                break
    return model


def _iterate(
    model: GloVe,
    cooccurrence: Cooccurrence,
    settings: Settings,
    iteration: int,
    steps: int,
    stopped: threading.Event,
) -> None:
    """Trains on what is left of one iteration after so many steps in all."""
    tiles = cooccurrence.tiling.tiles
    done = steps - iteration * tiles
    left = order(tiles, seed=settings.seed, iteration=iteration)[done:]
    data = batches(cooccurrence, left, x_max=settings.x_max, alpha=settings.alpha)
    # A pair is kept once and trained on twice.
    per_pair = tiles / max(1, 2 * len(cooccurrence.cells))
    with bar(f"Training {iteration + 1}/{settings.iterations}", tiles) as tell:
        watch = Watch(tell, stopped, done, per_pair)
        model.fit(data, verbose=0, shuffle=False, callbacks=[watch])


def _new(settings: Settings, n: int) -> GloVe:
    model = GloVe(n, settings.size, seed=settings.seed)
    model([tf.zeros(1, tf.int32)] * 3)  # makes the variables
    adagrad = keras.optimizers.Adagrad(
        settings.learning_rate, initial_accumulator_value=settings.accumulator
    )
    model.compile(LazyOptimizer(adagrad), SquaredError(), jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    return model


class Watch(keras.callbacks.Callback):
    """Moves the bar, and stops the training between two steps.

    Args:
        tell: The bar.
        stopped: Set when the training must stop.
        done: How many tiles of the iteration are done already.
        scale: What makes the loss of a tile that of a pair.
    """

    def __init__(self, tell: Bar, stopped: threading.Event, done: int, scale: float):
        super().__init__()
        self._tell, self._stopped, self._done, self._scale = tell, stopped, done, scale

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Keras calls it after each step."""
        self._tell(self._done + batch + 1, f"loss {logs['loss'] * self._scale:.4f}")
        if self._stopped.is_set():
            self.model.stop_training = True
