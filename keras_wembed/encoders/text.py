"""What encoders of text share: one id for each token of each text."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_wembed.choices import positive
from keras_wembed.encoders.encoder import Encoder, Shape
from keras_wembed.encoders.splitting import in_lower_case
from keras_wembed.inputs import as_tensor, at_least, shaped

LookUp = Callable[[Any], Any]


class TextEncoder(Encoder):
    """An encoder that splits texts into tokens; unknown ones get the last id, n.

    Args:
        vocabulary: As for `Encoder`.
        ignore_case: Whether upper and lower case are the same.
        length: The number of ids that each text is cut or padded to.
        output: As for `Encoder`.
        **kwargs: For `keras.layers.Layer`.
    """

    def __init__(
        self,
        vocabulary: Any,
        *,
        ignore_case: bool,
        length: int | None = None,
        output: str = "padded",
        **kwargs: Any,
    ):
        super().__init__(vocabulary, output=output, **kwargs)
        self.ignore_case = bool(ignore_case)
        self.length = positive("length", length)
        self._shortest = 0  # how many ids a padded text has at least

    @contextmanager
    def served(self, file: Path) -> Iterator[None]:
        # Most layers fail on sequences of length 0, as a batch without tokens is.
        self._shortest = 1
        try:
            with super().served(file):
                yield
        finally:
            self._shortest = 0

    @property
    def splits(self) -> bool:
        """Whether a string is a text, not a token already."""
        return True

    def encode(self, inputs: Any, output: str, look_up: LookUp | None = None) -> Any:
        """The ids of texts, or what else `look_up` makes of their tokens."""
        if not self.splits:
            ids = (look_up or self._looked_up)(self._lowered(inputs))
            return self._finished(ids, output)
        if isinstance(inputs, tf.RaggedTensor):
            ids = self._ids(inputs.flat_values, look_up or self._looked_up)
            return self._finished(inputs.with_flat_values(ids), output)
        if inputs.shape.rank == 0:
            return self._encoded(inputs[tf.newaxis], output, look_up)[0]
        if inputs.shape.rank > 1 and inputs.shape[-1] == 1:
            inputs = tf.squeeze(inputs, -1)
        flat = inputs if inputs.shape.rank == 1 else tf.reshape(inputs, [-1])
        ids = self._encoded(flat, output, look_up)
        return self._nested_as(inputs, ids, output)

    def _encoded(self, texts: tf.Tensor, output: str, look_up: LookUp | None) -> Any:
        """The ids of texts of rank 1, dense or ragged as `output` wants them."""
        return self._finished(self._ids(texts, look_up or self._looked_up), output)

    def tokenize(self, texts: Any) -> Any:
        """The tokens of texts, as they are looked up.

        Args:
            texts: A text, or a list or tensor of rank 1 of them.

        Shapes:
            texts: `()` or `(batch,)`
            returns: `(tokens,)`, or `(batch, None)`, ragged
        """
        texts = as_tensor(texts, empty="string")
        if not self.splits:
            return self._tokens(texts)
        tokens = self._pieces(tf.reshape(texts, [-1]))
        return tokens if texts.shape.rank else tokens[0]

    def _pieces(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """The tokens of texts of rank 1, one for each id."""
        return self._tokens(texts)

    def _tokens(self, texts: tf.Tensor) -> Any:
        """The tokens of texts of rank 1; the texts themselves if they are tokens."""
        return self._lowered(self._split(texts) if self.splits else texts)

    def _nested_as(self, texts: tf.Tensor, ids: Any, output: str) -> Any:
        """The ids of the texts of a dense tensor, in its shape and a dimension more."""
        if texts.shape.rank == 1:
            return ids
        outer = tf.shape(texts, out_type=tf.int64)
        if output == "padded":
            last = tf.shape(ids, out_type=tf.int64)[-1:]
            dense = tf.reshape(ids, tf.concat([outer, last], 0))
            return tf.ensure_shape(dense, [*texts.shape, ids.shape[-1]])
        for axis in range(texts.shape.rank - 1, 0, -1):
            ids = tf.RaggedTensor.from_uniform_row_length(
                ids, outer[axis], nrows=tf.reduce_prod(outer[:axis])
            )
        return ids

    def _ids(self, texts: tf.Tensor, look_up: LookUp) -> tf.RaggedTensor:
        """The ids of texts of rank 1, a row each."""
        return look_up(self._split(texts))

    def _split(self, texts: tf.Tensor) -> tf.RaggedTensor:
        """The tokens of texts of rank 1."""
        raise NotImplementedError

    def _lowered(self, tokens: Any) -> Any:
        return tf.ragged.map_flat_values(self.lowered, tokens)

    def _looked_up(self, tokens: Any) -> Any:
        return tf.ragged.map_flat_values(self._token_ids, tokens)

    def _token_ids(self, tokens: tf.Tensor) -> tf.Tensor:
        return self._look_up(tokens)

    def lowered(self, tokens: tf.Tensor) -> tf.Tensor:
        """The tokens as they are looked up: in lower case if case is ignored."""
        return in_lower_case(tokens) if self.ignore_case else tokens

    @property
    def _missing(self) -> int:
        """What the table gives for a token that it lacks."""
        return self.n

    def _fold(self, keys: tf.Tensor, ids: np.ndarray) -> tuple[tf.Tensor, tf.Tensor]:
        """Keys and ids of the table; where case makes keys the same, the first."""
        if not self.ignore_case:
            return keys, ids
        folded, group = tf.unique(in_lower_case(keys))
        return folded, tf.math.unsorted_segment_min(ids, group, tf.size(folded))

    def _finished(self, ids: Any, output: str) -> Any:
        if isinstance(ids, tf.Tensor):
            return shaped(self._fitted(ids), output)
        if self.length:
            ids = ids[..., : self.length]
        if output == "ragged":
            return ids
        padded = ids.to_tensor(shape=[*[None] * (ids.shape.rank - 1), self.length])
        return at_least(self._shortest, padded) if self._shortest else padded

    def _fitted(self, ids: tf.Tensor) -> tf.Tensor:
        """Dense ids, cut and padded to `length` if there is one."""
        if not self.length or not ids.shape.rank:
            return ids
        ids = ids[..., : self.length]
        missing = self.length - tf.shape(ids)[-1]
        padded = tf.pad(ids, [*[[0, 0]] * (ids.shape.rank - 1), [0, missing]])
        return tf.ensure_shape(padded, [*ids.shape[:-1], self.length])

    def _joined(self, tokens: Any) -> Any:
        if not isinstance(tokens, list):
            return tokens
        if any(isinstance(item, list) for item in tokens):
            return [self._joined(item) for item in tokens]
        return self._separator.join(tokens)

    @property
    def _separator(self) -> str:
        return " "

    def output_shape_of(self, shape: Shape, output: str) -> Shape:
        if not self.splits:
            return (*shape[:-1], self.length or shape[-1]) if shape else shape
        if len(shape) > 1 and shape[-1] == 1:
            shape = shape[:-1]
        length = self.length if output == "padded" else None
        return (*shape, length)

    def get_config(self) -> dict[str, Any]:
        config = {"ignore_case": self.ignore_case, "length": self.length}
        return {**super().get_config(), **config}
