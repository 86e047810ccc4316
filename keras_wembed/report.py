"""What was counted while vectors were read."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """What was counted while vectors were read.

    Args:
        rows: Rows kept.
        duplicates: Rows left out because their token had a row already.
        skipped: Rows left out because they could not be read.
        missing: Tokens asked for that have no row.
    """

    rows: int = 0
    duplicates: int = 0
    skipped: int = 0
    missing: tuple[str, ...] = ()
