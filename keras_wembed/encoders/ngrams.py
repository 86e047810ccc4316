"""The n-gram buckets of tokens, in the graph, as fastText hashes them."""

from dataclasses import dataclass

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

    def _ngrams(self, tokens: tf.Tensor) -> tf.RaggedTensor:
        words = tf.strings.join(["<", tokens, ">"])
        widths = list(range(max(2, self.minn), self.maxn + 1))
        found = [tf.strings.unicode_split(tokens, "UTF-8")] if self.minn == 1 else []
        if widths:
            chars = tf.strings.unicode_split(words, "UTF-8")
            found.append(tf.strings.ngrams(chars, widths, separator=""))
        return tf.concat(found, axis=1)


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
