"""Which way of splitting each name stands for."""

import re
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from keras_wembed.choices import one_of
from keras_wembed.encoders.splitting.blanks import BlankSplitter
from keras_wembed.encoders.splitting.delimiter import delimited
from keras_wembed.encoders.splitting.fasttext import fasttext
from keras_wembed.encoders.splitting.phrases import googlenews, numberbatch
from keras_wembed.encoders.splitting.repair import (
    in_lower_case,
    in_utf8,
    repair,
    some_in_utf8,
    some_repaired,
)
from keras_wembed.encoders.splitting.treebank import treebank, treebank_ud
from keras_wembed.encoders.splitting.twitter import twitter
from keras_wembed.encoders.splitting.words import whitespace, words

Splitter = Callable[[tf.Tensor], Any]

# Each puts blanks around the tokens of texts that are `clean`.
SPACERS: dict[str, Callable[[tf.Tensor], tf.Tensor]] = {
    "words": words,
    "whitespace": whitespace,
    "treebank": treebank,
    "treebank-ud": treebank_ud,
    "twitter": twitter,
    "numberbatch": numberbatch,
    "fasttext": fasttext,
    "googlenews": googlenews,
}

NAMES = tuple(SPACERS)

# Their vocabularies hold phrases, words joined by "_".
PHRASES = ("numberbatch", "googlenews")


def splitter(
    split: str | re.Pattern[str] | None, *, lower: bool = False, strict: bool = False
) -> Splitter:
    """The function that splits texts in the way named, at a pattern, or not at all.

    It takes strings of shape `(batch,)` and gives tokens of shape `(batch, None)`, in
    stock TensorFlow operations, eager or in a graph.

    - `"words"`: at Wolfram's word boundaries; white space is dropped
    - `"whitespace"`: at white space
    - `"treebank"`: as the Penn Treebank, for GloVe 6B, 42B and 840B
    - `"treebank-ud"`: as Universal Dependencies, for the GloVe sets of 2024
    - `"twitter"`: tweets with tags such as `<user>`, for GloVe's Twitter sets
    - `"numberbatch"`: words, then the longest phrases of the vocabulary
    - `"fasttext"`: punctuation apart, for fastText
    - `"googlenews"`: words and phrases, for word2vec's Google News vectors

    Args:
        split: One of these; or a compiled pattern that matches delimiters; or None if
            the strings are tokens already, of any shape, which they keep.
        lower: Whether tokens are given in lower case, or as they stand.
        strict: Whether bytes that are not UTF-8 are an error, or become U+FFFD.

    Raises:
        TypeError: `split` is none of these, or a pattern of bytes.
        ValueError: No way of splitting has this name, or RE2 refuses the pattern.

    >>> splitter("words")(["how are you, today?"]).to_list()
    [[b'how', b'are', b'you', b',', b'today', b'?']]
    """
    if isinstance(split, str):
        space = SPACERS[one_of("split", split, NAMES)]
        return BlankSplitter(space, some_in_utf8 if strict else some_repaired, lower)
    read = in_utf8 if strict else repair
    divide = _divider(split)
    cased = in_lower_case if lower else _as_they_are
    return lambda texts: tf.ragged.map_flat_values(cased, divide(read(texts)))


def _divider(split: Any) -> Splitter:
    """What divides texts that are UTF-8 at a pattern, or not at all."""
    if split is None:
        return _as_they_are
    if isinstance(split, re.Pattern):
        return delimited(split)
    raise TypeError(
        "split must be a name, a compiled pattern or None."
        f" Got {type(split).__name__} {split!r}."
    )


def _as_they_are(texts: tf.Tensor) -> tf.Tensor:
    return texts
