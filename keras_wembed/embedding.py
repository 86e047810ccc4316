"""The layer that turns ids, labels, characters or text into vectors."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_wembed import distribution, learning_rate
from keras_wembed.blocks import Blocks, NewRows, Start
from keras_wembed.choices import one_of, positive
from keras_wembed.encoders.keras_lookup import restored
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.growth import extended, restricted
from keras_wembed.information import Information
from keras_wembed.inputs import as_tensor
from keras_wembed.logits import logits
from keras_wembed.lookup import lookup
from keras_wembed.messages import as_written
from keras_wembed.ports import port_of
from keras_wembed.rows import Rows
from keras_wembed.subword_block import SubwordBlock
from keras_wembed.vectors import WordVectors

OUTPUTS = ("auto", "padded", "ragged")


@keras.saving.register_keras_serializable(package="keras_wembed")
class EmbeddingLayer(keras.layers.Layer):
    """A layer that turns ids 1..n, labels, characters or text into vectors.

    `layer(ids)` is `layer.embeddings[ids - 1]`. Id 0 is padding: a zero vector, masked
    and never trained.

    Args:
        size: The width of a vector.
        n: The number of rows. By default what the encoder says, once it knows.
        input: What arrives: an encoder of this package, or a Keras `TextVectorization`,
            `StringLookup` or `IntegerLookup`: turns it into ids and sets n. Or the
            shape of an example: `"integer"`, `d`, `(d1, d2, ...)`, `"varying"`,
            `("varying", d2, ...)`. By default integers of any shape.
        weights: The first values of the rows, which set `size` and `n`.
        output: `"auto"`: ragged for ragged or uneven input, padded and masked for text;
            `"padded"`: always padded and masked, as most layers need; or `"ragged"`.
        embeddings_initializer: As in `keras.layers.Embedding`.
        embeddings_regularizer: As in `keras.layers.Embedding`. Reads the whole table.
        embeddings_constraint: As in `keras.layers.Embedding`. Reads the whole table.
        learning_rate_multiplier: What the learning rate of the rows is multiplied by; 0
            freezes them. Or a dict, `{"pretrained": 0.1, "new": 1}`. Any number but 0
            and 1 needs a `LazyOptimizer`; others raise at the first step.
        trainable: Whether training changes the rows. `"new"`: only new ones, that is
            rows without a vector of their own: of unknown tokens, and of tokens that
            `extend` added. The others then stay bit for bit as they are.
        subwords: Vectors of character n-grams, whose mean a token without a row of its
            own gets in place of the last row. Training leaves them as they are.
        attribution: What must be said of the rows wherever they go, as
            `{"name": ..., "license": ..., "source": ...}`; `export` writes it down.
        **kwargs: For `keras.layers.Layer`: `name`, `dtype`.

    Shapes:
        input: any; of texts `()`, `(batch,)` or `(batch, 1)`
        output: the input's and `size` behind; of texts `(tokens, size)` or
            `(batch, longest, size)`

    Raises:
        TypeError: If ids are no integers.
        ValueError: If an argument is bad, or an id is not in 0..n: in a graph on CPU
            that is an `InvalidArgumentError`, under XLA or on a GPU the vector is NaN.

    >>> layer = EmbeddingLayer(weights=[[1, 0, 1, 0], [0, 1, 1, 0]])
    >>> layer([2, 1, 0]).numpy().tolist()
    [[0.0, 1.0, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]]
    """

    def __init__(
        self,
        size: int | None = None,
        n: int | None = None,
        *,
        input: Any = None,
        weights: Any = None,
        output: str = "auto",
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        learning_rate_multiplier: Any = 1.0,
        trainable: bool | str = True,
        subwords: Any = None,
        attribution: Mapping[str, str] | None = None,
        **kwargs: Any,
    ):
        distribution.mend(tf.distribute.get_strategy())
        self._port = port_of(None)
        self._ragged = False
        self._blocks: Blocks | None = None
        self._new: NewRows | None = None
        self._multipliers = learning_rate.by_group(learning_rate_multiplier, trainable)
        super().__init__(autocast=False, trainable=bool(trainable), **kwargs)
        self.supports_masking = True
        self._port = port_of(input)
        self.encoder: Any = self._port.encoder
        self.output_form = one_of("output", output, OUTPUTS)
        self.embeddings_initializer = keras.initializers.get(embeddings_initializer)
        self.embeddings_regularizer = keras.regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = keras.constraints.get(embeddings_constraint)
        self._n: Any = positive("n", n)
        self._size: Any = positive("size", size)
        self._learning_rate_multiplier = learning_rate_multiplier
        self._only_new = trainable == "new"
        self.attribution = dict(attribution or {})
        self._subwords = None if subwords is None else SubwordBlock(subwords)
        if weights is not None:
            self._set_first(weights)
        elif size is None:
            raise ValueError("size must be given, or weights that set it. Got neither.")

    def _set_first(self, weights: Any) -> None:
        """Builds the layer on these rows at once, so that none are kept beside it."""
        if not isinstance(weights, Start):
            weights = Start(Rows.of(weights), self._port.new_rows())
        n, size = weights.rows.shape
        for name, given, found in ("size", self._size, size), ("n", self._n, n):
            if given not in (None, found):
                raise ValueError(
                    f"{name} must be that of weights, {found}. Got {given}."
                )
        self._n, self._size = n, size
        self._check_n()
        self._new = weights.new
        self._make_blocks(weights.rows)
        self._port.hold()
        self.built = True

    @classmethod
    def from_vectors(cls, vectors: WordVectors, **kwargs: Any) -> "EmbeddingLayer":
        """A layer that starts as word vectors.

        With an encoder attached each of its tokens gets its own vector; tokens without
        one, and the row of unknown tokens, get that of `vectors.unknown`, which is
        the file's own or else the mean of all. Without one, row i is vector i. With a
        `TokenEncoder` the layer takes `vectors.subwords` too.

        Args:
            vectors: The rows.
            **kwargs: For `EmbeddingLayer`, `input` among them.

        >>> vectors = WordVectors(["a", "b"], np.array([[1.0, 3.0], [2.0, 4.0]]))
        >>> layer = EmbeddingLayer.from_vectors(vectors, input=TokenEncoder(["a", "b"]))
        >>> layer("b a z").numpy().tolist()
        [[2.0, 4.0], [1.0, 3.0], [1.5, 3.5]]
        """
        port = port_of(kwargs.get("input"))
        rows = port.rows_of(vectors)
        start = Start(rows, NewRows.of(rows.are_unknown()))
        if vectors.subwords is not None and isinstance(port.encoder, TokenEncoder):
            kwargs = {"subwords": vectors.subwords, **kwargs}
        return cls(weights=start, **kwargs)

    @property
    def size(self) -> int:
        """The width of a vector."""
        return self._size

    @property
    def n(self) -> int | None:
        """The number of rows, or None while it is unknown."""
        return self._port.n if self._n is None else self._n

    @property
    def embeddings(self) -> Any:
        """The rows, `(n, size)`, or None before they are made.

        A variable; a tensor, made when asked for, if `trainable` or
        `learning_rate_multiplier` tells new rows from the others.
        """
        return None if self._blocks is None else self._blocks.all_rows()

    @property
    def trainable(self) -> Any:
        """Whether training changes the rows; `"new"` if only the new ones."""
        trainable = keras.layers.Layer.trainable.fget(self)
        return "new" if trainable and self._only_new else trainable

    @trainable.setter
    def trainable(self, value: Any) -> None:
        if not isinstance(value, bool):
            raise ValueError(
                "trainable must be True or False once the layer is made. "
                f'Got {value!r}. Pass trainable="new" to EmbeddingLayer or zoo.load.'
            )
        keras.layers.Layer.trainable.fset(self, value)

    @property
    def learning_rate_multiplier(self) -> Any:
        """As it was given when the layer was made."""
        return self._learning_rate_multiplier

    @property
    def supports_jit(self) -> bool:
        """Whether XLA may compile a model that holds the layer."""
        return self._port.supports_jit and not self._ragged

    @supports_jit.setter
    def supports_jit(self, value: bool) -> None:
        """Keras sets it; what arrives decides."""

    @property
    def compute_dtype(self) -> str:
        """What Keras makes the `Input` of where it makes one itself."""
        return self._port.kind

    @property
    def variable_dtype(self) -> str:
        """As `compute_dtype`; the rows are of the dtype policy's."""
        return self._port.kind

    def build(self, input_shape: Any = None) -> None:
        if self.n is None:
            raise ValueError(
                "n must be known before the layer is called. Got no n and no encoder "
                "with a vocabulary. Pass n, or adapt the encoder first."
            )
        self._check_n()
        self._n = self.n
        if self._new is None:
            self._new = NewRows(((0, self._n),))
        self._make_blocks(self.embeddings_initializer)
        self._port.hold()
        self.built = True

    def _check_n(self) -> None:
        n = self._port.n
        if None not in (n, self._n) and n != self._n:
            raise ValueError(f"n must be the encoder's, {n}. Got {self._n}.")

    def _make_blocks(self, initializer: Any) -> None:
        self._blocks = Blocks(
            (self._n, self._size),
            new=self._new or NewRows(),
            multipliers=self._multipliers,
            layer=self.name,
            add_weight=self._add_block,
            initializer=initializer,
        )
        for variable in self._blocks.variables:  # where tf.train.Checkpoint sees them
            setattr(self, f"_{variable.name}_block", variable)
        if self._subwords is not None:
            self._subwords.build(self._size, self._add_plain)
            self._rows_of_subwords = self._subwords.rows  # for TensorFlow to save

    def _add_plain(self, **block: Any) -> Any:
        dtype = self.dtype_policy.variable_dtype
        return self.add_weight(dtype=dtype, autocast=False, **block)

    def _add_block(self, **block: Any) -> Any:
        return self.add_weight(
            dtype=self.dtype_policy.variable_dtype,
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            autocast=False,
            **block,
        )

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        inputs = as_tensor(inputs, empty=self._port.kind)
        return super().__call__(inputs, *args, **kwargs)

    def call(self, inputs: Any, reverse: bool = False) -> Any:
        with as_written():
            if reverse:
                dtype = self.dtype_policy.compute_dtype
                return logits(inputs, self.embeddings, dtype=dtype)
            ids, buckets = self._ids(inputs)
        vectors = tf.ragged.map_flat_values(self._vectors, ids)
        if self._subwords is not None and buckets is not None:
            vectors = self._subwords.put(vectors, ids, self._n, buckets)
        if isinstance(ids, tf.Tensor) and ids.shape.rank:
            # Keras finds the mask here at run time. In `compute_mask` it would become
            # a part of a Functional graph, and fail there on text and ragged input.
            vectors._keras_mask = tf.not_equal(ids, 0)
        return vectors

    def _ids(self, inputs: Any) -> tuple[Any, Any]:
        """The ids of what arrives; and the buckets of tokens without, if there are."""
        ngrams = None if self._subwords is None else self._subwords.ngrams
        about = {"n": self._n, "hint": self._hint()}
        return self._port.ids_and_buckets(inputs, self.output_form, ngrams, **about)

    def _vectors(self, ids: tf.Tensor) -> tf.Tensor:
        vectors = lookup(self._blocks, ids, n=self._n, gather=Blocks.gather)
        return tf.cast(vectors, self.dtype_policy.compute_dtype)

    def _hint(self) -> str:
        if self._size <= self._n:
            return ""
        return (
            f"This is EmbeddingLayer(size={self._size}, n={self._n}); Keras's "
            "Embedding takes the two the other way round."
        )

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> Any:
        return previous_mask if tf.as_dtype(inputs.dtype).is_floating else None

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        dtype = self._port.kind
        return self.compute_output_spec(keras.KerasTensor(input_shape, dtype)).shape

    def compute_output_spec(self, inputs: Any, reverse: bool = False) -> Any:
        dtype = self.dtype_policy.compute_dtype
        if reverse:
            shape = (*inputs.shape[:-1], self.n)
            return keras.KerasTensor(shape, dtype, ragged=inputs.ragged)
        with as_written():
            ids = self._port.ids_spec(inputs, self.output_form)
        self._ragged = self._ragged or bool(inputs.ragged)
        return keras.KerasTensor((*ids.shape, self._size), dtype, ragged=ids.ragged)

    def coverage(self, texts: Any) -> Any:
        """What share of texts has rows of its own, and what is missed most.

        Args:
            texts: As for `TokenEncoder.coverage`.

        Raises:
            TypeError: If the layer has no `TokenEncoder`.
        """
        if not isinstance(self.encoder, TokenEncoder):
            kind = None if self.encoder is None else type(self.encoder).__name__
            raise TypeError(
                f"coverage must have a layer with a TokenEncoder. Got {kind}."
            )
        return self.encoder.coverage(texts)

    def extend(
        self, tokens: Any, *, init: Any = "mean", **arguments: Any
    ) -> "EmbeddingLayer":
        """A layer with rows for more tokens, its encoder in step.

        All rows keep their vectors. The ids of known tokens stay; that of unknown ones
        is still the last. Optimizers start anew.

        Args:
            tokens: The tokens to add. Without an encoder: how many rows to add.
            init: The added rows: `"zeros"`; `"mean"`, of all rows; `"normal"`, drawn
                with the mean and covariance of all rows; one vector per token; a
                function that gives the vector of a token; or `WordVectors`, with the
                mean for tokens that they lack.
            **arguments: Of the new layer, in place of this one's: `trainable="new"`.

        Raises:
            ValueError: If a token is known already, `init` does not fit, or this layer
                has no rows yet.

        >>> encoder = TokenEncoder(["a", "b"])
        >>> layer = EmbeddingLayer(weights=[[1], [3], [8]], input=encoder)
        >>> layer.extend(["c"], init="mean")("a b c d").numpy().tolist()
        [[1.0], [3.0], [4.0], [8.0]]
        """
        return extended(self, tokens, init, arguments)

    def restrict(self, tokens: Any, **arguments: Any) -> "EmbeddingLayer":
        """A layer with the rows of some tokens, in their order, its encoder in step.

        The row of unknown tokens stays, and stays the last.

        Args:
            tokens: The tokens to keep. Without an encoder: their ids.
            **arguments: Of the new layer, in place of this one's.

        Raises:
            ValueError: If a token has no row, or this layer has no rows yet.

        >>> encoder = TokenEncoder(["a", "b"])
        >>> layer = EmbeddingLayer(weights=[[1], [3], [8]], input=encoder)
        >>> layer.restrict(["b"])("a b c").numpy().tolist()
        [[8.0], [3.0], [8.0]]
        """
        return restricted(self, tokens, arguments)

    def information(self, name: str | None = None) -> Any:
        """A report on the layer's arrays and ports, or one of its values.

        Args:
            name: A property of Wolfram's `Information`, as `"ArraysTotalByteCount"`.

        Raises:
            ValueError: If there is no property of that name.
        """
        report = Information(self)
        return report if name is None else report[name]

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "size": self._size,
            "n": self._n,
            "input": self._port.get_config(),
            "output": self.output_form,
            "embeddings_initializer": keras.initializers.serialize(
                self.embeddings_initializer
            ),
            "embeddings_regularizer": keras.regularizers.serialize(
                self.embeddings_regularizer
            ),
            "embeddings_constraint": keras.constraints.serialize(
                self.embeddings_constraint
            ),
            "learning_rate_multiplier": self._learning_rate_multiplier,
            "trainable": "new" if self._only_new else bool(self.trainable),
            "frozen": not self.trainable,
            "subwords": self._subwords and self._subwords.get_config(),
            "new": self._new and self._new.runs,
            "attribution": dict(self.attribution),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "EmbeddingLayer":
        form = config.get("input")
        if isinstance(form, dict):
            form = restored(form)
        config = {**config, "input": form}
        new, frozen = config.pop("new", None), config.pop("frozen", False)
        layer = cls(**config)
        if frozen:
            layer.trainable = False
        if new is not None:
            layer._new = NewRows(tuple(map(tuple, new)))
        return layer

    def save_own_variables(self, store: Any) -> None:
        # All rows in one array, so that a file fits whatever rows are to learn.
        if self._blocks is not None:
            store["0"] = np.asarray(self._blocks.all_rows())
        self._port.save_to(store)
        if self._subwords is not None and self._subwords.rows is not None:
            store["subwords"] = np.asarray(self._subwords.rows)

    def load_own_variables(self, store: Any) -> None:
        if self._blocks is not None:
            self._blocks.assign(store["0"])
        self._port.load_from(store)
        if self._subwords is not None and self._subwords.rows is not None:
            self._subwords.rows.assign(store["subwords"])

    def get_build_config(self) -> dict[str, Any] | None:
        return {"input_shape": None} if self.built else None
