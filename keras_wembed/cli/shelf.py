"""Commands on the zoo: what there is, and what of it is here."""

import re
from typing import Any

from keras_wembed import catalogue, places, tables, zoo
from keras_wembed.card import Card
from keras_wembed.cli.command import add_command
from keras_wembed.cli.output import Rows, facts
from keras_wembed.errors import ZooError


def add_commands(commands: Any) -> None:
    """Adds `list`, `info`, `fetch` and `cache`."""
    models = add_command(commands, "list", _list, "keras-wembed list")
    models.add_argument("--all", action="store_true", help="a line for each model")
    info = add_command(commands, "info", _info, "keras-wembed info glove-6b-50d")
    info.add_argument("name", help="a name from `keras-wembed list --all`")
    fetch = add_command(commands, "fetch", _fetch, "keras-wembed fetch glove-6b-50d")
    fetch.add_argument("name", nargs="+", help="from `keras-wembed list --all`")
    fetch.add_argument(
        "--allow-unverified",
        action="store_true",
        help="accept a file of which no digest is public, and hold to it later",
    )
    example = "keras-wembed cache remove glove-6b-50d"
    cache = add_command(commands, "cache", _cache, example)
    cache.add_argument("do", nargs="?", default="list", choices=_CACHE)
    cache.add_argument("name", nargs="*", help="by default, to verify, all")


def _list(options: Any) -> Rows:
    """The models of the zoo: a line for those that differ only in size or language."""
    if options.all or options.json:
        held = set(zoo.cached())
        return [
            {
                "name": card.name,
                "rows": card.rows,
                "size": card.size,
                "license": card.license,
                "cached": card.name in held or not card.archives,
            }
            for card in map(zoo.card, zoo.names())
        ]
    return [
        {"names": names, "rows": rows, "license": license, "made from": corpus}
        for names, rows, corpus, license in families()
    ]


def families() -> list[tuple[str, int | None, str, str]]:
    """Names, rows, corpus and licence of models that differ only in size or language.

    >>> families()[-2][0]
    'openbooks-50d'
    """
    found: dict[tuple[str, int | None, str, str], set[int]] = {}
    for card in catalogue.cards().values():
        rows = None if "-cc-" in card.name else card.rows
        name = re.sub(r"-cc-\w+-", "-cc-<language>-", card.name)
        name = re.sub(r"-\d+d$", "-{}d", name)
        key = (name, rows, card.corpus, card.license)
        found.setdefault(key, set()).add(card.size)
    return [
        (name.replace("{}", _sizes(sizes)), rows, corpus, license)
        for (name, rows, corpus, license), sizes in found.items()
    ]


def _sizes(sizes: set[int]) -> str:
    listed = ",".join(map(str, sorted(sizes)))
    return f"{{{listed}}}" if len(sizes) > 1 else listed


def _info(options: Any) -> Rows:
    """All that is known of a model."""
    card = zoo.card(options.name)
    digests = [archive.digest for archive in card.archives]
    about = {
        "name": card.name,
        "other names": "; ".join(card.aliases),
        "rows": card.rows,
        "size": card.size,
        "made from": card.corpus,
        "tokens of it": card.corpus_tokens,
        "split as": f"{card.split}: {card.tokenizer}",
        "capitals": "kept" if card.cased else "made small",
        "license": card.license,
        "creator": card.creator,
        "year": None if card.year is None else str(card.year),
        "source": card.source,
        "citation": card.citation,
        "note": " ".join(card.note.split()),
        "file": card.file,
        "bytes": next((digest.bytes for digest in digests if digest.bytes), None),
        "sha256": next((digest.sha256 for digest in digests if digest.sha256), None),
        "verified": card.verified,
        "here": card.name in zoo.cached() or not card.archives,
    }
    known = {what: fact for what, fact in about.items() if fact not in (None, "")}
    return facts(known, as_json=options.json)


def _fetch(options: Any) -> Rows:
    """Downloads models, verifies them, and keeps them for later."""
    rows = []
    for name in options.name:
        vectors = zoo.vectors(name, allow_unverified=options.allow_unverified)
        card = zoo.card(name)
        rows.append({"name": card.name, "rows": len(vectors), "size": vectors.size})
    return rows


def _cache(options: Any) -> Rows:
    """What of the zoo is here: list it, verify it, remove some."""
    return _CACHE[options.do](options.name)


def _listed(names: list[str]) -> Rows:
    cards = [zoo.card(name) for name in names or zoo.cached()]
    return [{"name": card.name, "bytes": _bytes(card)} for card in cards]


def _verified(names: list[str]) -> Rows:
    names = names or list(zoo.cached())
    complaints = []
    for name in names:
        try:
            zoo.verify(name)
        except ZooError as error:
            complaints.append(str(error))
    if complaints:
        raise ZooError("\n".join(complaints))
    return [{"name": name, "is": "as it came"} for name in names]


def _removed(names: list[str]) -> Rows:
    if not names:
        raise ValueError("cache remove must have the names of models. Got none.")
    cards = [zoo.card(name) for name in names]
    held = zoo.cached()
    for card in cards:
        if card.name not in held:
            raise ValueError(
                f"{card.name} must be in the cache to be removed. It is not."
            )
    rows = [{"name": card.name, "bytes freed": _bytes(card)} for card in cards]
    for card in cards:
        zoo.remove(card.name)
    return rows


_CACHE = {"list": _listed, "verify": _verified, "remove": _removed}


def _bytes(card: Card) -> int:
    """What the file and the table of a model take on the disk."""
    file = places.cached(card) if card.archives else None
    folder = tables.cached(card)
    held = [*([file] if file else []), *(folder.iterdir() if folder else [])]
    return sum(path.stat().st_size for path in held)
