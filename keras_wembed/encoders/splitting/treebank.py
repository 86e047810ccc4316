"""Splitting as the Penn Treebank does: as it did, and as its successors do."""

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

DOLLAR = r"(?:us|usd|u|a|au|ca|cad|cdn|c|ec|f|hk|nt|nz|n|r|sgd|s|tt|z)\$"
AREA_CODE = r"\([0-9]{3}\)\s?[0-9]{3}-[0-9]{4}\b"
CLOCK = r"[0-9][0-9.:]*[ap]\.m\.?"
INITIAL = r"[a-z]\.\s"
CUT_SHORT = (
    rf"(?:dunkin|ol|somethin){TICK}|y{TICK}\s|{TICK}n{TICK}"
    rf"|{TICK}(?:cause|em|n|till?|twas|[smd]|ll|re|ve|[0-9][0-9]s?)\b"
)
SMILEY = r"[:;=]-?(?:[()|]|[dop]\b)"
MARKS = r"\.{3,}|-{2,}|[!?]+|``|''|\S"
SIGNED = rf"(?:[-+]?\.?{NUMBER}|(?:[-+]\.?|\.)[0-9]+\b)"

TREEBANK = (
    PLAIN,
    ADDRESSES,
    AREA_CODE,
    f"{ACRONYM}{COMPOUND}",
    ABBREVIATION,
    rf"nos?\.\s*(?:{NUMBER}|[0-9]+\b){COMPOUND}",
    CLOCK,
    INITIAL,
    r"(?:anti|pro)-\s",
    DOLLAR,
    r"c\+\+",
    f"{SIGNED}{COMPOUND}",
    CUT_SHORT,
    rf"{WORD}(?:[-\x{{2010}}\x{{2011}}/&](?:{NUMBER}|{WORD}))*",
    SMILEY,
    MARKS,
)

# Before these a hyphen does not part a word.
PREFIXES = (
    "anti|bi|co|counter|cross|de|e|ex|extra|hyper|infra|inter|intra|macro|mega|meta"
    "|micro|mid|mini|multi|neo|non|over|pan|para|post|pre|pro|proto|pseudo|quasi|re"
    "|semi|sub|super|tele|trans|tri|u|ultra|un|under|uni|vice|x"
)
SIGNED_APART = rf"(?:[-+]\.?(?:{NUMBER}|[0-9]+)\b)"

TREEBANK_UD = (
    f"{PLAIN}{SIGNED_APART}?",
    ADDRESSES,
    AREA_CODE,
    r"(?:1-)?(?:[0-9]{3}-)?[0-9]{3}-[0-9]{4}\b",
    r"[0-9]{1,4}-[0-9]{1,2}-[0-9]{1,4}\b",
    ACRONYM,
    ABBREVIATION,
    rf"nos?\.\s*(?:{NUMBER}|[0-9]+\b)",
    CLOCK,
    INITIAL,
    DOLLAR,
    r"c\+\+",
    rf"(?:^|\s){SIGNED_APART}",
    rf"\.?{NUMBER}|\.[0-9]+\b",
    CUT_SHORT,
    rf"(?:(?:{PREFIXES})-)*{WORD}(?:&{WORD})*",
    SMILEY,
    MARKS,
)

# Tokens that are two words, with the blank that the lexer put behind them.
CONTRACTIONS = (
    rf"(?i)(n{TICK}t|{TICK}(?:[smd]|ll|re|ve))({TICK}(?:[sd]|ll|re|ve))?\s"
    rf"|\b(?:(can|gim|lem|y{TICK})(not|me|all)|(gon|got|wan)(na|ta))\s"
    r"|([0-9])([ap]\.m\.?)\s"
)


def treebank(texts: tf.Tensor) -> tf.Tensor:
    """Tokens of the Penn Treebank, as GloVe 6B and 42B have them but for case.

    Contractions part (`do n't`), hyphenated words and numbers stay whole (`3,000.50`,
    `york-based`), brackets and quotes stay as they are, short forms keep their full
    stops (`mr.`, `u.s.`) and a sentence's last full stop stands alone.

    Shapes:
        texts: `(batch,)`
        returns: `(batch,)`
    """
    return parted(lex(texts, *TREEBANK))


def treebank_ud(texts: tf.Tensor) -> tf.Tensor:
    """Tokens as Universal Dependencies have them, for the GloVe sets of 2024.

    As `treebank`, but hyphens and slashes part what they join (`york - based`), except
    behind a prefix (`co-write`, `e-mail`), in dates, in telephone numbers, addresses
    and fractions.

    Shapes:
        texts: `(batch,)`
        returns: `(batch,)`
    """
    return parted(lex(texts, *TREEBANK_UD))


def parted(spaced: tf.Tensor) -> tf.Tensor:
    """Texts that a lexer has spaced, with contractions parted."""
    return tf.strings.regex_replace(spaced, CONTRACTIONS, r" \1\3\5\7 \2\4\6\8 ")
