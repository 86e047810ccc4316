"""Splitting as the authors of GloVe's Twitter vectors did."""

from functools import reduce

import tensorflow as tf

from keras_wembed.encoders.splitting.lexer import lex
from keras_wembed.encoders.splitting.treebank import TREEBANK, parted

# RE2 cannot ask for "the same letter again", so each letter asks for itself; nine at a
# time, because a rewrite knows nine groups.
LONG = [
    (
        rf"(?i)(?:{'|'.join(f'({letter}){letter}{letter}+' for letter in letters)})\b",
        "".join(rf"\{group}" for group in range(1, len(letters) + 1)) + " <elong> ",
    )
    for letters in ("abcdefghi", "jklmnopqr", "stuvwxyz")
]

# In this order: an address holds slashes, a smiley brackets, a heart a number.
RULES = (
    (r"(?i)https?://\S+|www\.\S+", " <url> "),
    (r"@\w+", " <user> "),
    (r"(?i)[:;=]['`-]?(?:\)+|d\b)|(?:^|\s)\(+['`-]?[:;=]", " <smile> "),
    (r"(?i)[:;=]['`-]?p\b", " <lolface> "),
    (r"[:;=]['`-]?\(+|(?:^|\s)\)+['`-]?[:;=]", " <sadface> "),
    (r"(?i)[:;=]['`-]?(?:[/|*]|l\b)", " <neutralface> "),
    (r"<3", " <heart> "),
    (r"/", " / "),
    # The words of a hashtag begin with capitals. Each pass parts one more, from behind.
    (r"#(\w*[\pL\d_]\w*)", r" <hashtag>\1 "),
    *[(r"(<hashtag>\S*\p{Ll})(\p{Lu})", "\\1\x1f\\2")] * 5,
    ("\x1f", " "),
    (r"(<hashtag>)", r"\1 "),
    (r"[-+]?[.\d]*\d[:,.\d]*", " <number> "),
    (r"[!?.]+([!?.])", r" \1 <repeat> "),
    *LONG,
    (r"\b[A-Z][A-Z]+\b", r"\0 <allcaps> "),
)
TAG = (
    "<(?:allcaps|elong|hashtag|heart|lolface|neutralface|number|repeat|sadface|smile"
    "|url|user)>"
)


def twitter(texts: tf.Tensor) -> tf.Tensor:
    """Tokens of tweets, with tags in place of what no two tweets share.

    `<url> <user> <number> <hashtag> <repeat> <elong> <allcaps>` and the faces `<smile>
    <lolface> <sadface> <neutralface> <heart>`. The rest is split as `treebank` does.

    Shapes:
        texts: `(batch,)`
        returns: `(batch,)`
    """
    tagged = reduce(lambda now, rule: _rewritten(now, *rule), RULES, texts)
    return parted(lex(tagged, TAG, *TREEBANK))


def _rewritten(texts: tf.Tensor, pattern: str, rewrite: str) -> tf.Tensor:
    return tf.strings.regex_replace(texts, pattern, rewrite)
