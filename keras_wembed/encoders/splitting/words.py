"""Splitting at white space, and at the boundaries of words."""

import tensorflow as tf

# What stands between words; there is less of it than there are words.
MARKS = r"[^\p{L}\p{M}\p{N}_\s]+"


def whitespace(texts: tf.Tensor) -> tf.Tensor:
    """What stands between white space.

    Shapes:
        texts: `(batch,)`
        returns: `(batch,)`
    """
    return texts


def words(texts: tf.Tensor) -> tf.Tensor:
    """Words and what stands between them, white space dropped.

    A boundary lies wherever a letter, digit or underscore meets anything else, as in
    Wolfram's `WordBoundary`. So a word never holds punctuation, and marks that stand
    together stay together: `Wait...` gives `Wait` and `...`.

    Shapes:
        texts: `(batch,)`
        returns: `(batch,)`
    """
    return tf.strings.regex_replace(texts, MARKS, r" \0 ")
