"""A card: all that is known of one model of the zoo before it is here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keras_wembed.errors import CardError

HEX = {"sha256": 64, "sha1": 40, "md5": 32}  # digits
NAME = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Digest:
    """What the bytes of a file must be.

    Args:
        bytes: How many.
        sha256: Enough alone.
        sha1: Counts together with `md5`.
        md5: Counts together with `sha1`.
    """

    bytes: int | None = None
    sha256: str | None = None
    sha1: str | None = None
    md5: str | None = None

    def __post_init__(self) -> None:
        for kind, digits in HEX.items():
            value = getattr(self, kind)
            if value and not re.fullmatch(rf"[0-9a-f]{{{digits}}}", value):
                raise CardError(f"{kind} must be {digits} hex digits. Got {value!r}.")

    @property
    def known(self) -> bool:
        """Whether it can tell the right bytes from all others."""
        return bool(self.sha256 or (self.sha1 and self.md5))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of the digests to compare."""
        return ("sha256",) if self.sha256 else ("sha1", "md5") if self.known else ()


@dataclass(frozen=True, kw_only=True)
class Archive:
    """One file of certain bytes, and where it can be had.

    Args:
        urls: Addresses that serve these bytes.
        digest: What the bytes must be.
        members: For a .zip, what single members must be.
    """

    urls: tuple[str, ...]
    digest: Digest = Digest()
    members: Mapping[str, Digest] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Card:
    """All that is known of one model before it is here.

    Args:
        name: The name, as in `glove-6b-50d`.
        size: Width of a vector.
        rows: How many rows. None: not known.
        aliases: Other names, among them Wolfram's.
        file: The name of the file to fetch, or of one that lies beside the card.
        member: Which member of a .zip. None: the only one.
        format: As in `WordVectors.read`. None: found from the bytes.
        archives: The files that serve, best first. Empty: `file` lies beside the card.
        folder: Where the card lies.
        variants: The names of all models of the same download.
        split: How its `TokenEncoder` splits a text.
        cased: Whether its tokens tell capitals from small letters.
        fallback: What its `TokenEncoder` tries for a token that has no row.
        family: What it belongs to, as in `GloVe`.
        year: When it was published.
        creator: Who made it.
        citation: What to cite.
        source: Its page.
        license: Under what terms it may be used.
        corpus: What it was trained on.
        corpus_tokens: How much that was, as in `6B`.
        tokenizer: How the corpus was split.
        note: What else one should know.
    """

    name: str
    size: int
    file: str
    rows: int | None = None
    aliases: tuple[str, ...] = ()
    member: str | None = None
    format: str | None = None
    archives: tuple[Archive, ...] = ()
    folder: Path = Path()
    variants: tuple[str, ...] = ()
    split: str = "words"
    cased: bool = False
    fallback: tuple[str, ...] = ()
    family: str = ""
    year: int | None = None
    creator: str = ""
    citation: str = ""
    source: str = ""
    license: str = ""
    corpus: str = ""
    corpus_tokens: str = ""
    tokenizer: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise CardError(
                f"name must be small letters, digits, '-' and '.'. Got {self.name!r}."
            )
        if self.size < 1:
            raise CardError(f"size must be at least 1. Got {self.size}.")
        if not self.file or "/" in self.file or self.file.startswith("."):
            raise CardError(
                f"file must be the plain name of a file. Got {self.file!r}."
            )

    def information(self, name: str) -> Any:
        """A property by the name that Wolfram's `NetModel` gives it.

        Args:
            name: As in `"ByteCount"`, `"SourceMetadata"` or `"EvaluationNet"`;
                `"Properties"` lists them all.

        Raises:
            ValueError: If there is none of that name; lists them.
        """
        # Nets stand on floors above: they need the layer.
        from keras_wembed.properties import property_of

        return property_of(self, name)

    @property
    def attribution(self) -> dict[str, str]:
        """What must be said of the vectors wherever they go."""
        keys = "name", "creator", "license", "source", "citation", "corpus", "note"
        return {key: text for key in keys if (text := getattr(self, key))}

    @property
    def ignore_case(self) -> bool:
        """Whether a text is looked up in small letters."""
        return not self.cased

    @property
    def encoder_options(self) -> dict[str, Any]:
        """How its `TokenEncoder` makes tokens of a text."""
        return {
            "split": self.split,
            "ignore_case": self.ignore_case,
            "fallback": list(self.fallback),
        }

    @property
    def verified(self) -> bool:
        """Whether the digest of some archive is known."""
        return not self.archives or any(a.digest.known for a in self.archives)
