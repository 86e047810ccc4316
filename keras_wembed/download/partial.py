"""What is here of a file so far; a later process goes on with it."""

import contextlib
import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Self


class Partial:
    """The first bytes of what an address serves, under a name of this process alone.

    Args:
        path: Where they lie.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._facts = path.with_suffix(".json")

    @classmethod
    def claim(cls, folder: Path, url: str) -> Self:
        """What an earlier process left of this address, or a new empty one."""
        folder.mkdir(parents=True, exist_ok=True)
        key = hashlib.sha256(url.encode()).hexdigest()[:16]
        mine = cls(folder / f"{key}-{os.getpid()}-{uuid.uuid4().hex[:8]}.part")
        for path in folder.glob(f"{key}-*.unpacked"):
            path.unlink()
        left = sorted(
            folder.glob(f"{key}-*.part"), key=lambda path: path.stat().st_size
        )
        for path in left[-1:]:
            with contextlib.suppress(FileNotFoundError):
                cls(path)._facts.rename(mine._facts)
            path.rename(mine.path)
        mine.path.touch()
        return mine

    @property
    def bytes(self) -> int:
        """How many bytes are here."""
        return self.path.stat().st_size

    @property
    def validator(self) -> str | None:
        """What the server said tells these bytes from later ones: for `If-Range`."""
        try:
            return json.loads(self._facts.read_text())["validator"]
        except (OSError, ValueError, KeyError):
            return None

    def restart(self, validator: str | None) -> None:
        """Drops all bytes; those that come now have this validator."""
        self.path.write_bytes(b"")
        self._facts.write_text(json.dumps({"validator": validator}))

    def tidy(self) -> None:
        """Deletes what is of no use to a later process."""
        if not self.path.exists() or not self.bytes:
            self.path.unlink(missing_ok=True)
            self._facts.unlink(missing_ok=True)


@contextlib.contextmanager
def claimed(folder: Path, url: str) -> Iterator[Partial]:
    """What is here of an address, for as long as this process works on it."""
    partial = Partial.claim(folder, url)
    try:
        yield partial
    finally:
        partial.tidy()
