"""The n-gram buckets of tokens, in the graph, as fastText hashes them."""

from dataclasses import dataclass
from typing import Any

import tensorflow as tf

_OFFSET, _PRIME, _32_BITS = 2166136261, 16777619, 0xFFFFFFFF


@dataclass(frozen=True)
class NGrams:
    """Which n-grams a token has, and how many buckets they are hashed to.

    Args:
        minn: The characters of the shortest, `<` and `>` at a token's ends counted.
        maxn: Those of the longest.
        buckets: How many buckets.
    """

    minn: int
    maxn: int
    buckets: int

    def of(self, tokens: tf.Tensor) -> tf.RaggedTensor:
        """The buckets of the n-grams of each token, from 0.

        Shapes:
            tokens: `(count,)`
            returns: `(count, None)`
        """
        ngrams = self._ngrams(tokens)
        return ngrams.with_values(_fnv1a(ngrams.values, self.maxn) % self.buckets)

    def unknown(self, encoder: Any, inputs: Any, output: str) -> tuple[Any, Any]:
        """What crosses from a `TokenEncoder` to a layer with vectors of n-grams.

        Args:
            encoder: The encoder.
            inputs: What it encodes.
            output: As for its `encode`.

        Shapes:
            returns: the ids, and `(count, None)` buckets, a row for each id that is n
        """
        found: list[tf.Tensor] = []

        def places(tokens: Any) -> Any:
            """1, 2, ... for all tokens, so that padding and cutting move them too."""
            tokens, ids = encoder.with_ids(tokens)
            found.extend(map(_flat, (tokens, ids)))
            return tf.ragged.map_flat_values(_counted, tokens)

        at = encoder.encode(inputs, output, places)
        tokens, ids = found
        ids = tf.concat([[0], ids], 0)
        unknown = tf.boolean_mask(_flat(at), tf.gather(ids, _flat(at)) == encoder.n)
        buckets = self.of(tf.gather(tokens, unknown - 1))
        return tf.ragged.map_flat_values(
            lambda place: tf.gather(ids, place), at
        ), buckets

    def _ngrams(self, tokens: tf.Tensor) -> tf.RaggedTensor:
        words = tf.strings.join(["<", tokens, ">"])
        widths = list(range(max(2, self.minn), self.maxn + 1))
        found = [tf.strings.unicode_split(tokens, "UTF-8")] if self.minn == 1 else []
        if widths:
            chars = tf.strings.unicode_split(words, "UTF-8")
            found.append(tf.strings.ngrams(chars, widths, separator=""))
        return tf.concat(found, axis=1)


def _flat(values: Any) -> tf.Tensor:
    ragged = isinstance(values, tf.RaggedTensor)
    return tf.reshape(values.flat_values if ragged else values, [-1])


def _counted(values: tf.Tensor) -> tf.Tensor:
    """1, 2, ... in the shape of `values`."""
    return tf.reshape(tf.range(1, tf.size(values, tf.int64) + 1), tf.shape(values))


def _fnv1a(strings: tf.Tensor, most: int) -> tf.Tensor:
    """Hashes of 32 bits, computed in 64: the products need 57.

    Shapes:
        strings: `(count,)`, of `most` characters at most
        returns: `(count,)`
    """
    lengths = tf.strings.length(strings)
    # UTF-8 takes four bytes for a character at most.
    data = tf.io.decode_raw(strings, tf.int8, fixed_length=4 * most)  # signed bytes
    data = tf.bitwise.bitwise_and(tf.cast(data, tf.int64), _32_BITS)
    hashes = tf.fill(tf.shape(strings), tf.constant(_OFFSET, tf.int64))
    for place in range(4 * most):
        mixed = tf.bitwise.bitwise_xor(hashes, data[:, place]) * _PRIME
        mixed = tf.bitwise.bitwise_and(mixed, _32_BITS)
        hashes = tf.where(place < lengths, mixed, hashes)
    return hashes
