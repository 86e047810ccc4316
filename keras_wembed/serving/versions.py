"""The folder of a served model: a subfolder for each version, whole or not there."""

import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from os import PathLike
from pathlib import Path

from keras_wembed.choices import positive

CONFIG = "models.config"
LARGEST = 2**63 - 1  # TensorFlow Serving reads versions into 64 bits, and skips others.

_DAY = 24 * 3600  # seconds


def checked(path: str | PathLike[str]) -> Path:
    """The folder of all versions.

    Raises:
        ValueError: If it cannot be one.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path must be a folder. Got {type(path).__name__}.")
    if "://" in os.fspath(path):
        raise ValueError(
            f"path must be a folder of this machine. Got {os.fspath(path)!r}. Export "
            "to one, and copy that."
        )
    folder = Path(path)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} must be a folder, or not exist. Got a file.")
    if not folder.resolve().name:
        raise ValueError(f"path must have a name, which the model gets. Got {folder}.")
    return folder


def check_version(path: Path, version: int | None) -> None:
    """Refuses a version that cannot be written.

    Raises:
        TypeError: If it is no integer.
        ValueError: If it is there, or no number that TensorFlow Serving reads.
    """
    number = positive("version", version)
    if number is None:
        return
    if number > LARGEST:
        raise ValueError(f"version must be at most {LARGEST}. Got {number}.")
    if number in _versions(path):
        raise ValueError(
            f"version must be one that {path} does not hold. Got {number}. A served "
            "version never changes: take another number."
        )


@contextmanager
def building(path: Path) -> Iterator[Path]:
    """A new empty folder beside the versions, which servers do not see.

    Those that processes left behind which were killed are deleted a day later.
    """
    path.mkdir(parents=True, exist_ok=True)
    for left in filter(_is_left, path.iterdir()):
        shutil.rmtree(left, ignore_errors=True)
    fresh = path / f".{os.getpid()}-{uuid.uuid4().hex[:8]}"
    fresh.mkdir()
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    """Whether an export that is long over made a folder, and did not rename it."""
    with suppress(FileNotFoundError):  # Another may delete it.
        named_so = re.fullmatch(r"\.[0-9]+-[0-9a-f]{8}", folder.name)
        return bool(named_so) and time.time() - folder.stat().st_mtime > _DAY
    return False


def place(fresh: Path, path: Path, version: int | None) -> Path:
    """Makes a whole folder a version, in one step.

    Raises:
        ValueError: If somebody else placed this version meanwhile, or there is no
            higher one.
    """
    while True:
        check_version(path, version)
        number = version or _next(path)
        try:
            return fresh.rename(path / str(number))
        except OSError:
            if not (path / str(number)).exists():
                raise


def _next(path: Path) -> int:
    last = max(_versions(path), default=0)
    if last >= LARGEST:
        raise ValueError(
            f"version must be given where {path} holds {LARGEST}, which is the last."
        )
    return last + 1


def _versions(path: Path) -> set[int]:
    """The versions that are there."""
    names = [place.name for place in path.iterdir()] if path.exists() else []
    return {int(name) for name in names if name.isdecimal()}


def write_config(path: Path) -> None:
    """Writes what TensorFlow Serving starts with, where it finds `/models/<name>`."""
    name = path.resolve().name
    # What JSON escapes Protocol Buffers' text format escapes alike.
    quoted, place = (
        json.dumps(text, ensure_ascii=False) for text in (name, f"/models/{name}")
    )
    text = f"""\
model_config_list {{
  config {{
    name: {quoted}
    base_path: {place}
    model_platform: "tensorflow"
  }}
}}
"""
    fresh = path / f".{os.getpid()}-{uuid.uuid4().hex[:8]}"
    fresh.write_text(text, "utf-8")
    fresh.replace(path / CONFIG)
