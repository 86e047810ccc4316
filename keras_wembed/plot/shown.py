"""What a picture shows: tokens, and a vector for each."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keras_wembed.embedding import EmbeddingLayer
from keras_wembed.plot.layers import as_array, as_token, read
from keras_wembed.vectors import WordVectors

Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shown:
    """Tokens, which may stand more than once, and a row for each.

    Args:
        tokens: The tokens.
        matrix: Their vectors.

    Shapes:
        matrix: `(len(tokens), size)`
    """

    tokens: tuple[str, ...]
    matrix: Matrix


def shown(vectors: Any, tokens: Any = None) -> Shown:
    """The tokens and vectors that a caller means.

    Args:
        vectors: An array or tensor with a vector per token; `WordVectors`; or an
            `EmbeddingLayer`.
        tokens: With an array the token of each vector, by default numbers from 0. With
            `WordVectors` the tokens to show, by default all. With a layer what it is
            to embed: a text, or a list of tokens, labels or ids.

    Raises:
        KeyError: If `WordVectors` have no row for a token.
        TypeError: If something is of another kind.
        ValueError: If there is no token, or shapes do not fit.
    """
    if isinstance(vectors, EmbeddingLayer):
        return _checked(*read(vectors, tokens))
    if isinstance(tokens, str | bytes):
        raise TypeError(
            f"tokens must be a list of tokens. Got {tokens!r}. To have a text split, "
            "pass a layer in place of vectors."
        )
    listed = None if tokens is None else _listed(tokens)
    if isinstance(vectors, WordVectors):
        listed = list(vectors.tokens) if listed is None else listed
        rows = vectors.matrix if tokens is None else vectors[listed]
        return _checked(listed, np.asarray(rows))
    return _checked(listed, as_array(vectors))


def _listed(tokens: Any) -> list[str]:
    """Tokens in a list, an array or a tensor, as str."""
    if hasattr(tokens, "numpy") or isinstance(tokens, np.ndarray):
        tokens = as_array(tokens).ravel().tolist()
    return [as_token(token) for token in tokens]


def _checked(tokens: list[str] | None, rows: NDArray[Any]) -> Shown:
    # `V` is how NumPy sees bfloat16.
    if rows.dtype.kind not in "fiuV":
        raise TypeError(f"vectors must hold numbers. Got {rows.dtype}.")
    if rows.ndim != 2:
        raise ValueError(
            "vectors must be one per token, of shape (tokens, size). Got shape "
            f"{rows.shape}. Show one text at a time."
        )
    if 0 in rows.shape:
        raise ValueError(
            f"There must be a token and a number to show. Got shape {rows.shape}."
        )
    if tokens is None:
        tokens = list(map(str, range(len(rows))))
    if len(tokens) != len(rows):
        raise ValueError(
            f"tokens must be one per vector, {len(rows)}. Got {len(tokens)}."
        )
    return Shown(tuple(tokens), rows.astype(np.float64))
