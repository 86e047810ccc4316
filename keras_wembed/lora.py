"""LoRA: what rows that stay as they are learn on top, by two small matrices.

Source: Hu et al. 2021, "LoRA: Low-Rank Adaptation of Large Language Models",
https://arxiv.org/abs/2106.09685, section 4.1.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from keras_wembed.block import Slices, write
from keras_wembed.choices import positive
from keras_wembed.learning_rate import finite
from keras_wembed.lookup import gather_rows
from keras_wembed.rows import Rows


@dataclass(frozen=True)
class Adaptation:
    """How rows are adapted.

    Args:
        rank: The columns of `a`, and the rows of `b`.
        alpha: What is added is `a @ b`, times this, by the rank.
        a: The initializer of `a`.
        b: That of `b`.

    Raises:
        TypeError: If `rank` is no integer.
        ValueError: If it is below 1, or `alpha` is no finite number.
    """

    rank: int
    alpha: float
    a: Any = "he_uniform"
    b: Any = "zeros"

    def __post_init__(self) -> None:
        positive("rank", self.rank)
        finite("lora_alpha", self.alpha)

    @property
    def scale(self) -> float:
        """What `a @ b` is multiplied by."""
        return self.alpha / self.rank


class LoraBlock:
    """A block, and what is added to its rows.

    Args:
        base: The block.
        adaptation: How its rows are adapted.
        add_weight: Makes a variable, as that of a Keras layer.
    """

    is_plain = False

    def __init__(
        self, base: Any, adaptation: Adaptation, add_weight: Callable[..., Any]
    ) -> None:
        rank, (n, size) = adaptation.rank, base.variables[0].shape
        # Not in half precision, in which small steps are lost, whatever the base is.
        self.a = add_weight(
            name="lora_embeddings_a",
            shape=(n, rank),
            initializer=adaptation.a,
            dtype="float32",
        )
        self.b = add_weight(
            name="lora_embeddings_b",
            shape=(rank, size),
            initializer=adaptation.b,
            dtype="float32",
        )
        self.base = base
        self._scale = adaptation.scale

    @property
    def variables(self) -> list[Any]:
        """The variables of the block, those of its base first."""
        return [*self.base.variables, self.a, self.b]

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """The vectors of rows."""
        return self._sum(self.base.gather(rows), gather_rows(self.a.value, rows))

    def all(self) -> tf.Tensor:
        """All rows."""
        return self._sum(self.base.all(), tf.convert_to_tensor(self.a))

    def _sum(self, vectors: tf.Tensor, a: tf.Tensor) -> tf.Tensor:
        added = self._scale * (a @ tf.convert_to_tensor(self.b))
        return vectors + tf.cast(added, vectors.dtype)

    def part(self) -> "Adapted":
        """The rows as a part of `Rows`."""
        return Adapted(
            self.base.part(), Slices(self.a), np.asarray(self.b), self._scale
        )

    def fill(self, rows: Rows) -> None:
        """Takes the values of all rows; those that are adapted alike, apart."""
        alike = [part for part in rows.parts if self._is_alike(part)]
        self.b.assign(alike[0].b if alike else np.zeros(self.b.shape))
        self.base.fill(Rows(tuple(map(self._base_of, rows.parts)), rows.order))
        for places, some in rows.chunks() if alike else ():
            none = np.zeros((len(places), self.a.shape[1]))
            write(self.a, places, some.a if self._is_alike(some) else none)

    def _is_alike(self, part: Any) -> bool:
        return (
            isinstance(part, Adapted)
            and part.b.shape == self.b.shape
            and part.scale == self._scale
        )

    def _base_of(self, part: Any) -> Any:
        return part.base if self._is_alike(part) else part

    def save(self, store: Any, name: str) -> None:
        """Writes the rows, and apart what is added, into a store of a Keras file."""
        self.base.save(store, name)
        store["lora_a"] = np.asarray(self.a)
        store["lora_b"] = np.asarray(self.b)
        store["lora_scale"] = np.float64(self._scale)


@dataclass(frozen=True, eq=False)
class Adapted:
    """Rows that are `base + scale * a @ b`; what NumPy makes of them are these floats.

    Args:
        base: Rows, or what gives them when sliced.
        a: A row for each, or what gives it.
        b: The same for all.
        scale: What the product is multiplied by.

    Shapes:
        base: `(n, size)`
        a: `(n, rank)`
        b: `(rank, size)`
    """

    base: Any
    a: Any
    b: np.ndarray
    scale: float

    @property
    def shape(self) -> tuple[int, int]:
        """`(n, size)`."""
        return tuple(self.base.shape)

    def __len__(self) -> int:
        return len(self.base)

    def __getitem__(self, rows: Any) -> "Adapted":
        return Adapted(self.base[rows], self.a[rows], self.b, self.scale)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        floats = np.asarray(self.base, np.float32) + self.scale * (self.a @ self.b)
        return floats if dtype is None else floats.astype(dtype)
