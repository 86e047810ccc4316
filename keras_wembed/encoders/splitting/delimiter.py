"""Splitting at what a regular expression of the user's matches."""

import re
from collections.abc import Callable
from typing import Any

import tensorflow as tf

# No text holds this byte once it is valid UTF-8.
MARK = b"\xff"

# The flags that Python and RE2 share. Python sets UNICODE by itself.
FLAGS = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s"}

CLASSES = {r"\w": r"\p{L}\p{N}_", r"\d": r"\p{Nd}", r"\s": r"\s\x0b\x1c-\x1f\x85\pZ"}


def delimited(pattern: re.Pattern[str]) -> Callable[[tf.Tensor], tf.RaggedTensor]:
    """A splitter of UTF-8 at whatever `pattern` matches; empty tokens are dropped.

    Raises:
        TypeError: `pattern` matches bytes.
        ValueError: TensorFlow's regular expressions, RE2, do not have what it uses.
    """
    delimiter = re2(pattern)

    def split(texts: tf.Tensor) -> tf.RaggedTensor:
        marked = tf.strings.regex_replace(texts, delimiter, MARK)
        tokens = tf.strings.split(marked, MARK)
        return tf.ragged.boolean_mask(tokens, tokens != "")

    return split


def re2(pattern: re.Pattern[str]) -> str:
    """The pattern as RE2 writes it."""
    if isinstance(pattern.pattern, bytes):
        raise TypeError(f"split must match text, not bytes. Got {pattern!r}.")
    unknown = pattern.flags & ~(re.UNICODE | re.ASCII | sum(FLAGS))
    letters = "".join(letter for flag, letter in FLAGS.items() if pattern.flags & flag)
    source = (
        pattern.pattern if pattern.flags & re.ASCII else of_unicode(pattern.pattern)
    )
    source = f"(?{letters}){source}" if letters else source
    reason = str(re.RegexFlag(unknown)) if unknown else refusal(source)
    if reason:
        raise ValueError(
            "split must be a pattern that RE2 understands, because TensorFlow runs it."
            f" Got {pattern!r}: {reason}."
        )
    return source


def of_unicode(source: str) -> str:
    r"""The pattern with `\w \d \s` as Python means them; RE2's know ASCII only.

    >>> print(of_unicode(r"[\d.]+|\W"))
    [\p{Nd}.]+|[^\p{L}\p{N}_]
    """
    found, inside = [], False
    for piece in re.findall(r"\\.|\[\^?\]?|.", source, re.DOTALL):
        inside = piece[0] == "[" or (inside and piece != "]")
        known = CLASSES.get(piece.lower(), "")
        if known and not inside:
            piece = f"[{known}]" if piece.islower() else f"[^{known}]"
        elif known and piece.islower():
            piece = known
        found.append(piece)
    return "".join(found)


def refusal(source: str) -> str:
    """Why RE2 refuses a pattern; empty if it does not."""
    try:
        with tf.init_scope():
            tf.strings.regex_replace("", source, "")
    except tf.errors.InvalidArgumentError as error:
        return error.message.partition("error: ")[2].partition(" [Op:")[0]
    return ""


def written(split: Any) -> Any:
    """A way of splitting as a config holds it."""
    if isinstance(split, re.Pattern):
        return {"pattern": split.pattern, "flags": split.flags}
    return split


def read(split: Any) -> Any:
    """Undoes `written`."""
    if isinstance(split, dict):
        return re.compile(split["pattern"], split["flags"])
    return split
