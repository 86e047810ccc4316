"""The digest of bytes that pass by, against what a card expects."""

import hashlib
from pathlib import Path

from keras_wembed.card import HEX, Digest

CHUNK = 1 << 20  # bytes read at a time


class Hashes:
    """Digests of all bytes so far: sha256, and others if some digest needs them.

    Args:
        digests: What the bytes will be compared with.
    """

    def __init__(self, digests: tuple[Digest, ...] = ()) -> None:
        kinds = {"sha256", *(kind for digest in digests for kind in digest.kinds)}
        self._hashes = {kind: hashlib.new(kind) for kind in HEX if kind in kinds}
        self._bytes = 0

    def update(self, data: bytes) -> None:
        """Takes in the next bytes."""
        self._bytes += len(data)
        for each in self._hashes.values():
            each.update(data)

    def update_from(self, path: Path) -> None:
        """Takes in all bytes of a file."""
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                self.update(chunk)

    @property
    def sha256(self) -> str:
        """The sha256 of the bytes so far."""
        return self._hashes["sha256"].hexdigest()

    def match(self, digest: Digest) -> bool:
        """Whether the bytes so far are what the digest says, so far as it says it."""
        if digest.bytes not in (None, self._bytes):
            return False
        return all(
            self._hashes[kind].hexdigest() == getattr(digest, kind)
            for kind in digest.kinds
        )
