"""The layers of a model while it is exported."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from keras_wembed.encoders.characters import CharacterEncoder
from keras_wembed.encoders.classes import ClassEncoder
from keras_wembed.encoders.encoder import Encoder
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.serving.feed import Feed
from keras_wembed.serving.port import ServedPort
from keras_wembed.serving.rows import ServedRows

OWN = ClassEncoder, CharacterEncoder, TokenEncoder


@contextmanager
def serving(layers: Sequence[Any], folder: Path) -> Iterator[None]:
    """While it lasts the encoders of layers read their tables from files.

    Args:
        layers: `EmbeddingLayer`s.
        folder: Where the files are written.
    """
    found = {id(layer.encoder): layer.encoder for layer in layers}.values()
    encoders = [encoder for encoder in found if isinstance(encoder, Encoder)]
    with ExitStack() as stack:
        for number, same in enumerate(alike(encoders)):
            file = folder / f"vocabulary{f'-{number}' if number else ''}.txt"
            for encoder in same:
                stack.enter_context(encoder.served(file))
        yield


def alike(adapters: Iterable[Any]) -> list[list[Any]]:
    """Encoders, as this package sees them, with those that give the same ids together.

    A clone of a model has an encoder for each layer, where its layers shared one.

    Args:
        adapters: Each once.
    """
    groups: dict[Any, list[Any]] = {}
    for adapter in adapters:
        groups.setdefault(_meaning(adapter), []).append(adapter)
    return list(groups.values())


def _meaning(adapter: Any) -> Any:
    """What only encoders have in common that give the same ids for sure."""
    if type(adapter) not in OWN:  # Others may hold what their config does not say.
        return id(adapter)
    config = adapter.get_config()
    about = {key: config[key] for key in config if key not in ("name", "trainable")}
    # In its order, by which an alphabet gives ids.
    return type(adapter), json.dumps(about)


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
