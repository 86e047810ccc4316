"""Which rows of a layer learn, and how fast."""

from dataclasses import dataclass, replace
from typing import Any, Self

from keras_wembed.learning_rate import by_group


@dataclass(frozen=True)
class Learning:
    """What of a layer learns.

    Args:
        rows: Which of its rows do, while the layer is trainable: True, all; False,
            none; `"new"`, the new ones.
        pretrained: What the learning rate of pretrained rows is multiplied by, or of
            what LoRA adds to them.
        new: That of new rows.
    """

    rows: bool | str
    pretrained: float
    new: float

    @classmethod
    def of(cls, trainable: Any, multiplier: Any, *, kept_as: Any, lora: Any) -> Self:
        """As the arguments of a layer say it.

        Args:
            trainable: Whether rows learn; `"new"` if only the new ones do.
            multiplier: A number for all rows, or a dict with one for each group.
            kept_as: What the rows are kept as if not as the floats that they are.
            lora: Whether there is something that is added to them.

        Raises:
            ValueError: If an argument is bad, or rows cannot learn.
        """
        if not isinstance(trainable, bool) and trainable != "new":
            raise ValueError(
                f'trainable must be True, False or "new". Got {trainable!r}.'
            )
        pretrained, new = by_group(multiplier)
        if kept_as and trainable is True and not lora:
            raise ValueError(
                f"Rows kept as {kept_as} must not learn: small steps would be lost. "
                'Got trainable=True. Pass trainable=False, or "new" for new rows '
                "alone; or lora_rank, for what is added to them."
            )
        rows = "new" if trainable == "new" else not (kept_as or lora)
        return cls(rows, pretrained, new)

    @property
    def multipliers(self) -> tuple[float, float]:
        """The multiplier of the pretrained rows themselves, and that of the new."""
        if self.rows == "new":
            return 0.0, self.new
        return (self.pretrained, self.new) if self.rows else (0.0, 0.0)

    def check_adaptable(self, constraint: Any) -> None:
        """Checks that LoRA can learn what is added to rows.

        Args:
            constraint: That of the rows.

        Raises:
            ValueError: If it cannot.
        """
        if constraint is not None:
            raise ValueError(
                "A layer with LoRA must have no embeddings_constraint: it would hold "
                f"for a and b. Got {type(constraint).__name__}."
            )
        if not self.pretrained:
            raise ValueError(
                "learning_rate_multiplier must not be 0 for rows that LoRA adapts. "
                "Got 0."
            )

    def held(self, *, all_rows: bool) -> "Learning":
        """The same, from when on rows stay as they are.

        Args:
            all_rows: Whether the new ones do so too.
        """
        return replace(self, rows=False if all_rows else "new")
