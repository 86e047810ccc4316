"""The layers of a model while it is exported."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from keras_wembed.encoders.encoder import Encoder
from keras_wembed.serving.feed import Feed
from keras_wembed.serving.port import ServedPort
from keras_wembed.serving.rows import ServedRows


@contextmanager
def serving(layers: Sequence[Any], folder: Path) -> Iterator[None]:
    """While it lasts the encoders of layers read their tables from files.

    Args:
        layers: `EmbeddingLayer`s.
        folder: Where the files are written.
    """
    encoders = {id(layer.encoder): layer.encoder for layer in layers}.values()
    with ExitStack() as stack:
        for number, encoder in enumerate(encoders):
            if isinstance(encoder, Encoder):
                file = folder / f"vocabulary{f'-{number}' if number else ''}.txt"
                stack.enter_context(encoder.served(file))
        yield


@contextmanager
def fed(layers: Sequence[Any], feed: Feed) -> Iterator[None]:
    """While it lasts layers with an encoder take what the feed has for them."""
    ports = [(layer, layer._port) for layer in layers if layer.encoder is not None]
    try:
        for layer, port in ports:
            layer._port = ServedPort(port, feed)
            # None where nothing ever called the layer.
            variables = layer._blocks.variables if layer._blocks is not None else []
            if feed.whole_tables and len(variables) == 1:
                layer._vectors = ServedRows(layer, feed)
        yield
    finally:
        for layer, port in ports:
            layer._port = port
            vars(layer).pop("_vectors", None)
