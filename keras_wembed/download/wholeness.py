"""Whether an archive is whole by its own checksums, where no digest of it is known."""

import gzip
import lzma
import zipfile
import zlib
from pathlib import Path
from typing import IO

from keras_wembed.download.request import Refused

CHUNK = 1 << 20  # bytes read at a time

# What reading a damaged archive raises; RuntimeError: encrypted, or packed in a way
# that Python does not know.
DAMAGED = (
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    lzma.LZMAError,
    RuntimeError,
)


def check_whole(path: Path, member: str | None) -> None:
    """Reads an archive through; a file of another kind is let pass.

    Args:
        path: The file.
        member: The member of a zip that is wanted. None: any.

    Raises:
        Refused: If the archive is damaged, or has no such member.
    """
    with path.open("rb") as file:
        start = file.read(4)
    try:
        if start == b"PK\x03\x04":
            with zipfile.ZipFile(path) as archive:
                for name in [member] if member else archive.namelist():
                    with archive.open(name) as packed:
                        _drain(packed)
        elif start[:2] == b"\x1f\x8b":
            with gzip.open(path) as packed:
                _drain(packed)
    except DAMAGED as error:
        raise Refused("the archive is damaged") from error
    except KeyError as error:
        raise Refused(f"the archive has no member {member!r}") from error


def _drain(file: IO[bytes] | gzip.GzipFile) -> None:
    while file.read(CHUNK):
        pass
