"""The folder of a served model: a subfolder for each version, whole or not there."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIG = "models.config"


def check_version(path: Path, version: int | None) -> None:
    """Refuses a folder or a version that cannot be written.

    Raises:
        ValueError: If `path` is a file, or the version is there.
    """
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} must be a folder, or not exist. Got a file.")
    if version is not None and (path / str(version)).exists():
        raise ValueError(
            f"version must be one that {path} does not hold. Got {version}. A served "
            "version never changes: take another number."
        )


@contextmanager
def building(path: Path) -> Iterator[Path]:
    """A new empty folder beside the versions, which servers do not see."""
    path.mkdir(parents=True, exist_ok=True)
    fresh = path / f".{os.getpid()}-{uuid.uuid4().hex[:8]}"
    fresh.mkdir()
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def place(fresh: Path, path: Path, version: int | None) -> Path:
    """Makes a whole folder a version, in one step.

    Raises:
        ValueError: If somebody else placed this version meanwhile.
    """
    while True:
        placed = path / str(version or _last(path) + 1)
        try:
            return fresh.rename(placed)
        except OSError:
            if not placed.exists():
                raise
            check_version(path, version)


def _last(path: Path) -> int:
    """The highest version that is there; 0 without any."""
    names = [place.name for place in path.iterdir()]
    return max((int(name) for name in names if name.isdecimal()), default=0)


def write_config(path: Path) -> None:
    """Writes what TensorFlow Serving starts with, where it finds `/models/<name>`."""
    name = path.resolve().name
    text = f"""\
model_config_list {{
  config {{
    name: "{_escaped(name)}"
    base_path: "/models/{_escaped(name)}"
    model_platform: "tensorflow"
  }}
}}
"""
    fresh = path / f".{os.getpid()}-{uuid.uuid4().hex[:8]}"
    fresh.write_text(text)
    fresh.replace(path / CONFIG)


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')
