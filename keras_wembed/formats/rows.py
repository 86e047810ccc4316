"""What readers of all formats share: blocks of rows, and what to do with a bad one."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_wembed.errors import FormatError

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Block:
    """Some rows in the order of the file.

    Shapes:
        rows: `(len(tokens), size)`
    """

    tokens: list[bytes]
    rows: Floats


@dataclass
class BadRows:
    """Raises at a bad row, or counts it.

    Args:
        file: What messages call the file.
        skip: Count, and go on.
    """

    file: str
    skip: bool = False
    count: int = field(default=0, init=False)

    def found(self, place: str, what: str) -> None:
        """A row that cannot be read stands at this place, as in `line 7`."""
        self.count += 1
        if not self.skip:
            raise FormatError(f"{self.file}, {place}: {what}")
