"""A layer with more rows or fewer, its encoder in step."""

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np

from keras_wembed.choices import check_has_rows, one_of
from keras_wembed.encoders.characters import CharacterEncoder
from keras_wembed.encoders.classes import ClassEncoder
from keras_wembed.encoders.keras_lookup import KERAS_LOOKUPS
from keras_wembed.new_rows import NewRows, Start
from keras_wembed.ports import port_of
from keras_wembed.rows import Rows
from keras_wembed.vectors import WordVectors
from keras_wembed.vocabulary import plain

# What of an encoder's config holds its vocabulary, if it is not "vocabulary".
_NAMES = {ClassEncoder: "labels", CharacterEncoder: "alphabet"}


def extended(layer: Any, tokens: Any, init: Any, arguments: dict[str, Any]) -> Any:
    """A layer with rows for more tokens; see `EmbeddingLayer.extend`."""
    check_has_rows(layer, "to get more or fewer")
    if layer.encoder is None:
        old, added = list(range(layer.n)), _added(tokens)
        return _remade(layer, None, old, [*old, *[None] * added], init, arguments)
    tokens = _listed(tokens)
    old = layer._port.adapter.row_tokens()
    _check_unknown(tokens, old, getattr(layer.encoder, "ignore_case", False))
    known = [token for token in old if token is not None]
    _check_alike(tokens, known)
    encoder = _with_vocabulary(layer.encoder, [*known, *tokens], tokens)
    return _remade(layer, encoder, old, _row_tokens(encoder), init, arguments)


def restricted(layer: Any, tokens: Any, arguments: dict[str, Any]) -> Any:
    """A layer with the rows of some tokens; see `EmbeddingLayer.restrict`."""
    check_has_rows(layer, "to get more or fewer")
    tokens = _listed(tokens)
    if layer.encoder is None:
        old = list(range(1, layer.n + 1))
        _check_known(tokens, old)
        return _remade(layer, None, old, tokens, "zeros", arguments)
    old = layer._port.adapter.row_tokens()
    _check_known(tokens, old)
    encoder = _with_vocabulary(layer.encoder, tokens)
    return _remade(layer, encoder, old, _row_tokens(encoder), "zeros", arguments)


def _remade(
    layer: Any,
    encoder: Any,
    old: list[Any],
    new: list[Any],
    init: Any,
    arguments: dict[str, Any],
) -> Any:
    """The layer with rows for other tokens, in which known ones keep theirs."""
    rows = _sources(old, new)
    missing = [token for token, row in zip(new, rows, strict=True) if row is None]
    before = layer._blocks.rows()
    added = _first_values(init, missing, before)
    behind = iter(range(len(old), len(old) + len(missing)))
    order = np.array([next(behind) if row is None else row for row in rows], np.int64)
    is_new = np.append(layer._new.mask(layer.n), np.ones(len(missing), bool))[order]
    start = Start(before.and_more(added, order), NewRows.of(is_new))
    config = layer.get_config()
    gone = ("size", "n", "new", "frozen")
    own = {name: config[name] for name in config if name not in gone}
    if layer._subwords is not None:
        own["subwords"] = layer._subwords
    own["input"] = config["input"] if encoder is None else encoder
    return type(layer)(weights=start, **own | arguments)


def _sources(old: list[Any], new: list[Any]) -> list[int | None]:
    """The old row of each new one; the rows of unknown tokens pair up in order."""
    row = {token: at for at, token in enumerate(old) if token is not None}
    spare = iter([at for at, token in enumerate(old) if token is None])
    return [next(spare, None) if token is None else row.get(token) for token in new]


