"""The parsed table of a card, in the cache: made once, then memory-mapped.

tables/<name>-<digest of the file>/    as `WordVectors.save` writes it
"""

import shutil
from pathlib import Path

from keras_wembed import fetch, storage
from keras_wembed.card import Card
from keras_wembed.errors import FormatError
from keras_wembed.formats.read import is_model, read
from keras_wembed.formats.reading import pour, reading
from keras_wembed.formats.selection import Selection
from keras_wembed.places import cached as file_in_cache
from keras_wembed.places import places as file_places
from keras_wembed.settings import home


def table(card: Card, *, allow_unverified: bool = False) -> Path:
    """The folder of a whole table; fetched, read and kept if it is not here yet.

    Raises:
        FetchError: If the file cannot be had.
        FormatError: If the file cannot be read.
    """
    if folder := cached(card):
        return folder
    here = file_in_cache(card)
    if here and fetch.damage(card, here):
        shutil.rmtree(here.parent)  # It was whole when it came.
    file = fetch.fetch(card, allow_unverified=allow_unverified)
    folder = place(card, file.parent.name)
    with fetch.locked(folder.name):
        if not whole(folder):
            _remove_leftovers(folder)
            _make(folder, file, card)
    return folder


def cached(card: Card) -> Path | None:
    """The folder of a table that is here and whole."""
    for folder in places(card):
        if whole(folder):
            return folder
    return None


def places(card: Card) -> list[Path]:
    """Where the table of a card may lie: a place for each digest its file may have."""
    return [place(card, file.parent.name) for file in file_places(card)]


def place(card: Card, key: str) -> Path:
    """Where the table lies that is made from the file of this key."""
    return home() / "tables" / f"{card.name}-{key}"


def whole(folder: Path) -> bool:
    """Whether a folder holds a table, by a check that costs milliseconds."""
    try:
        storage.summary(folder)
    except FormatError:
        return False
    return True


def _make(folder: Path, file: Path, card: Card) -> None:
    member = card.member if file.name == card.file else None
    if is_model(file, card.format, member):  # composed only once all rows are read
        return storage.save(folder, *read(file, card.format, member=member))
    selection = Selection()
    with (
        storage.replacing(folder) as fresh,
        reading(
            file,
            card.format,
            member=member,
            on_bad_row="error",
        ) as rows,
        storage.Writer(fresh, rows.layout.size) as writer,
    ):
        if rows.layout.size != card.size:
            raise FormatError(
                f"{rows.file} must have vectors of size {card.size}, as its card says. "
                f"Got {rows.layout.size}."
            )
        report = pour(rows, selection, writer)
        unknown = writer.mean if selection.unknown is None else selection.unknown
        writer.finish(unknown, report)


def _remove_leftovers(folder: Path) -> None:
    """Deletes what processes left that were killed while they made this table."""
    for left in folder.parent.glob(f".{folder.name}.*"):
        shutil.rmtree(left, ignore_errors=True)
