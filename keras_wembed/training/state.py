"""How far a training is, in a file."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from keras_wembed.training.model import GloVe


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
