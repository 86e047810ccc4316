"""How rows are kept in the variables of a layer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from keras_wembed.block import FloatBlock, Int8Block, check_float16
from keras_wembed.rows import Rows


@dataclass(frozen=True)
class Keeping:
    """How rows are kept.

    Args:
        add_weight: Makes a variable, as that of a Keras layer.
        computed: The dtype that rows are computed with.
        kept_as: `"float16"` or `"int8"`, for rows that do not learn; or None.
    """

    add_weight: Callable[..., Any]
    computed: str
    kept_as: str | None

    def block(
        self,
        name: str,
        shape: tuple[int, int],
        *,
        learns: bool = False,
        initializer: Any = "zeros",
    ) -> Any:
        """A block of rows; those that are kept small start at 0.

        Args:
            name: That of its variable.
            shape: `(rows, size)`
            learns: Whether training changes the rows: then they are not kept small.
            initializer: The first values of rows that are not.
        """
        about: dict[str, Any] = {"name": name, "shape": shape}
        about["computed"] = self.computed
        if self.kept_as is None or learns:
            about |= {"initializer": initializer, "trainable": learns}
            return FloatBlock(self.add_weight, dtype=self.computed, **about)
        if self.kept_as == "int8":
            return Int8Block(self.add_weight, **about)
        about |= {"initializer": "zeros", "trainable": False}
        return FloatBlock(self.add_weight, dtype=self.kept_as, **about)

    def filled(self, part: Any, name: str) -> Any:
        """A block that holds a part of `Rows`, and does not learn."""
        block = self.block(name, part.shape)
        block.fill(Rows((part,)))
        return block

    def check(self, part: Any) -> None:
        """Checks that a part of `Rows` can be kept so.

        Raises:
            ValueError: If a number is too large.
        """
        if self.kept_as == "float16":
            for _, some in Rows((part,)).chunks():
                check_float16(np.asarray(some))
