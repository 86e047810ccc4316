"""Tokens and their ids: the one place that knows that ids start at 1."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Set
from functools import cached_property
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

Token = str | int | bool

# Up to this many tokens stand in a config as they are. More are named by digest, so
# that a config never holds 400,000 tokens of JSON.
_SPELT_OUT = 1000

# Finds the vocabulary that a digest in a config names, while anyone holds it.
_named: WeakValueDictionary[str, "Vocabulary"] = WeakValueDictionary()


class Vocabulary:
    """The tokens that an encoder knows, in the order of their ids, 1 to `len`.

    Args:
        tokens: All different, and all str, all int or all bool.
        argument: What the caller calls them.

    Raises:
        TypeError: If the tokens are of no kind, or of more than one.
        ValueError: If a token stands twice.

    >>> vocabulary = Vocabulary(["the", "cat"])
    >>> vocabulary.id("cat"), vocabulary.token(2)
    (2, 'cat')
    """

    def __init__(self, tokens: Iterable[Token], argument: str = "tokens"):
        self.tokens: tuple[Token, ...] = tuple(tokens)
        self._argument = argument
        self._check_kind()
        if self.tokens and type(self.tokens[0]) is int:
            self._check_range()
        if len(set(self.tokens)) < len(self.tokens):
            self._refuse_repeat()

    def _check_kind(self) -> None:
        kinds = set(map(type, self.tokens))
        if len(kinds) > 1 or not kinds <= {str, int, bool}:
            names = ", ".join(sorted(kind.__name__ for kind in kinds))
            raise TypeError(
                f"{self._argument} must be all str, all int or all bool. Got {names}."
            )

    def _check_range(self) -> None:
        for token in self.tokens:
            if not -(2**63) <= int(token) < 2**63:
                raise ValueError(
                    f"{self._argument} must fit into 64 bits. Got {token}."
                )

    def _refuse_repeat(self) -> None:
        seen: dict[Token, int] = {}
        for id, token in enumerate(self.tokens, start=1):
            if token in seen:
                raise ValueError(
                    f"{self._argument} must differ. Got {token!r} at {seen[token]} and "
                    f"at {id}."
                )
            seen[token] = id

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def ids(self) -> np.ndarray:
        """The ids of all tokens, in order."""
        return np.arange(1, len(self) + 1)

    @cached_property
    def _id_of(self) -> dict[Token, int]:
        return dict(zip(self.tokens, self.ids.tolist(), strict=True))

    def id(self, token: Token) -> int | None:
        """The id of a token, or None if it has none."""
        return self._id_of.get(token)

    def token(self, id: int) -> Token:
        """The token of an id.

        Raises:
            ValueError: If no token has that id.
        """
        if not 1 <= id <= len(self):
            raise ValueError(f"id must be in 1..{len(self)}. Got {id}.")
        return self.tokens[id - 1]

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of `to_json`."""
        return hashlib.sha256(self.to_json()).hexdigest()

    def to_json(self) -> bytes:
        """A JSON list with a token a line; any character survives it."""
        text = json.dumps(self.tokens, ensure_ascii=False, separators=(",\n", ": "))
        return text.encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Vocabulary":
        """Undoes `to_json`."""
        vocabulary = cls(json.loads(data))
        vocabulary.digest = hashlib.sha256(data).hexdigest()
        return vocabulary

    def get_config(self) -> Any:
        """What a config holds of this vocabulary: its tokens, or their digest."""
        if len(self) <= _SPELT_OUT:
            return list(self.tokens)
        return {"count": len(self), "sha256": _Digest(self.named())}

    def named(self) -> "Vocabulary":
        """This vocabulary, which `recall` finds from now on."""
        return _named.setdefault(self.digest, self)


class _Digest(str):
    """A digest that keeps its vocabulary alive for as long as a config is."""

    vocabulary: Vocabulary

    def __new__(cls, vocabulary: Vocabulary) -> "_Digest":
        digest = super().__new__(cls, vocabulary.digest)
        digest.vocabulary = vocabulary
        return digest

    def __deepcopy__(self, memo: Any) -> "_Digest":
        return self

    def __reduce__(self) -> Any:
        return str, (str(self),)


def recall(config: Any) -> Vocabulary | None:
    """The vocabulary that a config describes, or None if it is not in this process.

    Args:
        config: What `Vocabulary.get_config` gave, maybe through JSON; or tokens; or a
            vocabulary.
    """
    if isinstance(config, Vocabulary):
        return config
    if is_digest(config):
        return _named.get(config["sha256"])
    return None if config is None else Vocabulary(config)


def is_digest(config: Any) -> bool:
    """Whether this is the config of a vocabulary that is named by its digest."""
    return isinstance(config, dict) and config.keys() == {"count", "sha256"}


def plain(argument: str, tokens: Any) -> list[Any]:
    """Tokens as Python's own str, int and bool.

    Args:
        argument: What the caller calls them.
        tokens: A list, tuple, array or other ordered iterable.

    Raises:
        TypeError: If they have no order, or are one str.
    """
    if isinstance(tokens, str | bytes | Mapping | Set) or not isinstance(
        tokens, Iterable
    ):
        kind = type(tokens).__name__
        raise TypeError(f"{argument} must be a list. Got {tokens!r} ({kind}).")
    if isinstance(tokens, np.ndarray):
        return list(tokens.tolist())
    tokens = list(tokens)
    if set(map(type, tokens)) <= {str, int, bool}:
        return tokens
    return [
        token.item() if isinstance(token, np.generic) else token for token in tokens
    ]
