"""Splitting at white space, and at the boundaries of words."""

import tensorflow as tf

from keras_wembed.encoders.splitting.repair import blank

WORD = r"[\p{L}\p{M}\p{N}_]+"


def whitespace(texts: tf.Tensor) -> tf.RaggedTensor:
    """What stands between white space.

    Shapes:
        texts: `(batch,)`
        returns: `(batch, None)`
    """
    return tf.strings.split(blank(texts))


def words(texts: tf.Tensor) -> tf.RaggedTensor:
    """Words and what stands between them, white space dropped.

    A boundary lies wherever a letter, digit or underscore meets anything else, as in
    Wolfram's `WordBoundary`. So a word never holds punctuation, and marks that stand
    together stay together: `Wait...` gives `Wait` and `...`.

    Shapes:
        texts: `(batch,)`
        returns: `(batch, None)`
    """
    return tf.strings.split(tf.strings.regex_replace(blank(texts), WORD, r" \0 "))
