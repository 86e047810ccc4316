"""Texts, or lists of tokens, to ids."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_wembed.choices import positive
from keras_wembed.encoders.splitting import splitter
from keras_wembed.encoders.text import TextEncoder
from keras_wembed.inputs import as_tensor
from keras_wembed.vocabulary import Vocabulary

_BATCH = 1024  # texts that `adapt` splits at a time


@keras.saving.register_keras_serializable(package="keras_wembed")
class TokenEncoder(TextEncoder):
    """A layer that splits texts into tokens and gives each its id, 1 to n.

    A token that the vocabulary lacks gets the last id, n. Texts are UTF-8.

    Args:
        vocabulary: The tokens in the order of their ids. May be left to `adapt`.
        split: How texts are split: the name of a way, a compiled `re.Pattern` that
            matches what stands between tokens, or None if inputs are tokens already.
        ignore_case: Whether upper and lower case are the same.
        length: The number of ids that each text is cut or padded to.
        output: `"padded"`, with zeros, or `"ragged"`.
        **kwargs: For `keras.layers.Layer`.

    Shapes:
        input: `()`, `(batch,)` or `(batch, 1)` of texts; any if `split` is None
        output: `(tokens,)` or `(batch, longest)`; as the input if `split` is None

    Raises:
        TypeError: If tokens are not str.
        ValueError: If a token stands twice, or RE2 does not take the pattern.

    >>> encoder = TokenEncoder(["the", "cat", "sat"])
    >>> encoder(["The cat sat", "the dog"]).numpy().tolist(), encoder.n
    ([[1, 2, 3], [1, 4, 0]], 4)
    >>> encoder.decode([1, 2, 4, 0])
    'the cat <unk>'
    """

    def __init__(
        self,
        vocabulary: Iterable[str] | None = None,
        *,
        split: str | re.Pattern[str] | None = "auto",
        ignore_case: bool = True,
        length: int | None = None,
        output: str = "padded",
        **kwargs: Any,
    ):
        super().__init__(
            _checked(vocabulary),
            ignore_case=ignore_case,
            length=length,
            output=output,
            **kwargs,
        )
        self.split = _pattern(split)
        self._splitter = splitter("words" if split == "auto" else self.split)

    @property
    def splits(self) -> bool:
        return self.split is not None

    def _split(self, texts: tf.Tensor) -> tf.RaggedTensor:
        return self._splitter(texts)

    def _entries(self) -> tuple[Any, Any]:
        return self._fold(*super()._entries())

    def adapt(
        self,
        texts: Any,
        max_tokens: int | None = None,
        min_count: int = 1,
    ) -> None:
        """Takes its vocabulary from texts: the most frequent token first.

        Args:
            texts: A list, array, tensor, `tf.data.Dataset` or other iterable of texts
                or of batches of them; of lists of tokens if `split` is None.
            max_tokens: The most tokens to keep, the unknown one not counted.
            min_count: How often a token must occur to be kept.

        Raises:
            ValueError: If a layer was built on the vocabulary that this would replace.
        """
        positive("max_tokens", max_tokens)
        counts: Counter[bytes] = Counter()
        for batch in _batches(texts):
            tokens = self._tokens(batch)
            unique, _, number = tf.unique_with_counts(tokens)
            counts.update(
                dict(zip(unique.numpy(), number.numpy().tolist(), strict=True))
            )
        kept = [token for token, count in counts.items() if count >= min_count]
        kept.sort(key=lambda token: (-counts[token], token))
        self._set_vocabulary(Vocabulary(token.decode() for token in kept[:max_tokens]))

    def _tokens(self, batch: Any) -> tf.Tensor:
        """All tokens of a batch of texts, of any shape."""
        flat = batch.flat_values if isinstance(batch, tf.RaggedTensor) else batch
        tokens = self.tokenize(tf.reshape(flat, [-1]))
        return tokens.flat_values if self.splits else tokens

    def get_config(self) -> dict[str, Any]:
        split = self.split
        if isinstance(split, re.Pattern):
            split = {"pattern": split.pattern, "flags": split.flags}
        config = {"vocabulary": self._vocabulary_config(), "split": split}
        return {**super().get_config(), **config}


def _checked(vocabulary: Any) -> Any:
    if vocabulary is None or isinstance(vocabulary, dict):
        return vocabulary
    if isinstance(vocabulary, np.ndarray):
        vocabulary = vocabulary.tolist()
    if isinstance(vocabulary, str):
        raise TypeError(f"vocabulary must be a list of tokens. Got {vocabulary!r}.")
    vocabulary = tuple(vocabulary)
    if set(map(type, vocabulary)) - {str}:
        odd = next(token for token in vocabulary if type(token) is not str)
        raise TypeError(f"tokens must be str. Got {odd!r} ({type(odd).__name__}).")
    return vocabulary


def _pattern(split: Any) -> Any:
    """`split`, with a pattern's config as the pattern."""
    if isinstance(split, dict):
        return re.compile(split["pattern"], split["flags"])
    return split


def _batches(texts: Any) -> Iterator[Any]:
    """Batches of texts as tensors."""
    if isinstance(texts, str | bytes | tf.Tensor | tf.RaggedTensor):
        texts = [texts]
    items = iter(texts)
    while some := list(islice(items, _BATCH)):
        single = all(isinstance(item, str | bytes) for item in some)
        for batch in [some] if single else some:
            yield as_tensor(batch, empty="string")
