"""Room on the disk, asked for before the bytes come."""

import shutil
from pathlib import Path

from keras_wembed.errors import FetchError

SPARE = 1 << 26  # bytes left for others


def check_space(folder: Path, needed: int) -> None:
    """Makes sure that so many bytes fit.

    Raises:
        FetchError: If they do not.
    """
    free = shutil.disk_usage(folder).free
    if free < needed + SPARE:
        raise FetchError(
            f"{folder} must have room for {needed:,} bytes. It has {free:,}. "
            "Free some, or set KERAS_WEMBED_HOME to another place."
        )
