"""The layer that turns ids, labels, characters or text into vectors."""

from collections.abc import Mapping
from typing import Any

import keras
import tensorflow as tf

from keras_wembed import distribution, saved
from keras_wembed.blocks import Blocks
from keras_wembed.choices import instance, one_of, positive
from keras_wembed.conversion import adapt, quantize
from keras_wembed.dtype_policy import policy_of
from keras_wembed.encoders.keras_lookup import restored
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.growth import extended, restricted
from keras_wembed.information import Information
from keras_wembed.inputs import as_tensor
from keras_wembed.keeping import Keeping
from keras_wembed.learning import Learning
from keras_wembed.loading import rows_follow
from keras_wembed.logits import logits
from keras_wembed.lookup import lookup
from keras_wembed.lora import Adaptation
from keras_wembed.messages import as_written
from keras_wembed.new_rows import NewRows, Start
from keras_wembed.ports import port_of
from keras_wembed.rows import Rows
from keras_wembed.snapshot import vectors_of
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
            `extend` added. The others then stay bit for bit as they are. By default
            True, but False for `weights` that are kept small.
        subwords: Vectors of character n-grams, whose mean a token without a row of its
            own gets in place of the last row. Training leaves them as they are.
        attribution: What must be said of the rows wherever they go, as
            `{"name": ..., "license": ..., "source": ...}`; `export` writes it down.
        dtype: `"float16"` or `"int8"`: rows are kept small, a half or a quarter of
            float32, and computed with in the dtype of Keras's global policy. Such rows
            do not learn, since small steps would be lost: new ones are kept as floats
            if they do. int8 rows are scaled by their largest value each, as by Keras's
            `AbsMaxQuantizer`. Or a dtype policy, as in `keras.layers.Layer`; to compute
            in float16 too pass `keras.DTypePolicy("float16")`.
        lora_rank: As in `keras.layers.Embedding`; see `enable_lora`.
        lora_alpha: As in `keras.layers.Embedding`; see `enable_lora`.
        **kwargs: For `keras.layers.Layer`: `name`.

    Shapes:
        input: any; of texts `()`, `(batch,)` or `(batch, 1)`
        output: the input's and `size` behind; of texts `(tokens, size)` or
            `(batch, longest, size)`

    Raises:
        TypeError: If ids are no integers.
        ValueError: If an argument is bad, or an id is not in 0..n: in a graph that is
            an `InvalidArgumentError`, and compiled by XLA the vector is NaN.

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
        trainable: bool | str | None = None,
        subwords: Any = None,
        attribution: Mapping[str, str] | None = None,
        dtype: Any = None,
        lora_rank: int | None = None,
        lora_alpha: float | None = None,
        **kwargs: Any,
    ):
        distribution.mend(tf.distribute.get_strategy())
        self._port = port_of(None)
        self._ragged = False
        self._blocks: Any = None
        self._new: NewRows | None = None
        policy = policy_of(dtype)
        kept_as = policy.quantization_mode
        self.lora_rank = positive("lora_rank", lora_rank)
        self.lora_alpha: Any = lora_rank if lora_alpha is None else lora_alpha
        if trainable is None:
            trainable = weights is None or kept_as is None
        self._learning = Learning.of(
            trainable, learning_rate_multiplier, kept_as=kept_as, lora=lora_rank
        )
        learns = bool(trainable or lora_rank)
        super().__init__(autocast=False, trainable=learns, dtype=policy, **kwargs)
        del self.quantize  # Keras's wrapper of it, which lets in only Keras's modes
        self._is_quantized = kept_as is not None
        self.supports_masking = True
        self._port = port_of(input)
        self.encoder: Any = self._port.encoder
        self.output_form = one_of("output", output, OUTPUTS)
        self.embeddings_initializer = keras.initializers.get(embeddings_initializer)
        self.embeddings_regularizer = keras.regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = keras.constraints.get(embeddings_constraint)
        if lora_rank:
            self._learning.check_adaptable(self.embeddings_constraint)
        self._n: Any = positive("n", n)
        self._size: Any = positive("size", size)
        self._learning_rate_multiplier = learning_rate_multiplier
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
        self._make_blocks("zeros")
        self._blocks.fill(weights.rows)
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

        >>> import numpy as np
        >>> vectors = WordVectors(["a", "b"], np.array([[1.0, 3.0], [2.0, 4.0]]))
        >>> layer = EmbeddingLayer.from_vectors(vectors, input=TokenEncoder(["a", "b"]))
        >>> layer("b a z").numpy().tolist()
        [[2.0, 4.0], [1.0, 3.0], [1.5, 3.5]]
        """
        instance("vectors", vectors, WordVectors)
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

        A variable; but a read-only view of floats if rows are kept small, with LoRA,
        what it adds included, or if `trainable` or `learning_rate_multiplier` tells new
        rows from the others. `layer.embeddings[:3]` makes just these of its rows.
        """
        return None if self._blocks is None else self._blocks.table()

    @property
    def trainable(self) -> Any:
        """Whether training changes the vectors; `"new"` if only those of new rows.

        Rows that are kept small do not learn, whatever it is set to.
        """
        trainable = keras.layers.Layer.trainable.fget(self)
        return trainable and (bool(self.lora_rank) or self._learning.rows)

    @trainable.setter
    def trainable(self, value: Any) -> None:
        if not isinstance(value, bool):
            raise ValueError(
                "trainable must be True or False once the layer is made. "
                f'Got {value!r}. Pass trainable="new" to EmbeddingLayer or zoo.load.'
            )
        keras.layers.Layer.trainable.fset(self, value)
        if self._blocks is not None:
            self._blocks.hold()

    @property
    def learning_rate_multiplier(self) -> Any:
        """As it was given when the layer was made."""
        return self._learning_rate_multiplier

    @property
    def supports_jit(self) -> bool:
        """Whether XLA may compile a model that holds the layer: it takes dense ids."""
        ragged = self._ragged or self.output_form != "auto"
        return self._port.supports_jit and not ragged

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
        # A subclass may have other plans for its rows.
        reads_rows = type(self).load_own_variables is EmbeddingLayer.load_own_variables
        follow = reads_rows and rows_follow()
        self._make_blocks("zeros" if follow else self.embeddings_initializer)
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
            learning=self._learning,
            keeping=self._keeping(),
            layer=self.name,
            initializer=initializer,
        )
        if self.lora_rank:
            self._adapt(Adaptation(self.lora_rank, self.lora_alpha))
        if self._subwords is not None:
            self._subwords.build(self._size, self._keeping())
        self._show_rows()

    def _adapt(self, adaptation: Adaptation) -> None:
        self._learning = self._blocks.held(self._learning)
        multiplier = self._learning.pretrained
        self._blocks.adapt(adaptation, multiplier, self._add_rows)

    def _keeping(self) -> Keeping:
        policy = self.dtype_policy
        kept_as = policy.quantization_mode
        return Keeping(self._add_rows, policy.variable_dtype, kept_as)

    def _add_rows(self, **variable: Any) -> Any:
        return self.add_weight(
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
            autocast=False,
            **variable,
        )

    def _show_rows(self) -> None:
        """Sets the variables as attributes, where `tf.train.Checkpoint` sees them."""
        subwords = [] if self._subwords is None else self._subwords.variables
        for variable in [*self._blocks.variables, *subwords]:
            setattr(self, f"_{variable.name}_block", variable)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        reverse = kwargs.get("reverse", bool(args) and args[0])
        inputs = as_tensor(inputs, empty="float32" if reverse else self._port.kind)
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

    def quantized_call(self, *args: Any, **kwargs: Any) -> Any:
        """What Keras calls in place of `call` if rows are kept small."""
        return self.call(*args, **kwargs)

    def _ids(self, inputs: Any) -> tuple[Any, Any]:
        """The ids of what arrives; and the buckets of tokens without, if there are."""
        ngrams = None if self._subwords is None else self._subwords.ngrams
        about = {"n": self._n, "hint": self._hint()}
        return self._port.ids_and_buckets(inputs, self.output_form, ngrams, **about)

    def _vectors(self, ids: tf.Tensor) -> tf.Tensor:
        vectors = lookup(self._blocks, ids, n=self._n, gather=Blocks.gather)
        return tf.cast(vectors, self.dtype_policy.compute_dtype)

    def _hint(self) -> str:
        if self._size <= self._n or self.encoder is not None:
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

    def vectors(self) -> WordVectors:
        """The tokens of the layer and their vectors as they are now, to be asked.

        A copy, which later training leaves as it is. The row of unknown tokens is
        `unknown`. Without an encoder the ids stand for tokens.

        Raises:
            ValueError: If the layer has no rows yet.

        >>> encoder = TokenEncoder(["a", "b"])
        >>> layer = EmbeddingLayer(weights=[[1, 0], [3, 4], [8, 8]], input=encoder)
        >>> layer.vectors().similarity("a", "b")
        0.6
        """
        return vectors_of(self)

    def quantize(
        self, mode: str | None = None, type_check: bool = True, config: Any = None
    ) -> None:
        """Keeps the rows small from now on, as `dtype` would have.

        They no longer learn. New rows that learn otherwise than the pretrained ones
        stay floats, and go on. Optimizers start anew. `model.quantize("int8")` does
        this to each layer of a model.

        Args:
            mode: `"int8"`, or `"float16"`, which Keras itself does not know.
            type_check: Whether to refuse a subclass, as Keras does.
            config: A `keras.quantizers.Int8QuantizationConfig`, in place of the mode.

        Raises:
            ValueError: If the layer has no rows yet, or keeps them small already.
            NotImplementedError: If it cannot keep them so.

        >>> layer = EmbeddingLayer(weights=[[0.5, -1.0], [0.0, 0.0]])
        >>> layer.quantize("int8")
        >>> layer([1, 2]).numpy().round(2).tolist()
        [[0.5, -1.0], [0.0, 0.0]]
        >>> layer.information("ArraysByteCounts")
        {'embeddings': 4, 'embeddings_scale': 8}
        """
        if type_check and type(self) is not EmbeddingLayer:
            raise NotImplementedError(
                "A subclass of EmbeddingLayer must be quantized with type_check=False. "
                f"Got {type(self).__name__}."
            )
        quantize(self, mode, config)

    def enable_lora(
        self,
        rank: int,
        lora_alpha: float | None = None,
        *,
        a_initializer: Any = "he_uniform",
        b_initializer: Any = "zeros",
    ) -> None:
        """Lets training change what is added to the rows, in place of them.

        That is `a @ b`, times `lora_alpha / rank`: a row of `a` for each row, and `b`
        for all. Only the rows of a batch are ever multiplied, and updated in `a`. The
        layer becomes trainable; with `trainable="new"` the new rows go on to learn
        themselves, and the others are adapted. Compile the model again after it. Files
        keep rows and additions apart, so that training goes on from them;
        `layer.extend([], lora_rank=None)` is a layer in which they are one. Source: Hu
        et al. 2021, https://arxiv.org/abs/2106.09685, section 4.1.

        Args:
            rank: The columns of `a`, and the rows of `b`.
            lora_alpha: By default the rank.
            a_initializer: The first values of `a`.
            b_initializer: Those of `b`; with zeros nothing is added at first.

        Raises:
            ValueError: If the layer has no rows yet, has a constraint, or is adapted
                already.

        >>> import numpy as np
        >>> layer = EmbeddingLayer(weights=np.ones((1000, 100)), dtype="int8")
        >>> layer.enable_lora(4)
        >>> {array.name: tuple(array.shape) for array in layer.trainable_weights}
        {'lora_embeddings_a': (1000, 4), 'lora_embeddings_b': (4, 100)}
        """
        alpha = rank if lora_alpha is None else lora_alpha
        adapt(self, Adaptation(rank, alpha, a_initializer, b_initializer))

    def _flatten_layers(
        self, include_self: bool = True, recursive: bool = True
    ) -> list[Any]:
        # `Model.quantize` asks those layers alone that have none inside. An encoder
        # has nothing to quantize.
        if include_self:
            return [self]
        return super()._flatten_layers(include_self, recursive)

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
        rows = self._learning.rows
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
            "trainable": self.trainable if rows is True else rows,
            "frozen": not self.trainable,
            "lora_rank": self.lora_rank,
            "lora_alpha": self.lora_alpha,
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
        if self._blocks is not None:
            self._blocks.save_to(store)
        self._port.save_to(store)
        if self._subwords is not None:
            self._subwords.save_to(store)

    def load_own_variables(self, store: Any) -> None:
        if self._blocks is not None:
            with self._port.taking_rows():
                self._blocks.fill(saved.rows(store))
        self._port.load_from(store)
        if self._subwords is not None:
            self._subwords.load_from(store)

    def get_build_config(self) -> dict[str, Any] | None:
        return {"input_shape": None} if self.built else None
