"""Splitting for vocabularies that hold phrases, `new_york`, and `#` for digits."""

import tensorflow as tf

from keras_wembed.encoders.splitting.lexer import (
    ABBREVIATION,
    ACRONYM,
    ADDRESSES,
    COMPOUND,
    NUMBER,
    PLAIN,
    TICK,
    WORD,
    lex,
)

# All that is no part of a word, with the apostrophes at its edges.
BETWEEN = r"'*[^\p{L}\p{M}\p{N}'\x{ad}\x{200c}\x{200d}]+'*|^'+|'+$"

GOOGLENEWS = (
    PLAIN,
    ADDRESSES,
    f"{ACRONYM}{COMPOUND}",
    ABBREVIATION,
    f"{NUMBER}{COMPOUND}",
    f"{WORD}{COMPOUND}",
    rf"{TICK}(?:[dmst]|ll|re|ve)\b",
    r"\S",
)
# Tokens of a lexer, with the blanks that it put around them.
PUNCTUATION = r"\s[^\p{L}\p{M}\p{N}\s$%&]+\s"
ENDING = rf"(?i){TICK}(?:[dmst]|ll|re|ve)\s"


def numberbatch(texts: tf.Tensor) -> tf.Tensor:
    """The words of texts, as Numberbatch joins them into phrases.

    Punctuation is dropped, hyphens part words, apostrophes within them stay, and where
    two digits or more stand together each is `#`.

    Shapes:
        texts: `(batch,)`
        returns: `(batch,)`
    """
    plain = tf.strings.regex_replace(texts, r"\x{2019}", "'")
    words = tf.strings.regex_replace(plain, BETWEEN, " ")
    return hashed(words)


def googlenews(texts: tf.Tensor) -> tf.Tensor:
    """The words of texts, as the vectors of Google News have them.

    Punctuation is dropped but for `$ % &`, an ending begins with its apostrophe
    (`don 't`), short forms keep their full stops, and in a number of two digits or more
    each is `#` (`#.#`).

    Shapes:
        texts: `(batch,)`
        returns: `(batch,)`
    """
    spaced = tf.strings.regex_replace(lex(texts, *GOOGLENEWS), PUNCTUATION, " ")
    apart = tf.strings.regex_replace(spaced, ENDING, r" \0")
    return hashed(apart, between="[.,:/-]?")


def hashed(texts: tf.Tensor, between: str = "") -> tf.Tensor:
    """The texts with `#` for each digit that has a digit beside it."""
    pairs = tf.strings.regex_replace(texts, f"[0-9]({between})[0-9]", r"#\1#")
    return tf.strings.regex_replace(pairs, f"#({between})[0-9]", r"#\1#")
