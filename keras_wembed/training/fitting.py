"""Fitting the model to the counts; it can be stopped, and goes on where it was."""

import os
import threading
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_wembed.optimizers import LazyOptimizer
from keras_wembed.training.batches import batches, order
from keras_wembed.training.cooccurrence import Cooccurrence
from keras_wembed.training.interruption import interruption
from keras_wembed.training.model import GloVe, SquaredError
from keras_wembed.training.progress import Bar, bar
from keras_wembed.training.settings import Settings

STATE = "state.npz"


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
    state = State(model, folder / STATE)
    state.load()
    tiles = cooccurrence.tiling.tiles
    with interruption() as stopped:
        for iteration in range(state.steps // tiles, settings.iterations):
            left = order(tiles, seed=settings.seed, iteration=iteration)
            data = batches(
                cooccurrence,
                left[state.steps - iteration * tiles :],
                x_max=settings.x_max,
                alpha=settings.alpha,
            )
            with bar(f"Training {iteration + 1}/{settings.iterations}", tiles) as tell:
                mean = tiles / max(1, 2 * len(cooccurrence.cells))
                watch = Watch(tell, stopped, state.steps - iteration * tiles, mean)
                model.fit(data, verbose=0, shuffle=False, callbacks=[watch])
            state.save()
            if stopped.is_set():
                break
    return model


def _new(settings: Settings, n: int) -> GloVe:
    model = GloVe(n, settings.size, seed=settings.seed)
    model([tf.zeros(1, tf.int32)] * 3)  # makes the variables
    adagrad = keras.optimizers.Adagrad(
        settings.learning_rate, initial_accumulator_value=settings.accumulator
    )
    model.compile(LazyOptimizer(adagrad), SquaredError(), jit_compile=False)
    model.optimizer.build(model.trainable_variables)
    return model


class State:
    """All variables of a model and its optimizer, in a file.

    Args:
        model: The compiled model.
        path: The file; it need not be there.
    """

    def __init__(self, model: GloVe, path: Path):
        self._path = path
        self._optimizer = model.optimizer
        self._variables = [*model.variables, *model.optimizer.variables]

    @property
    def steps(self) -> int:
        """How many tiles the model was trained on."""
        return int(self._optimizer.iterations)

    def load(self) -> None:
        """Sets the variables to what the file says, if it is there."""
        if not self._path.exists():
            return
        with np.load(self._path) as arrays:
            for number, variable in enumerate(self._variables):
                variable.assign(arrays[str(number)])

    def save(self) -> None:
        """Writes the file, in place of an older one."""
        fresh = self._path.with_name(f".{self._path.name}")
        arrays: dict[str, Any] = {
            str(number): variable.numpy()
            for number, variable in enumerate(self._variables)
        }
        with fresh.open("wb") as file:
            np.savez(file, **arrays)
        os.replace(fresh, self._path)


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
