"""The word vectors that a layer holds at the moment."""

from typing import Any

import numpy as np

from keras_wembed.choices import check_has_rows
from keras_wembed.vectors import WordVectors


def vectors_of(layer: Any) -> WordVectors:
    """The tokens of a layer and their rows; see `EmbeddingLayer.vectors`."""
    check_has_rows(layer, "to give its vectors")
    # Its own memory: the layer goes on learning in the other.
    rows = np.require(layer.embeddings, requirements=["OWNDATA"])
    if rows.dtype.kind != "f":  # bfloat16, which NumPy does not know
        rows = rows.astype(np.float32)
    tokens = _row_tokens(layer)
    has_token = np.array([token is not None for token in tokens], bool)
    unknown = rows[~has_token]
    return WordVectors(
        tuple(str(token) for token in tokens if token is not None),
        rows if has_token.all() else rows[has_token],
        unknown.mean(axis=0) if len(unknown) else None,
        subwords=None if layer._subwords is None else layer._subwords.subwords(),
        # Of a `TokenEncoder`; others have no such options.
        encoder_options=getattr(layer.encoder, "options", {}),
    )


def _row_tokens(layer: Any) -> list[Any]:
    """The token of each row, None where it is for unknown ones; else its id."""
    if layer.encoder is None:
        return list(range(1, layer.n + 1))
    return list(layer._port.adapter.row_tokens())
