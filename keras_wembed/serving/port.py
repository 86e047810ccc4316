"""The input of a layer while its model is exported."""

import threading
from typing import Any

import tensorflow as tf

from keras_wembed.encoder_port import EncoderPort
from keras_wembed.encoders.ngrams import NGrams
from keras_wembed.encoders.splitting.repair import in_utf8
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.inputs import shaped
from keras_wembed.serving.feed import Feed, key
from keras_wembed.shape_port import ShapePort


class ServedPort:
    """Takes what its port takes, in UTF-8; or what the feed has in place of it.

    For other threads than that which makes it, it is the port.

    Args:
        port: The port of the layer.
        feed: Of the signature that is traced.
    """

    def __init__(self, port: EncoderPort, feed: Feed):
        self._port, self._feed = port, feed
        self._thread = threading.get_ident()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._port, name)

    def ids_and_buckets(
        self, inputs: Any, output: str, ngrams: NGrams | None, **about: Any
    ) -> tuple[Any, Any]:
        """As that of the port."""
        if threading.get_ident() != self._thread:
            return self._port.ids_and_buckets(inputs, output, ngrams, **about)
        at = key(inputs)
        if at in self._feed.instead:
            return self._fed(self._feed.instead[at], output, ngrams, **about)
        if at in self._feed.inputs:
            encoders = self._feed.reached.setdefault(self._feed.inputs[at], {})
            encoders[id(self._port.encoder)] = self._port.adapter
        if inputs.dtype == tf.string:
            return self._encoded(inputs, output, ngrams, **about)
        return self._port.ids_and_buckets(inputs, output, ngrams, **about)

    def _fed(
        self, instead: Any, output: str, ngrams: NGrams | None, **about: Any
    ) -> tuple[Any, Any]:
        if instead.dtype == tf.string:
            with self._port.adapter.presplit():
                return self._encoded(instead, output, ngrams, **about)
        ids = ShapePort(None, None).ids(instead, "auto", **about)
        return shaped(ids, output), None

    def _encoded(self, strings: Any, *about: Any, **more: Any) -> tuple[Any, Any]:
        adapter = self._port.adapter
        if not (isinstance(adapter, TokenEncoder) and adapter.splits):
            strings = in_utf8(strings)  # Else what splits them sees to it.
        ids, buckets = self._port.ids_and_buckets(strings, *about, **more)
        self._feed.encoded.add(key(ids))
        return ids, buckets
