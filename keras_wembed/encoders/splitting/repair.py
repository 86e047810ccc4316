"""Bytes of any kind to valid UTF-8, and every kind of white space to a blank."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from keras_wembed.lookup import checked

# All of Unicode without the surrogates, which UTF-8 cannot hold.
VALID = r"[\x{0}-\x{d7ff}\x{e000}-\x{10ffff}]*"

# White space outside ASCII, and the four ASCII separators: `tf.strings.split` knows
# neither. And what ends a string for `tf.strings.lower`, as if there were no more.
BLANKS = (
    r"\x{0}\x{1c}-\x{1f}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}"
    r"\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
)
PLAIN = rf"[^{BLANKS}\x{{d800}}-\x{{dfff}}]*"


def repair(texts: tf.Tensor) -> tf.Tensor:
    """The texts with U+FFFD in place of bytes that are not UTF-8.

    Shapes:
        texts: any
        returns: as `texts`
    """
    # Checking is five times as fast as decoding and encoding again.
    return tf.cond(
        tf.reduce_all(tf.strings.regex_full_match(texts, VALID)),
        lambda: tf.identity(texts),
        lambda: tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8"),
    )


def in_utf8(texts: Any) -> Any:
    """The texts, dense or ragged, once all of them are known to be UTF-8."""
    flat = texts.flat_values if isinstance(texts, tf.RaggedTensor) else texts
    bad = ~tf.strings.regex_full_match(flat, VALID)
    return checked(texts, bad, "texts must be UTF-8.")


def clean(texts: tf.Tensor, read: Callable[[tf.Tensor], tf.Tensor]) -> tf.Tensor:
    """Texts that are UTF-8, and in which all white space is ASCII.

    Args:
        texts: Any bytes.
        read: Makes UTF-8 of them: `repair` or `in_utf8`.

    Shapes:
        texts: any
        returns: as `texts`
    """
    # One look at most texts, in place of one for each of the two.
    return tf.cond(
        tf.reduce_all(tf.strings.regex_full_match(texts, PLAIN)),
        lambda: tf.identity(texts),
        lambda: tf.strings.regex_replace(read(texts), f"[{BLANKS}]", " "),
    )
