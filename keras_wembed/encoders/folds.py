"""Other spellings of a vocabulary's tokens: which mark is which, it decides itself."""

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import tensorflow as tf

# Marks that stand for one another. A text's gets the id of the first that has one.
MARKS = {
    '"': ("``", "''", "“", "”"),
    "``": ('"', "“"),
    "''": ('"', "”"),
    "“": ('"', "``"),
    "”": ('"', "''"),
    "„": ('"', "``"),
    "«": ('"', "``"),
    "»": ('"', "''"),
    "'": ("\u2019", "`"),
    "`": ("'", "\u2018"),
    "\u2018": ("'", "`"),
    "\u2019": ("'",),
    "\u201a": ("'", "`"),
    "\u00b4": ("'",),
    "--": ("—", "\u2013", "-"),
    "—": ("--", "\u2013", "-"),
    "―": ("—", "--", "\u2013", "-"),
    "\u2013": ("--", "—", "-"),
    "\u2212": ("-", "\u2013"),
    "\u2010": ("-",),
    "\u2011": ("-",),
    "...": ("…",),
    "…": ("...",),
    "(": ("-lrb-", "-LRB-"),
    ")": ("-rrb-", "-RRB-"),
    "[": ("-lsb-", "-LSB-"),
    "]": ("-rsb-", "-RSB-"),
    "{": ("-lcb-", "-LCB-"),
    "}": ("-rcb-", "-RCB-"),
}
# Inside a token these are often written otherwise.
INSIDE = {"'": "\u2019", "\u2019": "'", "-": "\u2010\u2011"}


def with_spellings(keys: tf.Tensor, ids: Any) -> tuple[tf.Tensor, np.ndarray]:
    """The keys of a table and their ids, and those of the keys' other spellings.

    Shapes:
        keys: `(count,)`
        ids: `(count,)`
        returns: both `(count + others,)`
    """
    tokens = (key.decode() for key in keys.numpy())
    known = dict(zip(tokens, np.asarray(ids).tolist(), strict=True))
    known |= spellings(known)
    keys = tf.constant([*known], tf.string, [len(known)])
    return keys, np.fromiter(known.values(), np.int64)


def spellings(ids: Mapping[str, int]) -> dict[str, int]:
    """Spellings that are no tokens themselves, each with the id of a token that it is.

    Quotes, dashes, ellipses and brackets stand for one another; apostrophes may be
    curly and hyphens Unicode's; accents may be composed or not; and the control
    characters that Windows-1252 is read as in Latin-1 stand for its marks.

    Args:
        ids: The tokens of a vocabulary, with their ids.

    >>> folds = spellings({"--": 1, "n't": 2, '"': 3})
    >>> folds["—"], folds["n\u2019t"], folds["“"], "--" in folds
    (1, 2, 3, False)
    """
    found: dict[str, int] = {}
    for token, id in ids.items():
        if token.isascii() and "-" not in token and "'" not in token:
            continue  # as most are: looking closer at all takes five times as long
        for spelling in _rewritten(token):
            found.setdefault(spelling, id)
    for mark, others in (*MARKS.items(), *_misread()):
        known = [ids[other] for other in others if other in ids]
        found.update((mark, id) for id in known[:1])
    return {spelling: id for spelling, id in found.items() if spelling not in ids}


def _rewritten(token: str) -> Iterator[str]:
    for mark, others in INSIDE.items():
        if mark in token and token not in MARKS:
            yield from (token.replace(mark, other) for other in others)
    if not token.isascii():
        yield unicodedata.normalize("NFD", token)
        yield unicodedata.normalize("NFC", token)


def _misread() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The marks of Windows-1252, by what they become in Latin-1."""
    for byte in range(0x80, 0xA0):
        mark = bytes([byte]).decode("cp1252", errors="ignore")
        if mark:
            yield chr(byte), (mark, *MARKS.get(mark, ()))
