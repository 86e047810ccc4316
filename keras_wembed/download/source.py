"""An address, and what it must serve."""

from dataclasses import dataclass

from keras_wembed.card import Digest
from keras_wembed.download.hashes import Hashes
from keras_wembed.download.request import Refused


class WrongBytes(Refused):
    """The bytes came, but they are not those that were expected."""


@dataclass(frozen=True)
class Source:
    """An address, and what it must serve.

    Args:
        url: The address.
        digests: The bytes must have one of these. Empty: no digest is known.
        members: The bytes of the wanted member must have one of these. Empty: it
            cannot be fetched alone.
        http: Whether plain http is allowed, as for a mirror that the user named.
    """

    url: str
    digests: tuple[Digest, ...] = ()
    members: tuple[Digest, ...] = ()
    http: bool = False


def match(hashes: Hashes, digests: tuple[Digest, ...]) -> Digest:
    """The digest that the bytes have.

    Args:
        hashes: What the bytes have.
        digests: What they may have. Empty: anything.

    Raises:
        WrongBytes: If they have none of them.
    """
    if not digests:
        return Digest(sha256=hashes.sha256)
    for digest in digests:
        if hashes.match(digest):
            return digest
    expected = " or ".join(str(digest.sha256 or digest.sha1) for digest in digests)
    raise WrongBytes(f"sha256 is {hashes.sha256}, expected {expected}")