def _first_values(init: Any, tokens: list[Any], rows: Rows) -> np.ndarray:
    """The rows of added tokens, of which those that are there may say something."""
    count, size = len(tokens), rows.shape[1]
    if not count:
        return np.zeros((0, size))
    mean = rows.mean()
    if isinstance(init, WordVectors):
        found = init.select(tokens)
        own = dict(zip(found.tokens, found.matrix, strict=True))
        return _checked([own.get(token, mean) for token in tokens], count, size)
    if callable(init):
        return _checked([init(token) for token in tokens], count, size)
    if not isinstance(init, str):
        return _checked(init, count, size)
    given = _INITS[one_of("init", init, _INITS)](rows, mean, count)
    return np.broadcast_to(given, (count, size))


def _normal(rows: Rows, mean: np.ndarray, count: int) -> np.ndarray:
    """Draws from the normal distribution with the mean and covariance of the rows."""
    lengths, axes = np.linalg.eigh(rows.covariance())
    drawn = np.asarray(keras.random.normal((count, len(mean))), np.float64)
    return mean + drawn * np.sqrt(np.maximum(lengths, 0)) @ axes.T


_INITS: dict[str, Callable[[Rows, np.ndarray, int], Any]] = {
    "zeros": lambda rows, mean, count: 0.0,
    "mean": lambda rows, mean, count: mean,
    "normal": _normal,
}


def _checked(rows: Any, count: int, size: int) -> np.ndarray:
    rows = np.asarray(rows, np.float64)
    if rows.shape != (count, size):
        raise ValueError(
            f"init must give a vector of size {size} for each of {count} tokens. Got "
            f"shape {rows.shape}."
        )
    return rows


def _with_vocabulary(encoder: Any, tokens: list[Any], added: Any = None) -> Any:
    """An encoder like another, with another vocabulary.

    Args:
        encoder: Ours, or a Keras lookup layer.
        tokens: The vocabulary.
        added: Which of them are added at the end, if the others stay.
    """
    config = encoder.get_config()
    if isinstance(encoder, KERAS_LOOKUPS):
        config |= {"vocabulary": None, "max_tokens": None}
        fresh = type(encoder).from_config(config)
        fresh.set_vocabulary(tokens)
        return fresh
    if isinstance(encoder, CharacterEncoder) and added is not None:
        tokens = [*encoder.alphabet, "".join(added)]
    name = _NAMES.get(type(encoder), "vocabulary")
    return type(encoder).from_config(config | {name: tokens})


def _row_tokens(encoder: Any) -> list[Any]:
    port: Any = port_of(encoder)
    return list(port.adapter.row_tokens())


def _listed(tokens: Any) -> list[Any]:
    if isinstance(tokens, str) or not isinstance(tokens, Iterable):
        raise TypeError(f"tokens must be a list of tokens. Got {tokens!r}.")
    return list(tokens)


def _check_alike(tokens: list[Any], known: list[Any]) -> None:
    kinds = set(map(type, plain("tokens", known)))
    for token in plain("tokens", tokens):
        if kinds and type(token) not in kinds:
            names = " or ".join(sorted(kind.__name__ for kind in kinds))
            raise TypeError(
                f"tokens must be {names}, as those of the encoder. Got {token!r} "
                f"({type(token).__name__})."
            )


def _added(count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, int) or count < 0:
        raise TypeError(
            "Without an encoder tokens must be the number of rows to add. "
            f"Got {count!r}."
        )
    return count


def _check_unknown(tokens: list[Any], old: list[Any], ignore_case: bool) -> None:
    known = {_folded(token, ignore_case) for token in old}
    for token in tokens:
        if _folded(token, ignore_case) in known:
            raise ValueError(f"tokens to add must be new. Got {token!r} again.")
        known.add(_folded(token, ignore_case))


def _folded(token: Any, ignore_case: bool) -> Any:
    return token.lower() if ignore_case and isinstance(token, str) else token


def _check_known(tokens: Iterable[Any], old: list[Any]) -> None:
    known = set(old)
    for token in tokens:
        if token is None or token not in known:
            raise ValueError(f"tokens to keep must have a row. Got {token!r}.")
