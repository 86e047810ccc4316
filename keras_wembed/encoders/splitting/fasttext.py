"""Splitting as the Europarl tools do, which prepared the texts that fastText read."""

import tensorflow as tf

from keras_wembed.encoders.splitting.lexer import (
    ABBREVIATION,
    ACRONYM,
    COMPOUND,
    NUMBER,
    PLAIN,
    TICK,
    WORD,
    lex,
)

FASTTEXT = (
    PLAIN,
    f"{ACRONYM}{COMPOUND}",
    ABBREVIATION,
    r"[a-z]\.\s",
    f"{NUMBER}{COMPOUND}",
    f"{WORD}{COMPOUND}",
    rf"{TICK}(?:[dmst]|ll|re|ve)\b",
    r"\.{2,}|-{2,}|\S",
)
# An apostrophe between letters begins the second token.
APOSTROPHE = rf"(\pL)({TICK}\pL)"


def fasttext(texts: tf.Tensor) -> tf.Tensor:
    """Tokens with punctuation apart, as the vectors of fastText have them.

    Each mark is a token, an apostrophe begins one (`don 't`), hyphenated words, numbers
    and short forms stay whole.

    Shapes:
        texts: `(batch,)`
        returns: `(batch,)`
    """
    spaced = lex(texts, *FASTTEXT)
    return tf.strings.regex_replace(spaced, APOSTROPHE, r"\1 \2")
