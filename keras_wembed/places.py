"""Where the file of a card may be had, and where it lies once it is here."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from keras_wembed.card import Archive, Card, Digest
from keras_wembed.download.source import Source
from keras_wembed.replacing import replacing_file
from keras_wembed.settings import home, mirrors

KEY = 16  # hex digits of a digest that name a folder


def sources(card: Card) -> Iterator[Source]:
    """Where the file of a card may be had, best first: mirrors, then its addresses."""
    known = tuple(a.digest for a in card.archives if a.digest.known)
    members = tuple(each for a in card.archives for each in member_digests(card, a))
    for mirror in mirrors():
        url = f"{mirror.rstrip('/')}/{card.file}"
        digests = known or seen(url)
        yield Source(url, digests, members, http=bool(digests or members))
    for archive in card.archives:
        for url in archive.urls:
            digests = (archive.digest,) if archive.digest.known else seen(url)
            yield Source(url, digests, member_digests(card, archive))


def member_digests(card: Card, archive: Archive) -> tuple[Digest, ...]:
    """What the wanted member must be, if it is worth fetching alone."""
    digest = archive.members.get(card.member or "")
    return (digest,) if digest and digest.known and len(archive.members) > 1 else ()


def places(card: Card) -> list[Path]:
    """Where the file of a card lies if it is here: its member alone, or the archive."""
    member = Path(card.member or "").name
    alone = [place(digest, member) for digest in _of_member(card)]
    whole = [place(digest, card.file) for digest in _of_archive(card)]
    return list(dict.fromkeys(alone + whole))


def digests(card: Card) -> tuple[Digest, ...]:
    """All that the file of a card may be: its member alone, or the archive."""
    return (*_of_member(card), *_of_archive(card))


def _of_member(card: Card) -> list[Digest]:
    found = [archive.members.get(card.member or "") for archive in card.archives]
    return [digest for digest in found if digest and digest.known]


def _of_archive(card: Card) -> list[Digest]:
    return [digest for source in sources(card) for digest in source.digests]


def cached(card: Card) -> Path | None:
    """Where the file of a card lies, if it is here."""
    if not card.archives:
        return card.folder / card.file
    return next((path for path in places(card) if path.exists()), None)


def place(digest: Digest, file: str) -> Path:
    """Where a file with this digest lies, or will lie."""
    return home() / "files" / str(digest.sha256 or digest.sha1)[:KEY] / file


def seen(url: str) -> tuple[Digest, ...]:
    """The digest that an address without a public one was seen to serve, if ever."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        return (Digest(sha256=json.loads(_seen(url).read_text())["sha256"]),)
    return ()


def remember(url: str, digest: Digest) -> None:
    """Writes down what an address served; from now on it must."""
    path = _seen(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing_file(path) as fresh:
        fresh.write_text(json.dumps({"url": url, "sha256": digest.sha256}))


def remember_for(card: Card, digest: Digest, *others: str) -> None:
    """Writes it down for each address of a card of which no digest is public.

    So what a mirror served is found again without the mirror.
    """
    own = (a.urls for a in card.archives if not a.digest.known)
    for url in {*others, *(url for urls in own for url in urls)}:
        remember(url, digest)


def forget(card: Card) -> None:
    """Undoes `remember_for`."""
    for source in sources(card):
        _seen(source.url).unlink(missing_ok=True)


def _seen(url: str) -> Path:
    return home() / "seen" / f"{hashlib.sha256(url.encode()).hexdigest()[:KEY]}.json"
