"""Which rows of a layer are new: of tokens that word vectors do not have."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import tensorflow as tf

from keras_wembed.rows import Rows


@dataclass(frozen=True)
class NewRows:
    """Which rows of a layer are new: not from word vectors.

    Args:
        runs: The first row of each run of new rows, and the one after its last.
    """

    runs: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, is_new: np.ndarray) -> Self:
        """From a boolean for each row."""
        edges = np.flatnonzero(np.diff(is_new.astype(np.int8), prepend=0, append=0))
        runs = edges.reshape(-1, 2).tolist()
        return cls(tuple((start, stop) for start, stop in runs))

    def mask(self, n: int) -> np.ndarray:
        """A boolean for each of n rows."""
        mask = np.zeros(n, bool)
        for start, stop in self.runs:
            mask[start:stop] = True
        return mask

    def places(self, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Whether rows are new, and their places among the rows of their kind."""
        starts, lengths, before = self._runs_from_zero
        run = tf.searchsorted(starts, rows, side="right") - 1
        within = rows - tf.gather(starts, run)
        is_new = within < tf.gather(lengths, run)
        new_before = tf.gather(before, run)
        old_place = rows - new_before - tf.gather(lengths, run)
        return is_new, tf.where(is_new, new_before + within, old_place)

    def order(self, n: int) -> np.ndarray:
        """Where each of n rows stands once the new ones are behind all others."""
        first_to_last = np.argsort(self.mask(n), kind="stable")
        return np.argsort(first_to_last, kind="stable")

    @cached_property
    def _runs_from_zero(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Starts and lengths of runs, an empty one first, and what is new before."""
        runs = np.array([(0, 0), *self.runs], np.int64)
        lengths = runs[:, 1] - runs[:, 0]
        return runs[:, 0], lengths, np.cumsum(lengths) - lengths


@dataclass(frozen=True)
class Start:
    """Rows to start from.

    Args:
        rows: All of them.
        new: Which of them are new.
    """

    rows: Rows
    new: NewRows = NewRows()
