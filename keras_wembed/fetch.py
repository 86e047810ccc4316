"""The file of a card, verified and kept.

files/<digest>/<file>    what was fetched; it lies there only when it is right
partial/                 what is on its way
seen/                    digests seen where no card knows one; held to from then on
locks/                   so that processes wait for each other
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

import filelock

from keras_wembed.card import Card, Digest
from keras_wembed.download.partial import Partial
from keras_wembed.download.progress import bar
from keras_wembed.download.request import Interrupted, Patience, Refused
from keras_wembed.download.transfer import Source, Transfer, WrongBytes
from keras_wembed.errors import DigestError, FetchError, OfflineError, UnverifiedError
from keras_wembed.settings import home, mirrors, offline

PATIENCE = Patience()
KEY = 16  # hex digits of a digest that name a folder


def fetch(card: Card, *, allow_unverified: bool = False) -> Path:
    """The file of a card: from the cache, else from the first address that serves it.

    Args:
        card: What to fetch.
        allow_unverified: Accept a file of which no digest is known.

    Raises:
        OfflineError: If it is not in the cache and the network may not be used.
        UnverifiedError: If no digest is known and that is not allowed.
        DigestError: If the only bytes that came were wrong.
        FetchError: If no address serves it, or the disk has no room.
    """
    if path := cached(card):
        return path
    if offline():
        raise OfflineError(
            f"{card.file} must be in {home()}, for KERAS_WEMBED_OFFLINE is set. "
            "It is not: fetch it once without, or zoo.add() a copy."
        )
    known = [s for s in sources(card) if s.digests or allow_unverified]
    if not known:
        raise UnverifiedError(
            f"No digest of {card.file} is public, so it cannot be verified. "
            "Say allow_unverified=True to accept what comes, and hold to it later."
        )
    with locked(card.file):
        return cached(card) or _from_any(card, known)


def cached(card: Card) -> Path | None:
    """Where the file of a card lies, if it is here."""
    if not card.archives:
        return card.folder / card.file
    for source in sources(card):
        for digest in source.digests:
            path = place(digest, card.file)
            if path and path.exists():
                return path
    return None


def sources(card: Card) -> Iterator[Source]:
    """Where the file of a card may be had, best first: mirrors, then its addresses."""
    known = tuple(a.digest for a in card.archives if a.digest.known)
    for mirror in mirrors():
        url = f"{mirror.rstrip('/')}/{card.file}"
        digests = known or seen(url)
        yield Source(url, digests, http=bool(digests))
    for archive in card.archives:
        for url in archive.urls:
            digests = (archive.digest,) if archive.digest.known else seen(url)
            yield Source(url, digests)


def seen(url: str) -> tuple[Digest, ...]:
    """The digest that an address without a public one was seen to serve, if ever."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        return (Digest(sha256=json.loads(_seen(url).read_text())["sha256"]),)
    return ()


def place(digest: Digest, file: str) -> Path | None:
    """Where a file of this digest lies or will lie."""
    key = digest.sha256 or digest.sha1
    return home() / "files" / key[:KEY] / file if key else None


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time. Correct without it, but others would do the same work."""
    folder = home() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder / f"{name}.lock"):
        yield


def _from_any(card: Card, sources: list[Source]) -> Path:
    failures: list[str] = []
    wrong = False
    with bar(card.file) as progress:
        for source in sources:
            partial = Partial.claim(home() / "partial", source.url)
            try:
                hashes = Transfer(source, partial, PATIENCE, progress).run()
            except (Refused, Interrupted) as error:
                failures.append(f"{source.url}: {error}.")
                wrong = wrong or isinstance(error, WrongBytes)
                continue
            return _kept(card, source, partial, hashes.sha256)
    kind = DigestError if wrong else FetchError
    raise kind(f"{card.file} could not be fetched. " + " ".join(failures))


def _kept(card: Card, source: Source, partial: Partial, sha256: str) -> Path:
    """Moves a file that is right to its name."""
    if not source.digests:
        _write(_seen(source.url), json.dumps({"sha256": sha256, "url": source.url}))
    path = home() / "files" / sha256[:KEY] / card.file
    path.parent.mkdir(parents=True, exist_ok=True)
    os.replace(partial.path, path)
    partial.remove()
    return path


def _seen(url: str) -> Path:
    return home() / "seen" / f"{hashlib.sha256(url.encode()).hexdigest()[:KEY]}.json"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(text)
    os.replace(fresh, path)
