"""The errors that a caller may want to catch.

    ZooError
    ├── CardError            a card of the catalogue is badly written
    ├── UnknownModelError    no card has that name (also a ValueError)
    ├── FormatError          a file of vectors cannot be read (also a ValueError)
    └── FetchError           a file could not be had
        ├── OfflineError     it is not in the cache, and the network may not be used
        ├── UnverifiedError  no digest of it is known, and that was not allowed
        └── DigestError      its bytes are not those that were expected

A wrong argument is a plain `ValueError` or `TypeError`.
"""

__all__ = [
    "CardError",
    "DigestError",
    "FetchError",
    "FormatError",
    "OfflineError",
    "UnknownModelError",
    "UnverifiedError",
    "ZooError",
]


class ZooError(Exception):
    """Anything that goes wrong between the name of a model and its vectors."""


class CardError(ZooError):
    """A card of the catalogue is badly written."""


class UnknownModelError(ZooError, ValueError):
    """No card of the catalogue has that name."""


class FormatError(ZooError, ValueError):
    """A file of vectors cannot be read."""


class FetchError(ZooError):
    """A file could not be had from any of its addresses."""


class OfflineError(FetchError):
    """A file is not in the cache, and the network may not be used."""


class UnverifiedError(FetchError):
    """No digest of a file is known, and that was not allowed."""


class DigestError(FetchError):
    """The bytes of a file are not those that were expected."""
