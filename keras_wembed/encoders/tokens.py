"""Texts, or lists of tokens, to ids."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf

from keras_wembed.choices import check_utf8, positive
from keras_wembed.encoders import fallback as fallbacks
from keras_wembed.encoders.builtin import built_in_split, built_in_vocabulary
from keras_wembed.encoders.counting import counted
from keras_wembed.encoders.coverage import Coverage, by_treebank, coverage
from keras_wembed.encoders.folds import with_spellings
from keras_wembed.encoders.phrases import Phrases
from keras_wembed.encoders.splitting import (
    PHRASES,
    BlankSplitter,
    read,
    splitter,
    written,
)
from keras_wembed.encoders.text import TextEncoder
from keras_wembed.inputs import as_tensor, of_kind
from keras_wembed.vocabulary import Vocabulary, is_digest, plain

_PRESPLIT = ContextVar("presplit", default=False)


@keras.saving.register_keras_serializable(package="keras_wembed")
class TokenEncoder(TextEncoder):
    """A layer that splits texts into tokens and gives each its id, 1 to n.

    A token that the vocabulary lacks gets the last id, n, unless `fallback` finds
    another. Of quotes, dashes, ellipses, brackets and apostrophes the vocabulary's own
    stand for the others, except where `split` is None. Texts are UTF-8.

    Args:
        vocabulary: The tokens in the order of their ids. By default those of the
            vectors that ship with the package, unless `adapt` finds others.
        split: How texts are split: the name of a way, a compiled `re.Pattern` that
            matches what stands between tokens, or None if inputs are tokens already.
            `"auto"` is the way that the default vocabulary needs, `"words"` for others.
        ignore_case: Whether upper and lower case are the same.
        fallback: What is tried, in this order, for a token that the vocabulary lacks:
            `"lower"`, lower case; `"zeros"` and `"hashes"`, 0 or # for each digit; and
            `"parts"`, last, the ids of what its hyphens or slashes join.
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
        vocabulary: Iterable[str] | Vocabulary | None = None,
        *,
        split: str | re.Pattern[str] | None = "auto",
        ignore_case: bool = True,
        fallback: Iterable[str] = (),
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
        self.split = read(split)
        self._is_built_in = vocabulary is None
        self._splitter = None if split == "auto" else self._made_splitter()
        self.fallback = fallbacks.checked(fallback, splits=self.splits)
        self._phrases: Phrases | None = None

    @property
    def splits(self) -> bool:
        return self.split is not None and not _PRESPLIT.get()

    @property
    def way_of_splitting(self) -> Any:
        """`split`, or what it comes to if it is `"auto"`."""
        if self.split != "auto":
            return self.split
        return built_in_split() if self._is_built_in else "words"

    def _split_words(self, texts: tf.Tensor) -> tf.RaggedTensor:
        return self._splitting()(texts)

    def _splitting(self) -> Any:
        if self._splitter is None:
            self._splitter = self._made_splitter()
        return self._splitter

    def _made_splitter(self, *, strict: bool = False) -> Any:
        """What splits texts into tokens as they are looked up."""
        way = self.way_of_splitting
        return splitter(way, lower=self.ignore_case, strict=strict)

    @property
    def is_ready(self) -> bool:
        return self._is_built_in or super().is_ready

    def _known(self) -> Vocabulary:
        if self._is_built_in and self._vocabulary is None:
            super()._set_vocabulary(built_in_vocabulary())
        return super()._known()

    def _encoded(self, texts: tf.Tensor, output: str, look_up: Any) -> Any:
        split = self._splitting()
        regroups = self.split in PHRASES or "parts" in self.fallback
        is_plain = isinstance(split, BlankSplitter) and not regroups
        if not is_plain or output == "ragged" or look_up is not None:
            return super()._encoded(texts, output, look_up)
        # Straight to a matrix: a third of the operations, which count for one text.
        tokens = split.sparse(texts)
        shape = tf.maximum(tokens.dense_shape, [0, self._shortest])
        ids = tf.SparseTensor(tokens.indices, self._looked_up(tokens.values), shape)
        return self._fitted(tf.sparse.to_dense(ids, validate_indices=False))

    def _split(self, texts: tf.Tensor) -> tf.RaggedTensor:
        if self.split not in PHRASES or not self.is_ready:
            return self._split_words(texts)
        if self._phrases is None:
            self._phrases = Phrases(self.vocabulary, self.lowered)
        return self._phrases.joined(self._split_words(texts), self._holds)

    def _holds(self, tokens: tf.Tensor) -> tf.Tensor:
        """Which tokens have a row as they stand."""
        return tf.not_equal(self._look_up(tokens), self.n)

    @contextmanager
    def served(self, file: Path) -> Iterator[None]:
        before = self._phrases, self._splitter
        self._splitter = self._made_splitter(strict=True)
        if self.split in PHRASES:
            begins = file.with_name(f"{file.stem}-phrases{file.suffix}")
            self._phrases = Phrases(self.vocabulary, self.lowered, begins)
        try:
            with super().served(file):
                yield
        finally:
            self._phrases, self._splitter = before

    @contextmanager
    def presplit(self) -> Iterator[None]:
        """While it lasts strings are tokens already, in this thread and no other."""
        before = _PRESPLIT.set(True)
        try:
            yield
        finally:
            _PRESPLIT.reset(before)

    def _leave_built_in(self) -> None:
        self._is_built_in = False
        if self.split == "auto":
            self._splitter = None

    def _set_vocabulary(self, vocabulary: Vocabulary) -> None:
        if self._is_built_in and vocabulary.tokens != self.vocabulary:
            self._leave_built_in()
        super()._set_vocabulary(vocabulary)
        self._phrases = None

    def _entries(self) -> tuple[Any, Any]:
        keys, ids = self._fold(*super()._entries())
        return with_spellings(keys, ids) if self.splits else (keys, ids)

    def ids_of(self, tokens: Any) -> Any:
        """The ids of tokens that are split already.

        Args:
            tokens: A list or tensor of them, or of lists of them.

        Shapes:
            tokens: any
            returns: as `tokens`; longer rows where `"parts"` stand in for tokens
        """
        return self._looked_up(self._lowered(as_tensor(tokens, empty="string")))

    def _tokens(self, texts: tf.Tensor) -> Any:
        return self._split(texts) if self.splits else self._lowered(texts)

    def _pieces(self, texts: tf.Tensor) -> tf.RaggedTensor:
        tokens = self._tokens(texts)
        return self.with_ids(tokens)[0] if "parts" in self.fallback else tokens

    def _looked_up(self, tokens: Any) -> Any:
        return self.with_ids(tokens)[1]

    def with_ids(self, tokens: Any) -> tuple[Any, Any]:
        """The tokens, parts in place of some if that is a fallback, and their ids."""
        ids = super()._looked_up(tokens)
        if "parts" not in self.fallback or not isinstance(tokens, tf.RaggedTensor):
            return tokens, ids
        return fallbacks.parted(tokens, ids, self._token_ids, self.n)

    def _token_ids(self, tokens: tf.Tensor) -> tf.Tensor:
        ways = [way for way in self.fallback if way != "parts"]
        look_up = super()._token_ids
        return fallbacks.retried(look_up(tokens), tokens, look_up, ways, self.n)

    def adapt(
        self, texts: Any, max_tokens: int | None = None, min_count: int = 1
    ) -> None:
        """Takes its vocabulary from texts: the most frequent token first.

        Args:
            texts: A list, array, tensor, `tf.data.Dataset` or other iterable of texts,
                of batches of them, or of lists of tokens if `split` is None; or the
                `Path` of a file, plain or .gz, with a text in each line.
            max_tokens: The most tokens to keep, the unknown one not counted.
            min_count: How often a token must occur to be kept.

        Raises:
            ValueError: If a layer was built on the vocabulary that this would replace.
        """
        positive("max_tokens", max_tokens)
        positive("min_count", min_count)
        if self._has_layer:
            raise ValueError(
                "adapt must come before a layer is built on the encoder: its rows "
                "stand for the tokens that there were. Make both anew."
            )
        self._leave_built_in()
        (counts,) = self._counted(texts, self._split_words)
        kept = [token for token, count in counts.items() if count >= min_count]
        kept.sort(key=lambda token: (-counts[token], token))
        self._set_vocabulary(Vocabulary(kept[:max_tokens]))

    def coverage(self, texts: Any) -> Coverage:
        """What share of texts the vocabulary knows, and what it misses most.

        Args:
            texts: As for `adapt`. They are streamed; their different tokens must fit
                into memory.

        >>> encoder = TokenEncoder(["a", "state"], split="treebank")
        >>> encoder.coverage(["A state-wide a", "a wide one"])
        50.00% of 6 tokens have a row
        25.00% of 4 different tokens have one
        without: one 1, state-wide 1, wide 1
        fallback=['parts'] would give one to 1 more
        """
        other = by_treebank(self)
        encoders = [self] if other is None else [self, other]
        counts = self._counted(texts, *(each._tokens for each in encoders))
        return coverage(*zip(encoders, counts, strict=True))

    def _counted(self, texts: Any, *ways: Callable[[tf.Tensor], Any]) -> Any:
        def checked(tokenize: Callable[[tf.Tensor], Any], batch: tf.Tensor) -> Any:
            return tokenize(of_kind("string", batch, type(self).__name__))

        return counted(texts, *(partial(checked, way) for way in ways))

    @property
    def options(self) -> dict[str, Any]:
        """How it makes tokens of texts, as `WordVectors.encoder_options` has it."""
        return {
            "split": written(self.way_of_splitting),
            "ignore_case": self.ignore_case,
            "fallback": list(self.fallback),
        }

    def get_config(self) -> dict[str, Any]:
        # The file of a vocabulary does not say that it is the package's own.
        split = self.way_of_splitting if self._vocabulary else self.split
        config = {
            "vocabulary": self._vocabulary_config(),
            "split": written(split),
            "fallback": list(self.fallback),
        }
        return {**super().get_config(), **config}


def _checked(vocabulary: Any) -> Any:
    if vocabulary is None or isinstance(vocabulary, Vocabulary):
        return vocabulary
    if is_digest(vocabulary):
        return vocabulary
    tokens = plain("vocabulary", vocabulary)
    if set(map(type, tokens)) - {str}:
        odd = next(token for token in tokens if type(token) is not str)
        raise TypeError(f"tokens must be str. Got {odd!r} ({type(odd).__name__}).")
    try:
        "".join(tokens).encode()
    except UnicodeEncodeError:
        check_utf8("tokens", tokens)
    return tokens
