"""What is tried, in order, for a token that a vocabulary lacks."""

from collections.abc import Callable, Iterable

import tensorflow as tf

LookUp = Callable[[tf.Tensor], tf.Tensor]

REWRITES: dict[str, LookUp] = {
    "lower": lambda tokens: tf.strings.lower(tokens, encoding="utf-8"),
    "zeros": lambda tokens: tf.strings.regex_replace(tokens, "[0-9]", "0"),
    "hashes": lambda tokens: tf.strings.regex_replace(tokens, "[0-9]", "#"),
}
FALLBACKS = (*REWRITES, "parts")

# What joins the parts of a compound.
JOINTS = r"[-/_+&\x{2010}-\x{2015}]+"


def checked(fallback: Iterable[str], *, splits: bool) -> tuple[str, ...]:
    """`fallback` as a tuple.

    Raises:
        TypeError: It is a string.
        ValueError: It holds an unknown way, one twice, one behind `"parts"`, or
            `"parts"` where inputs are tokens, which must keep their shape.
    """
    if isinstance(fallback, str):
        raise TypeError(f"fallback must be a list of names. Got {fallback!r}.")
    ways = tuple(fallback)
    for way in ways:
        if way not in FALLBACKS:
            raise ValueError(
                f"fallback must be of {', '.join(FALLBACKS)}. Got {way!r}."
            )
    if len(set(ways)) < len(ways) or "parts" in ways[:-1]:
        raise ValueError(
            f"fallback must hold each way once, and 'parts' last. Got {list(ways)}."
        )
    if "parts" in ways and not splits:
        raise ValueError(
            "fallback must do without 'parts' where split is None: tokens keep their "
            f"shape. Got {list(ways)}."
        )
    return ways


def retried(
    ids: tf.Tensor, tokens: tf.Tensor, look_up: LookUp, ways: Iterable[str], n: int
) -> tf.Tensor:
    """The ids, with those of the tokens' rewrites where they are n.

    Each rewrite changes what the one before it gave.

    Shapes:
        ids: any
        tokens: as `ids`
        returns: as `ids`
    """
    for way in ways:
        at = tf.where(tf.equal(ids, n))
        rewritten = REWRITES[way](tf.gather_nd(tokens, at))
        ids = tf.tensor_scatter_nd_update(ids, at, look_up(rewritten))
        tokens = tf.tensor_scatter_nd_update(tokens, at, rewritten)
    return ids


def parted(
    ids: tf.RaggedTensor, tokens: tf.RaggedTensor, look_up: LookUp, n: int
) -> tf.RaggedTensor:
    """The ids, with those of its parts for each token that has none but whose parts do.

    Shapes:
        ids: `(batch, None)`
        tokens: as `ids`
        returns: `(batch, None)`; rows are longer where parts stand
    """
    at = tf.where(tf.equal(ids.values, n))[:, 0]
    blanks = tf.strings.regex_replace(tf.gather(tokens.values, at), JOINTS, " ")
    parts = tf.ragged.map_flat_values(look_up, tf.strings.split(blanks))
    some = tf.reduce_any(tf.not_equal(parts, n), axis=1)
    rows = tf.concat([_alone(ids.values), tf.ragged.boolean_mask(parts, some)], axis=0)
    count = tf.size(ids.values, tf.int64)
    behind = tf.range(count, rows.nrows())
    chosen = tf.tensor_scatter_nd_update(
        tf.range(count), tf.boolean_mask(at, some)[:, tf.newaxis], behind
    )
    return ids.with_values(tf.gather(rows, chosen)).merge_dims(1, 2)


def _alone(ids: tf.Tensor) -> tf.RaggedTensor:
    """A row for each id."""
    return tf.RaggedTensor.from_uniform_row_length(ids, 1)
