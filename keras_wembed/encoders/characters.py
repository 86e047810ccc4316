"""Characters to ids."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_wembed.encoders.alphabet import CLASSES, DEFAULT, END, REST, START, Alphabet
from keras_wembed.encoders.text import LookUp, TextEncoder
from keras_wembed.vocabulary import Vocabulary


@keras.saving.register_keras_serializable(package="keras_wembed")
class CharacterEncoder(TextEncoder):
    r"""A layer that turns texts into the ids of their characters, 1 to n.

    Characters are Unicode code points. One that the alphabet lacks gets the last id,
    n, unless the alphabet has an item for the rest.

    Args:
        alphabet: A string, each of whose characters gets the next id; or a list of

            - strings, as above;
            - ranges of code points, as `range(48, 58)`;
            - dicts from a group of characters, which share an id, to `"auto"`, the
              next id, or to an id that was given before;
            - `"[:alpha:]"`, `"[:digit:]"`, `"[:word:]"` (letters and numbers),
              `"[:punct:]"`, `"[:space:]"`: one id for all characters of that class
              that stand nowhere else; also as groups in a dict;
            - `"[:start:]"` and `"[:end:]"`: put before and after each text;
            - `"[:rest:]"`: all other characters.

            By default tab, newline and the 95 characters of printable ASCII, as
            Wolfram's `NetEncoder["Characters"]`: n is 98.
        ignore_case: Whether upper and lower case are the same.
        length: The number of ids that each text is cut or padded to.
        output: `"padded"` or `"ragged"`.
        **kwargs: For `keras.layers.Layer`.

    Shapes:
        input: `()`, `(batch,)` or `(batch, 1)` of strings
        output: `(characters,)` or `(batch, longest)`

    Raises:
        TypeError, ValueError: If the alphabet is none.

    >>> encoder = CharacterEncoder(["abc", {"0123456789": "auto"}])
    >>> encoder("abba 42").numpy().tolist(), encoder.n
    ([1, 2, 2, 1, 5, 4, 4], 5)
    """

    def __init__(
        self,
        alphabet: Any = None,
        *,
        ignore_case: bool = False,
        length: int | None = None,
        output: str = "padded",
        **kwargs: Any,
    ):
        items = DEFAULT if alphabet is None else alphabet
        self._alphabet = Alphabet.of(items)
        if not self._alphabet.tokens:
            raise ValueError("alphabet must hold at least one character. Got none.")
        super().__init__(
            self._alphabet.tokens,
            ignore_case=ignore_case,
            length=length,
            output=output,
            **kwargs,
        )
        self.alphabet = [
            "".join(map(chr, item)) if isinstance(item, range) else item
            for item in ([items] if isinstance(items, str | range) else items)
        ]

    @property
    def _unknown_rows(self) -> int:
        return 0 if REST in self._alphabet.marks else 1

    def _entries(self) -> tuple[Any, Any]:
        ids = self._alphabet.ids
        keys = tf.constant(list(ids), tf.string, [len(ids)])
        return self._fold(keys, np.array(list(ids.values()), np.int64))

    def _split(self, texts: tf.Tensor) -> tf.RaggedTensor:
        return tf.strings.unicode_split(texts, "UTF-8", errors="replace")

    def _ids(self, texts: tf.Tensor, look_up: LookUp) -> tf.RaggedTensor:
        marks = self._alphabet.marks
        start, end = (
            [tf.fill([tf.size(texts), 1], tf.cast(marks[mark], tf.int64))]
            if mark in marks
            else []
            for mark in (START, END)
        )
        return tf.concat([*start, super()._ids(texts, look_up), *end], axis=1)

    def _token_ids(self, tokens: tf.Tensor) -> tf.Tensor:
        ids = super()._token_ids(self.lowered(tokens))
        for name, id in self._alphabet.classes.items():
            fits = tf.strings.regex_full_match(tokens, CLASSES[name])
            ids = tf.where((ids == 0) & fits, tf.cast(id, tf.int64), ids)
        rest = tf.cast(self._alphabet.marks.get(REST, self.n), tf.int64)
        return tf.where(ids == 0, rest, ids)

    @property
    def _missing(self) -> int:
        return 0  # Classes and the rest come after the table.

    @property
    def _separator(self) -> str:
        return ""

    def _token_of(self, id: int) -> Any:
        token = super()._token_of(id)
        names = {START: None, END: None, REST: "<unk>"}
        return names.get(str(token), token)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "alphabet": self.alphabet}

    # The alphabet stands in the config, and weights do not change it.
    def _load(self, data: bytes) -> None:
        given = Vocabulary.from_json(data)
        if given.tokens != self.vocabulary:
            raise ValueError(
                "alphabet must be that of the file, "
                f"{''.join(map(str, given.tokens))!r}. Got "
                f"{''.join(map(str, self.vocabulary))!r}."
            )
