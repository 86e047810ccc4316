"""The zoo: pretrained word vectors by name, as vectors or as a layer.

Files are fetched once, verified and kept in `KERAS_WEMBED_HOME`; later uses touch no
network.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from keras_wembed import cache, catalogue, storage, tables
from keras_wembed import fetch as fetching
from keras_wembed.card import Card
from keras_wembed.formats.compact import load_compact
from keras_wembed.formats.read import read
from keras_wembed.vectors import WordVectors, distinct

__all__ = [
    "add",
    "cached",
    "card",
    "fetch",
    "load",
    "names",
    "remove",
    "vectors",
    "verify",
]

log = logging.getLogger(__name__)


def names() -> tuple[str, ...]:
    """The names of all models.

    >>> "glove-6b-50d" in names()
    True
    """
    return catalogue.names()


def card(name: str) -> Card:
    """What is known of a model, by its name or another name of it.

    Raises:
        UnknownModelError: If there is none; says which are near.

    >>> card("glove-6b-50d").rows
    400000
    """
    return catalogue.card(name)


def fetch(name: str, *, allow_unverified: bool = False) -> Path:
    """The verified file of a model, fetched if it is not in the cache.

    Args:
        name: The model.
        allow_unverified: Accept a file of which no digest is public; the digest that is
            seen is held to from then on.

    Raises:
        FetchError: If the file cannot be had; says why, for each address.
    """
    return fetching.fetch(card(name), allow_unverified=allow_unverified)


def vectors(
    name: str = catalogue.DEFAULT,
    *,
    tokens: Iterable[str] | None = None,
    limit: int | None = None,
    allow_unverified: bool = False,
) -> WordVectors:
    """The vectors of a model, memory-mapped from the cache.

    Args:
        name: The model.
        tokens: Just the rows of these, in this order, in memory. Those without a row
            are left out and stand in `report.missing`.
        limit: Only the first `limit` rows.
        allow_unverified: As in `fetch`.

    Raises:
        FetchError: If the file cannot be had; says why, for each address.
        FormatError: If it cannot be read.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"limit must be at least 1. Got {limit}.")
    wanted = None if tokens is None else distinct(tokens)
    found = _all_vectors(card(name), allow_unverified)
    if limit is not None:
        report = replace(found.report, rows=min(limit, len(found)))
        rows = found.tokens[:limit], found.matrix[:limit]
        about: Any = found.unknown, report, found.subwords, found.encoder_options
        found = WordVectors(*rows, *about)
    if wanted is None:
        return found
    chosen = found.select(wanted)
    if missing := chosen.report.missing:
        shown = ", ".join(map(repr, missing[:5])) + (", ..." if missing[5:] else "")
        have = "token has" if len(missing) == 1 else "tokens have"
        log.warning("%d %s no row in %s: %s", len(missing), have, name, shown)
    return chosen


def load(
    name: str = catalogue.DEFAULT,
    *,
    tokens: Iterable[str] | None = None,
    encoder: Any = None,
    limit: int | None = None,
    trainable: bool | str = False,
    dtype: Any = None,
    allow_unverified: bool = False,
    **layer: Any,
) -> Any:
    """A layer that holds the vectors of a model, with its tokenizer attached.

    Args:
        name: The model.
        tokens: Just the rows of these, in this order.
        encoder: What turns the layer's input into ids, in place of the model's own
            tokenizer.
        limit: Only the first `limit` rows.
        trainable: Whether training changes the vectors; `"new"`: only those of unknown
            tokens, of tokens without a vector, and of those that `extend` adds.
        dtype: `"float16"` or `"int8"` keeps the vectors in a half or a quarter of the
            bytes, in memory, in files and where they are served; they are computed
            with as before. Only a few rows at a time are ever floats. Or what else
            `EmbeddingLayer` takes.
        allow_unverified: As in `fetch`.
        **layer: Further arguments of `EmbeddingLayer`.

    Returns:
        An `EmbeddingLayer`: text in, vectors out.
    """
    # TensorFlow is imported only by those who want a layer.
    from keras_wembed.embedding import EmbeddingLayer
    from keras_wembed.encoders.tokens import TokenEncoder
    from keras_wembed.vocabulary import Vocabulary

    about = card(name)
    layer |= {"trainable": trainable, "dtype": dtype}
    # Whether the arguments are right is seen before gigabytes are fetched.
    TokenEncoder([], **about.encoder_options)
    EmbeddingLayer(about.size, input=encoder, **{**layer, "name": "checked"})
    found = vectors(name, tokens=tokens, limit=limit, allow_unverified=allow_unverified)
    if encoder is None:
        # Keras takes a bare tuple apart, token by token.
        encoder = TokenEncoder(Vocabulary(found.tokens), **found.encoder_options)
    layer = {"attribution": about.attribution, **layer}
    return EmbeddingLayer.from_vectors(found, input=encoder, **layer)


def cached() -> tuple[str, ...]:
    """The names of the models whose file or table is in the cache."""
    return cache.held()


def remove(name: str) -> None:
    """Deletes what the cache holds of a model.

    Its file stays if the table of another model, which is here too, was made of it.
    """
    cache.remove(card(name))


def verify(name: str) -> None:
    """Reads all that the cache holds of a model, and deletes what is damaged.

    Raises:
        DigestError: If something was damaged; the next use makes or fetches it again.
        FetchError: If the cache holds nothing of it.
    """
    cache.verify(card(name))


def add(
    name: str, path: str | PathLike[str], *, allow_unverified: bool = False
) -> Path:
    """Takes a copy of a file that is on disk already, in place of a download.

    Args:
        name: The model.
        path: Its archive; or the wanted member, unpacked.
        allow_unverified: Accept it where no digest is public; hold to it from then on.

    Returns:
        Where the copy lies.

    Raises:
        DigestError: If it is another file.
        UnverifiedError: If no digest is known and that is not allowed.
    """
    return cache.add(card(name), Path(path), allow_unverified=allow_unverified)


def _all_vectors(about: Card, allow_unverified: bool) -> WordVectors:
    path = about.folder / about.file
    parts: Any
    if about.archives:
        table = tables.table(about, allow_unverified=allow_unverified)
        parts = storage.load(table)
    elif path.suffix == ".npz":
        parts = load_compact(path)
    else:
        parts = read(path, about.format, member=about.member)
    tokens, matrix, unknown, report, subwords, *_ = parts
    options = about.encoder_options
    return WordVectors(tokens, matrix, unknown, report, subwords, options)
