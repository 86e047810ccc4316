"""What is tried, in order, for a token that a vocabulary lacks."""

from collections.abc import Callable, Iterable

import tensorflow as tf

from keras_wembed.choices import one_of
from keras_wembed.encoders.splitting import in_lower_case

LookUp = Callable[[tf.Tensor], tf.Tensor]

REWRITES: dict[str, LookUp] = {
    "lower": in_lower_case,
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
        one_of("each of fallback", way, FALLBACKS)
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
    tokens: tf.RaggedTensor, ids: tf.RaggedTensor, look_up: LookUp, n: int
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Tokens and ids with its parts for each token that has no row but whose parts do.

    Shapes:
        tokens: `(batch, None)`
        ids: as `tokens`
        returns: both `(batch, None)`; rows are longer where parts stand
    """
    at = tf.where(tf.equal(ids.values, n))[:, 0]
    blanks = tf.strings.regex_replace(tf.gather(tokens.values, at), JOINTS, " ")
    parts = tf.strings.split(blanks)
    part_ids = tf.ragged.map_flat_values(look_up, parts)
    some = tf.reduce_any(tf.not_equal(part_ids, n), axis=1)
    where = tf.boolean_mask(at, some)
    return (
        _with_rows(tokens, where, tf.ragged.boolean_mask(parts, some)),
        _with_rows(ids, where, tf.ragged.boolean_mask(part_ids, some)),
    )


def _with_rows(
    ragged: tf.RaggedTensor, where: tf.Tensor, rows: tf.RaggedTensor
) -> tf.RaggedTensor:
    """The ragged tensor with a row in place of each of its flat values at `where`."""
    alone = tf.RaggedTensor.from_uniform_row_length(ragged.values, 1)
    count = tf.size(ragged.values, tf.int64)
    chosen = tf.tensor_scatter_nd_update(
        tf.range(count), where[:, tf.newaxis], count + tf.range(rows.nrows())
    )
    pieces = tf.gather(tf.concat([alone, rows], axis=0), chosen)
    return ragged.with_values(pieces).merge_dims(1, 2)
