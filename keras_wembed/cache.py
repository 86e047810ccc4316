"""What the cache holds: list it, check it, empty it, put a file into it."""

import shutil
from pathlib import Path

from keras_wembed import catalogue, fetch, storage, tables
from keras_wembed.card import Card, Digest
from keras_wembed.download.hashes import Hashes
from keras_wembed.download.request import Refused
from keras_wembed.download.source import match
from keras_wembed.download.wholeness import check_whole
from keras_wembed.errors import DigestError, FetchError, UnverifiedError
from keras_wembed.places import (
    cached,
    digests,
    forget,
    place,
    places,
    remember_for,
)
from keras_wembed.replacing import replacing_file


def held() -> tuple[str, ...]:
    """The names of the models whose file or table is here."""
    return tuple(card.name for card in catalogue.cards().values() if is_held(card))


def is_held(card: Card) -> bool:
    """Whether the file or the table of a card is here."""
    return bool(card.archives and (cached(card) or tables.cached(card)))


def remove(card: Card) -> None:
    """Deletes the table of a card; its file too, unless it made another table.

    What its addresses were seen to serve, where no digest is public, is forgotten.
    """
    for folder in tables.places(card):
        shutil.rmtree(folder, ignore_errors=True)
    others = [each for each in catalogue.cards().values() if each.name != card.name]
    needed = {path for each in others if tables.cached(each) for path in places(each)}
    mine = [path for path in places(card) if path not in needed]
    for path in mine:
        if path.exists():
            shutil.rmtree(path.parent)
    if not needed & set(places(card)):
        forget(card)


def verify(card: Card) -> None:
    """Reads all that is here of a card, and deletes what is not as it was.

    Raises:
        DigestError: If something is damaged; it was deleted.
        FetchError: If nothing is here.
    """
    if not is_held(card):
        raise FetchError(f"{card.name} must be in the cache to be verified. It is not.")
    complaints = []
    path = cached(card)
    wrong = fetch.damage(card, path) if path else None
    if path and wrong:
        shutil.rmtree(path.parent)
        complaints.append(
            f"{path.name} must be as it was fetched. Its {wrong}. It was deleted: the "
            "next use fetches it again."
        )
    for folder in filter(Path.exists, tables.places(card)):
        damaged = not tables.whole(folder) or storage.damaged(folder)
        if damaged or wrong:
            shutil.rmtree(folder)
        if damaged:
            complaints.append(
                f"The table of {card.name} must be as it was written. It is not. It "
                "was deleted: the next use makes it again."
            )
    if complaints:
        raise DigestError(" ".join(complaints))


def add(card: Card, path: Path, *, allow_unverified: bool = False) -> Path:
    """Copies a file that was had otherwise to where a fetch would put it.

    Args:
        card: Which model it is of.
        path: The archive; or the wanted member, unpacked.
        allow_unverified: Accept it where no digest is known.

    Raises:
        DigestError: If it is another file.
        UnverifiedError: If no digest is known and that is not allowed.
    """
    known = digests(card)
    if not known and not allow_unverified:
        raise UnverifiedError(
            f"No digest of {card.file} is public, so it cannot be verified. "
            "Say allow_unverified=True to accept this file, and hold to it later."
        )
    hashes = Hashes(known)
    hashes.update_from(path)
    try:
        digest = match(hashes, known)
        if not known:
            check_whole(path, card.member)
    except Refused as error:
        raise DigestError(
            f"{path} must be a file of {card.name}. It is not: {error}."
        ) from error
    if not known:
        remember_for(card, digest)
    return _copied(path, place(digest, _name(card, digest)))


def _name(card: Card, digest: Digest) -> str:
    """What the file with this digest is called: the member's name, or the archive's."""
    members = [archive.members.get(card.member or "") for archive in card.archives]
    return Path(str(card.member)).name if digest in members else card.file


def _copied(path: Path, to: Path) -> Path:
    """A copy that has its name only when it is whole."""
    to.parent.mkdir(parents=True, exist_ok=True)
    with replacing_file(to) as fresh:
        shutil.copyfile(path, fresh)
    return to
