"""The catalogue: cards in TOML files, one for each download, and names that find them.

Ours lie in `zoo/`; a user's own in `cards/` of `KERAS_WEMBED_HOME` add to them, and
take the place of ours under the same name.
"""

import dataclasses
import difflib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from keras_wembed.card import Archive, Card, Digest
from keras_wembed.errors import CardError, UnknownModelError
from keras_wembed.settings import home

PACKAGE = Path(__file__).parent
DEFAULT = "openbooks-50d"  # ships with the package


def folders() -> tuple[Path, ...]:
    """Where cards lie: ours, installed or in a checkout, then the user's."""
    installed, checkout = PACKAGE / "cards", PACKAGE.parent / "zoo"
    return (installed if installed.is_dir() else checkout, home() / "cards")


def cards() -> dict[str, Card]:
    """All cards by name.

    Raises:
        CardError: If a file is badly written; names it.
    """
    found: dict[str, Card] = {}
    for folder in folders():
        for path in sorted(folder.glob("*.toml")):
            found |= {card.name: card for card in read(path)}
    return found


def names() -> tuple[str, ...]:
    """The names of all models."""
    return tuple(cards())


def card(name: str) -> Card:
    """The card of a model, by its name or another name of it; case does not matter.

    Raises:
        TypeError: If `name` is no str.
        UnknownModelError: If there is none; says which are near.

    >>> card("GloVe-6B-50d").name
    'glove-6b-50d'
    """
    if not isinstance(name, str):
        raise TypeError(f"name must be a str. Got {type(name).__name__}.")
    known = {}
    for found in cards().values():
        for each in (*found.aliases, found.name):
            known[each.casefold()] = found
    if name.casefold() in known:
        return known[name.casefold()]
    near = difflib.get_close_matches(name.casefold(), known, n=3, cutoff=0.6)
    near = near or [each for each in known if name and name.casefold() in each][:3]
    guesses = dict.fromkeys(known[each].name for each in near)
    guess = " or ".join(map(repr, guesses))
    hint = f"Did you mean {guess}?" if guess else "See zoo.names()."
    if not guess and {".", "/"} & set(name):
        hint += " WordVectors.read reads a file of your own."
    raise UnknownModelError(f"The zoo has no model named {name!r}. {hint}")


def read(path: Path) -> list[Card]:
    """The cards in one file: a card for each of its `models`."""
    try:
        with path.open("rb") as file:
            facts = tomllib.load(file)
        return list(_expanded(facts, path.parent))
    except (tomllib.TOMLDecodeError, TypeError, KeyError, CardError) as error:
        raise CardError(f"{path} must be a card. {error}") from error


def _expanded(facts: dict[str, Any], folder: Path) -> Iterator[Card]:
    languages, models = facts.pop("languages", [None]), facts.pop("models")
    each = [
        _filled({**facts, **model}, language)
        for language in languages
        for model in models
    ]
    variants = tuple(model["name"] for model in each)
    for model in each:
        yield _card(model, folder, variants)


def _filled(value: Any, language: str | None) -> Any:
    """The value with `{language}` replaced in all its strings."""
    if language is None:
        return value
    if isinstance(value, str):
        return value.replace("{language}", language)
    if isinstance(value, list):
        return [_filled(each, language) for each in value]
    if isinstance(value, dict):
        return {key: _filled(each, language) for key, each in value.items()}
    return value


def _card(facts: dict[str, Any], folder: Path, variants: tuple[str, ...]) -> Card:
    archives = tuple(_archive(archive) for archive in facts.pop("archives", []))
    aliases = tuple(facts.pop("aliases", []))
    fallback = tuple(facts.pop("fallback", []))
    return _made(
        Card,
        facts,
        archives=archives,
        aliases=aliases,
        fallback=fallback,
        folder=folder,
        variants=variants,
    )


def _archive(facts: dict[str, Any]) -> Archive:
    urls, members = tuple(facts["urls"]), facts.get("members", {})
    digest = {key: facts[key] for key in facts if key not in ("urls", "members")}
    return Archive(
        urls=urls,
        digest=_made(Digest, digest),
        members={name: _made(Digest, member) for name, member in members.items()},
    )


def _made(kind: Any, facts: dict[str, Any], **more: Any) -> Any:
    """A value of a dataclass, after a check that each fact is one of its fields."""
    fields = [each.name for each in dataclasses.fields(kind)]
    for key in facts:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise CardError(f"A card has no field {key!r}.{hint}")
    return kind(**facts, **more)
