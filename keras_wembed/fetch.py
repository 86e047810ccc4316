"""The file of a card, verified and kept.

files/<digest>/<file>    what was fetched; it lies there only when it is right
partial/                 what is on its way
seen/                    digests seen where no card knows one; held to from then on
locks/                   so that processes wait for each other
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import filelock

from keras_wembed.card import Card
from keras_wembed.download.hashes import Hashes
from keras_wembed.download.partial import Partial, claimed
from keras_wembed.download.progress import Bar, bar
from keras_wembed.download.remote_zip import transfer_member
from keras_wembed.download.request import Interrupted, Patience, Refused
from keras_wembed.download.source import Source, WrongBytes, match
from keras_wembed.download.transfer import Transfer
from keras_wembed.download.wholeness import check_whole
from keras_wembed.errors import DigestError, FetchError, OfflineError, UnverifiedError
from keras_wembed.places import cached, digests, place, remember_for, sources
from keras_wembed.settings import home, offline

PATIENCE = Patience()
_HINT = "Set KERAS_WEMBED_MIRROR to where it is, or zoo.add() a copy."


def fetch(card: Card, *, allow_unverified: bool = False) -> Path:
    """The file of a card: from the cache, else from the first address that serves it.

    Args:
        card: What to fetch.
        allow_unverified: Accept a file of which no digest is known.

    Returns:
        The path of the archive; or of the wanted member, if it was fetched alone.

    Raises:
        OfflineError: If it is not in the cache and the network may not be used.
        UnverifiedError: If no digest is known and that is not allowed.
        DigestError: If wrong bytes came.
        FetchError: If no address serves it, or it cannot be written.
    """
    if path := cached(card):
        return path
    if offline():
        raise OfflineError(
            f"{card.file} must be in {home()}, for KERAS_WEMBED_OFFLINE is set. "
            "It is not: fetch it once without, or zoo.add() a copy."
        )
    usable = [s for s in sources(card) if s.digests or s.members or allow_unverified]
    if not usable:
        raise UnverifiedError(
            f"No digest of {card.file} is public, so it cannot be verified. "
            "Say allow_unverified=True to accept what comes, and hold to it later."
        )
    try:
        with locked(card.file):
            return cached(card) or _from_any(card, usable, allow_unverified)
    except OSError as error:
        raise FetchError(
            f"{card.file} must be written to {home()}. {error}. "
            "Make room, or set KERAS_WEMBED_HOME to another place."
        ) from error


def damage(card: Card, path: Path) -> str | None:
    """What is wrong with a file in the cache; None if it is as it was fetched."""
    known = digests(card)
    hashes = Hashes(known)
    hashes.update_from(path)
    try:
        match(hashes, known)
    except WrongBytes as error:
        return str(error)
    return None


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time. Right without it too, but then all do the same work."""
    folder = home() / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(folder / f"{name}.lock"):
        yield


def _from_any(card: Card, sources: list[Source], allow_unverified: bool) -> Path:
    failures: list[Exception] = []
    reasons: list[str] = []
    with bar(card.file) as progress:
        for source in sources:
            try:
                return _from(card, source, allow_unverified, progress)
            except (Refused, Interrupted) as error:
                failures.append(error)
                reasons.append(f"{source.url}: {error}.")
    wrong = any(isinstance(error, WrongBytes) for error in failures)
    kind = DigestError if wrong else FetchError
    raise kind(f"{card.file} could not be fetched. {' '.join(reasons)} {_HINT}")


def _from(card: Card, source: Source, allow_unverified: bool, progress: Bar) -> Path:
    """From one address: just the wanted member if that can be, else the whole file."""
    if source.members:
        try:
            return _member(card, source, progress)
        except Refused:
            if not source.digests and not allow_unverified:
                raise
    return _archive(card, source, progress)


def _member(card: Card, source: Source, progress: Bar) -> Path:
    member = str(card.member)
    with claimed(home() / "partial", f"{source.url}#{member}") as partial:
        digest = transfer_member(source, member, partial, PATIENCE, progress)
        return _kept(partial, place(digest, Path(member).name))


def _archive(card: Card, source: Source, progress: Bar) -> Path:
    with claimed(home() / "partial", source.url) as partial:
        digest = Transfer(source, partial, PATIENCE, progress).run()
        if not source.digests:
            check_whole(partial.path, card.member)
            remember_for(card, digest, source.url)
        return _kept(partial, place(digest, card.file))


def _kept(partial: Partial, path: Path) -> Path:
    """Moves a file that is right to its name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.replace(partial.path, path)
    return path
