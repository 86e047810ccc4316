"""Which characters an encoder knows, and the id of each."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

# As in POSIX bracket expressions, by Unicode category; RE2 knows them by these names.
CLASSES = {
    "[:alpha:]": r"\p{L}",
    "[:digit:]": r"\p{Nd}",
    "[:word:]": r"[\p{L}\p{N}]",
    "[:punct:]": r"[\p{P}\p{S}]",
    "[:space:]": r"[\s\p{Z}]",
}
START, END, REST = "[:start:]", "[:end:]", "[:rest:]"

# Wolfram's default: tab, newline and what ASCII prints.
DEFAULT = "\t\n" + "".join(map(chr, range(32, 127)))


@dataclass
class Alphabet:
    """Characters, groups and classes of characters, and their ids."""

    ids: dict[str, int] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, items: Any) -> "Alphabet":
        """The alphabet that a specification stands for; see `CharacterEncoder`.

        Raises:
            TypeError: If an item is none of the forms.
            ValueError: If a character comes twice, or an id is out of range.
        """
        alphabet = cls()
        for characters, id in _entries(items):
            alphabet._add(characters, id)
        return alphabet

    def _add(self, characters: str, id: Any) -> None:
        if id == "auto":
            self.tokens.append(characters if _is_name(characters) else characters[0])
            id = len(self.tokens)
        if isinstance(id, bool) or not isinstance(id, int):
            raise TypeError(f'an id must be an integer or "auto". Got {id!r}.')
        if not 1 <= id <= len(self.tokens):
            raise ValueError(
                f"{characters!r} must get an id in 1..{len(self.tokens)}, the ids so "
                f'far, or "auto". Got {id}.'
            )
        names = [characters] if _is_name(characters) else list(characters)
        for name in names:
            self._set(name, id)

    def _set(self, name: str, id: int) -> None:
        place = self.classes if name in CLASSES else self.marks
        place = place if _is_name(name) else self.ids
        if name in place:
            raise ValueError(
                f"an alphabet must hold a character once. Got {name!r} twice."
            )
        place[name] = id


def _is_name(characters: str) -> bool:
    return characters in CLASSES or characters in (START, END, REST)


def _entries(items: Any) -> Iterator[tuple[str, Any]]:
    """All that has an id, and that id or "auto"."""
    if not isinstance(items, Iterable):
        raise TypeError(f"alphabet must be a string or a list. Got {items!r}.")
    for item in [items] if isinstance(items, str | range) else items:
        if isinstance(item, dict):
            yield from ((group, id) for group, id in item.items() if group)
        elif isinstance(item, str) and _is_name(item):
            yield item, "auto"
        elif isinstance(item, str) and re.fullmatch(r"\[:\w+:\]", item):
            names = ", ".join(map(repr, (*CLASSES, START, END, REST)))
            raise ValueError(
                f"a class of characters must be one of {names}. Got {item!r}."
            )
        elif isinstance(item, str | range):
            characters = item if isinstance(item, str) else map(chr, item)
            yield from ((character, "auto") for character in characters)
        else:
            raise TypeError(
                "an alphabet must be made of strings, ranges of code points, and dicts "
                f"from a group of characters to its id. Got {item!r}."
            )
