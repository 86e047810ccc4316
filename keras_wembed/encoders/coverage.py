"""What share of texts a vocabulary knows, and what would make it larger."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import tensorflow as tf

from keras_wembed.encoders.fallback import FALLBACKS

_SHOWN = 10  # misses in a repr


@dataclass(frozen=True, repr=False)
class Coverage:
    """What share of texts a vocabulary knows; its repr is a report for people.

    Attributes:
        tokens: How many tokens the texts have.
        types: How many of them are different.
        known_tokens: How many tokens have a row.
        known_types: How many different ones have.
        misses: Tokens without a row and how often each occurs, the most frequent first.
        rescues: By an option of the encoder: how many tokens fewer would lack a row.
    """

    tokens: int
    types: int
    known_tokens: int
    known_types: int
    misses: tuple[tuple[str, int], ...]
    rescues: dict[str, int]

    @property
    def token_share(self) -> float:
        """The share of tokens with a row; 1 if there are none."""
        return self.known_tokens / self.tokens if self.tokens else 1.0

    @property
    def type_share(self) -> float:
        """The share of different tokens with a row; 1 if there are none."""
        return self.known_types / self.types if self.types else 1.0

    def __repr__(self) -> str:
        lines = [
            f"{self.token_share:.2%} of {self.tokens:,} tokens have a row",
            f"{self.type_share:.2%} of {self.types:,} different tokens have one",
        ]
        if self.misses:
            shown = (f"{token} {count:,}" for token, count in self.misses[:_SHOWN])
            lines.append(f"without: {', '.join(shown)}")
        for option, count in self.rescues.items():
            lines.append(f"{option} would give one to {count:,} more")
        return "\n".join(lines)


Counted = tuple[Any, Counter[str]]  # an encoder, and how often each token occurs


def coverage(counted: Counted, otherwise: Counted | None = None) -> Coverage:
    """What share of tokens the vocabulary of a `TokenEncoder` knows.

    Args:
        counted: The encoder, and the tokens that it makes of texts.
        otherwise: That of `by_treebank`, and what it makes of the same texts.
    """
    encoder, counts = counted
    known, misses = _looked_up(*counted)
    rescues = _rescues(encoder, misses) if misses else {}
    if otherwise is not None:
        _, still_missed = _looked_up(*otherwise)
        rescues["split='treebank'"] = misses.total() - still_missed.total()
    helpful = [(option, count) for option, count in rescues.items() if count > 0]
    ranked = sorted(misses.items(), key=lambda item: (-item[1], item[0]))
    return Coverage(
        tokens=counts.total(),
        types=len(counts),
        known_tokens=counts.total() - misses.total(),
        known_types=len(known),
        misses=tuple(ranked),
        rescues=dict(sorted(helpful, key=lambda item: -item[1])),
    )


def by_treebank(encoder: Any) -> Any:
    """The encoder with `split="treebank"`, or None where that changes nothing."""
    if not encoder.splits or encoder.way_of_splitting == "treebank":
        return None
    return _changed(encoder, split="treebank")


def _looked_up(encoder: Any, counts: Counter[str]) -> tuple[set[str], Counter[str]]:
    """Which tokens are known, and how often each of the others occurs."""
    known = _known(encoder, counts)
    return known, Counter({token: counts[token] for token in counts.keys() - known})


def _known(encoder: Any, tokens: Any) -> set[str]:
    """Those tokens that have a row, or of which a part has."""
    column = tf.constant([*tokens], tf.string, [len(tokens), 1])
    ids = encoder.ids_of(tf.RaggedTensor.from_tensor(column))
    some = tf.reduce_any(tf.not_equal(ids, encoder.n), axis=1).numpy()
    return {token for token, has in zip(tokens, some, strict=True) if has}


def _rescues(encoder: Any, misses: Counter[str]) -> dict[str, int]:
    """How many of the tokens missed have a row with one option changed."""
    return {
        option: sum(misses[token] for token in _known(other, misses))
        for option, other in _others(encoder)
        if other is not None
    }


def _others(encoder: Any) -> Iterator[tuple[str, Any]]:
    """Encoders with one option changed, and how that is written."""
    for way in FALLBACKS:
        if way not in encoder.fallback and (encoder.splits or way != "parts"):
            ways = sorted([*encoder.fallback, way], key=FALLBACKS.index)
            yield f"fallback={ways}", _changed(encoder, fallback=ways)
    if not encoder.ignore_case:
        yield "ignore_case=True", _changed(encoder, ignore_case=True)


def _changed(encoder: Any, **options: Any) -> Any:
    """An encoder of the same vocabulary with other options.

    None of a class of somebody's own that cannot be made from its config.
    """
    try:
        return type(encoder).from_config({**encoder.get_config(), **options})
    except TypeError:
        return None
