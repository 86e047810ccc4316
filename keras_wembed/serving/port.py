"""The input of a layer while its model is exported."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tensorflow as tf

from keras_wembed.encoder_port import EncoderPort
from keras_wembed.encoders.encoder import Encoder
from keras_wembed.encoders.ngrams import NGrams
from keras_wembed.inputs import shaped
from keras_wembed.lookup import checked
from keras_wembed.shape_port import ShapePort


@dataclass
class Feed:
    """What comes to the layers of a model that is traced.

    Attributes:
        instead: By `key` of an input: the ids, or the tokens, that layers get for it.
        inputs: By `key` of an input: its number.
        reached: By number of an input: the encoder of a layer that it comes to.
    """

    instead: dict[Any, Any] = field(default_factory=dict)
    inputs: dict[Any, int] = field(default_factory=dict)
    reached: dict[int, Any] = field(default_factory=dict)


def key(inputs: Any) -> Any:
    """What tells an input, dense or ragged, from all others."""
    flat = inputs.flat_values if isinstance(inputs, tf.RaggedTensor) else inputs
    return flat.ref()


class ServedPort:
    """Takes what its port takes, in UTF-8; or what the feed has in place of it.

    Args:
        port: The port of the layer.
        feed: Of the signature that is traced.
    """

    def __init__(self, port: EncoderPort, feed: Feed):
        self._port, self._feed = port, feed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def ids_and_buckets(
        self, inputs: Any, output: str, ngrams: NGrams | None, **about: Any
    ) -> tuple[Any, Any]:
        """As that of the port."""
        at = key(inputs)
        if at in self._feed.instead:
            return self._fed(self._feed.instead[at], output, ngrams, **about)
        if at in self._feed.inputs:
            self._feed.reached[self._feed.inputs[at]] = self._port.encoder
        if inputs.dtype == tf.string:
            inputs = in_utf8(inputs)
        return self._port.ids_and_buckets(inputs, output, ngrams, **about)

    def _fed(
        self, instead: Any, output: str, ngrams: NGrams | None, **about: Any
    ) -> tuple[Any, Any]:
        if instead.dtype == tf.string:
            with self._port.adapter.presplit():
                tokens = in_utf8(instead)
                return self._port.ids_and_buckets(tokens, output, ngrams, **about)
        ids = ShapePort(None, None).ids(instead, "auto", **about)
        return shaped(ids, output), None


def in_utf8(texts: Any) -> Any:
    """Texts, once all of them are known to be UTF-8."""
    flat = texts.flat_values if isinstance(texts, tf.RaggedTensor) else texts
    # Errors must be UTF-8 themselves: what is none is shown as U+FFFD.
    read = tf.strings.unicode_transcode(flat, "UTF-8", "UTF-8", errors="replace")
    shown = texts.with_flat_values(read) if flat is not texts else read
    return checked(shown, read != flat, "texts must be UTF-8.", ids=texts)


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
        yield
    finally:
        for layer, port in ports:
            layer._port = port
