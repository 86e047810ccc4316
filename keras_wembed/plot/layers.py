"""What a layer shows of what it embeds, and the table that it holds."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_wembed.embedding import EmbeddingLayer
from keras_wembed.encoders.alphabet import END, START
from keras_wembed.encoders.characters import CharacterEncoder
from keras_wembed.encoders.keras_lookup import KERAS_LOOKUPS, KerasLookup
from keras_wembed.encoders.text import TextEncoder
from keras_wembed.inputs import as_tensor
from keras_wembed.vectors import WordVectors

UNKNOWN = "<unk>"


def read(layer: EmbeddingLayer, inputs: Any) -> tuple[list[str], NDArray[Any]]:
    """The tokens of what a layer embeds, and their vectors; padding left out.

    Raises:
        TypeError: If there is nothing to embed.
        ValueError: If this is more than one text.
    """
    if inputs is None:
        raise TypeError(
            "A layer must come with a text, or a list of tokens, labels or ids. "
            "Got None."
        )
    rows = as_array(layer(inputs))
    if rows.ndim > 2:
        raise ValueError(
            "A layer must be shown with one text, not with a batch. Got vectors of "
            f"shape {rows.shape}."
        )
    rows = np.atleast_2d(rows)
    tokens = _tokens(layer.encoder, inputs)
    if not tokens:
        raise ValueError(f"A text must hold a token to be shown. Got {inputs!r}.")
    return tokens[: len(rows)], rows[: len(tokens)]


def _tokens(encoder: Any, inputs: Any) -> list[str]:
    items = np.ravel(as_array(as_tensor(inputs))).tolist()
    if items and isinstance(items[0], int) and isinstance(encoder, TextEncoder):
        return _names(encoder.row_tokens(), items)
    if isinstance(encoder, TextEncoder) and encoder.splits:
        return _split(encoder, items[0])
    if isinstance(encoder, KERAS_LOOKUPS):
        adapter = KerasLookup(encoder)
        if adapter.is_text:
            ids = adapter.encode(as_tensor(items[0]), "padded").numpy()
            return _names(adapter.row_tokens(), ids[ids > 0].tolist())
    return [as_token(item) for item in items]


def _split(encoder: TextEncoder, text: Any) -> list[str]:
    """The tokens of a text, one for each of its ids."""
    tokens = [as_token(token) for token in encoder.tokenize(text).numpy().tolist()]
    if not isinstance(encoder, CharacterEncoder):
        return tokens
    start, end = ([m] if m in encoder.vocabulary else [] for m in (START, END))
    return [*start, *tokens, *end]


def _names(row_tokens: list[Any], ids: list[int]) -> list[str]:
    names = ["", *(UNKNOWN if name is None else str(name) for name in row_tokens)]
    return [names[id] for id in ids]


def table(vectors: Any) -> WordVectors:
    """Word vectors as they are, or those of a layer.

    Raises:
        TypeError: If this is neither.
        ValueError: If the layer has no rows yet.
    """
    if isinstance(vectors, WordVectors):
        return vectors
    if not isinstance(vectors, EmbeddingLayer):
        kind = type(vectors).__name__
        raise TypeError(f"vectors must be WordVectors or a layer. Got {kind}.")
    if vectors.embeddings is None:
        raise ValueError("A layer must have rows to be shown. Call it first.")
    return vectors.vectors()


def as_array(value: Any) -> NDArray[Any]:
    """A tensor, a variable or a list as an array."""
    return np.asarray(value.numpy() if hasattr(value, "numpy") else value)


def as_token(token: Any) -> str:
    """A token as str: TensorFlow gives bytes, classes may be numbers."""
    return token.decode("utf-8", "replace") if isinstance(token, bytes) else str(token)
