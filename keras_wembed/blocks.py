"""The rows of a layer: in one block, or the pretrained and the new ones in two."""

from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from keras_wembed import learning_rate
from keras_wembed.keeping import Keeping
from keras_wembed.learning import Learning
from keras_wembed.lora import Adaptation, LoraBlock
from keras_wembed.new_rows import NewRows
from keras_wembed.rows import Rows
from keras_wembed.view import View
from keras_wembed.xla import compiled_by_xla

NAMES = ("embeddings", "new_embeddings")  # of the first block, and of the second
NO_ROW = -1  # what a variable holds that has no rows of the layer: no rule names it


class Blocks:
    """The blocks that hold a layer's rows.

    Args:
        shape: `(n, size)`.
        new: Which rows are new.
        learning: Which rows learn, and how fast. Where the new ones do otherwise than
            the pretrained ones, each kind gets a block of its own.
        keeping: How rows are kept.
        layer: The layer's name.
        initializer: The first values, from a shape and a dtype.

    Attributes:
        fixed_shapes: Whether no shape within may depend on the values of ids.
    """

    def __init__(
        self,
        shape: tuple[int, int],
        *,
        new: NewRows,
        learning: Learning,
        keeping: Keeping,
        layer: str,
        initializer: Any,
    ) -> None:
        n, size = self._shape = shape
        self._new, self._layer, self._computed = new, layer, keeping.computed
        is_new, multipliers = new.mask(n), learning.multipliers
        both = len(set(multipliers)) > 1 and 0 < is_new.sum() < n
        kinds = [(~is_new, multipliers[0]), (is_new, multipliers[1])]
        if not both:
            kinds = [(np.ones(n, bool), multipliers[bool(is_new.all())])]
        self.fixed_shapes = False
        self._blocks: list[Any] = []
        for (mine, multiplier), name in zip(kinds, NAMES, strict=False):
            block = keeping.block(
                learns=multiplier != 0,
                initializer=initializer,
                name=name,
                shape=(int(mine.sum()), size),
            )
            rows = np.flatnonzero(mine) if both else None
            self._mark(block.variables, multiplier, rows)
            self._blocks.append(block)

    def _mark(self, variables: list[Any], multiplier: float, rows: Any) -> None:
        """Tells optimizers how fast variables learn, and which rows they hold."""
        for variable in variables:
            learning_rate.ask(variable, multiplier, self._layer)
            if rows is not None:
                variable.layer_rows = rows

    @property
    def variables(self) -> list[Any]:
        """The variables of all blocks."""
        return [variable for block in self._blocks for variable in block.variables]

    @property
    def stored(self) -> list[Any]:
        """All blocks, without what LoRA adds to them."""
        return [self._base, *self._blocks[1:]]

    @property
    def apart(self) -> bool:
        """Whether the new rows have a block of their own."""
        return len(self._blocks) > 1

    def held(self, learning: Learning) -> Learning:
        """What still learns once the first block stays as it is."""
        learns = learning_rate.of_variable(self.variables[0]) != 0
        new_apart = self.apart or (learning.rows == "new" and not learns)
        return learning.held(all_rows=not new_apart)

    def adapt(
        self, adaptation: Adaptation, multiplier: float, add_weight: Callable[..., Any]
    ) -> None:
        """Lets LoRA learn what is added to the pretrained rows, or to all.

        Args:
            adaptation: How they are adapted.
            multiplier: What the learning rate is multiplied by.
            add_weight: Makes a variable, as that of a Keras layer.
        """
        block = LoraBlock(self._blocks[0], adaptation, add_weight)
        rows = np.flatnonzero(~self._new.mask(self._shape[0])) if self.apart else None
        self._mark([block.a], multiplier, rows)
        self._mark([block.b], multiplier, np.full(adaptation.rank, NO_ROW))
        self._blocks[0] = block
        self.hold()

    def hold(self) -> None:
        """Keeps rows as they are to which LoRA adds."""
        for block in self._blocks:
            if isinstance(block, LoraBlock):
                for variable in block.base.variables:
                    variable.trainable = False

    def check(self, keeping: Keeping) -> None:
        """Checks that rows can be kept in another way; see `keep`."""
        keeping.check(self._base.part())

    def keep(self, keeping: Keeping) -> list[Any]:
        """Keeps the pretrained rows, or all if they are of one block, in another way.

        Returns:
            The variables that held them until now.
        """
        first, old = self._blocks[0], self._base
        fresh = keeping.filled(old.part(), NAMES[0])
        self._mark(fresh.variables, 0, None)
        if isinstance(first, LoraBlock):
            first.base = fresh
        else:
            self._blocks[0] = fresh
        return old.variables

    @property
    def _base(self) -> Any:
        """The first block, without what LoRA adds to it."""
        first = self._blocks[0]
        return first.base if isinstance(first, LoraBlock) else first

    def gather(self, rows: tf.Tensor) -> tf.Tensor:
        """The vectors of rows."""
        if not self.apart:
            return self._blocks[0].gather(rows)
        is_new, places = self._new.places(rows)
        old, new = self._blocks
        fixed = self.fixed_shapes or compiled_by_xla()
        picked = _picked_of_all if fixed else _picked
        return picked(old, places, ~is_new) + picked(new, places, is_new)

    def table(self) -> Any:
        """All rows in order: the variable if it holds just them, or a view."""
        if not self.apart and self._blocks[0].is_plain:
            return self._blocks[0].table
        return View(self._shape, self._computed, gather=self.gather, all=self._all)

    def _all(self) -> tf.Tensor:
        if not self.apart:
            return self._blocks[0].all()
        stacked = tf.concat([block.all() for block in self._blocks], 0)
        return tf.gather(stacked, self._new.order(self._shape[0]))

    def rows(self) -> Rows:
        """All rows in order, read when they are asked for."""
        parts = tuple(block.part() for block in self._blocks)
        return Rows(parts, self._new.order(self._shape[0]) if self.apart else None)

    def fill(self, rows: Rows) -> None:
        """Takes the values of all rows.

        Raises:
            ValueError: If they are not as many, or of another size.
        """
        rows.checked("rows", self._shape)
        if not self.apart:
            self._blocks[0].fill(rows)
            return
        is_new = self._new.mask(self._shape[0])
        for block, mine in zip(self._blocks, (~is_new, is_new), strict=True):
            block.fill(rows.picked(mine))

    def save_to(self, store: Any) -> None:
        """Writes all rows into a store of a Keras file, as `saved.rows` reads them."""
        if all(block.is_plain for block in self._blocks):
            # In one array, so that a file fits whatever rows are to learn.
            store["0"] = np.asarray(self.table())
            return
        self._blocks[0].save(store, "0")
        if self.apart:
            self._blocks[1].save(store, "new")
            store["new_rows"] = np.flatnonzero(self._new.mask(self._shape[0]))


def _picked(block: Any, places: tf.Tensor, mine: tf.Tensor) -> tf.Tensor:
    """The rows of one block where they are its own, zeros elsewhere."""
    at = tf.where(mine)  # (rows of this block, 1)
    vectors = block.gather(tf.gather_nd(places, at))
    shape = tf.concat([tf.shape(places), tf.shape(vectors)[1:]], 0)
    return tf.scatter_nd(at, vectors, tf.cast(shape, at.dtype))


def _picked_of_all(block: Any, places: tf.Tensor, mine: tf.Tensor) -> tf.Tensor:
    """The same in fixed shapes: other places go to a row that is read anyway.

    XLA needs them; and the interpreter that comes with TensorFlow 2.21 ends the process
    where it scatters into no rows.
    """
    stand_in = tf.reduce_max(tf.where(mine, places, 0))
    vectors = block.gather(tf.where(mine, places, stand_in))
    return tf.where(mine[:, tf.newaxis], vectors, tf.zeros_like(vectors))
