"""One vector for each text, in which common tokens count little."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from keras_wembed.choices import positive
from keras_wembed.embedding import EmbeddingLayer
from keras_wembed.encoders.counting import batches
from keras_wembed.frequencies import shares
from keras_wembed.inputs import as_tensor
from keras_wembed.pooling import Pooling
from keras_wembed.ports import port_of


@keras.saving.register_keras_serializable(package="keras_wembed")
class SIF(keras.layers.Layer):
    """A layer that makes one vector of each text, in which common tokens count little.

    The mean of a text's vectors, each times a / (a + p), where p is how probable its
    token is: smooth inverse frequency. Once `adapt` has seen texts, what they all have
    in common is taken away. (Sanjeev Arora, Yingyu Liang, and Tengyu Ma. 2017. A Simple
    but Tough-to-Beat Baseline for Sentence Embeddings. ICLR. Algorithm 1.)

    Args:
        embedding: The layer that gives the vectors of tokens; what it takes, this one
            takes.
        frequencies: How often each token occurs: a dict from tokens to counts, or
            texts, as for `TokenEncoder.adapt`, in which they are counted. None: by
            Zipf's law, p of row i in proportion to 1 / i. That is right only where rows
            are in order of frequency, as all in the zoo but Numberbatch's are. Tokens
            without a row are taken to be rare: their weight is 1.
        a: The smaller, the less common tokens count. The paper advises 1e-4 to 1e-3.
        components: How many directions `adapt` takes away.
        **kwargs: For `keras.layers.Layer`: `name`, `dtype`.

    Shapes:
        input: of texts `()` or `(batch,)`, of ids `(batch, tokens)`
        output: `(size,)` or `(batch, size)`; zeros for a text without tokens

    Raises:
        TypeError: If `embedding` is another layer.
        ValueError: If its encoder has no vocabulary yet, or an argument is bad.

    >>> from keras_wembed import TokenEncoder
    >>> encoder = TokenEncoder(["the", "cat"])
    >>> embedding = EmbeddingLayer(weights=[[1, 1], [0, 1], [0, 0]], input=encoder)
    >>> sif = SIF(embedding, {"the": 999, "cat": 1})
    >>> print(sif(["cat", "the cat"]).numpy().round(2))
    [[0.   0.5 ]
     [0.   0.25]]
    >>> sif.adapt(["the", "the the"])
    >>> print(sif(["cat", "the cat"]).numpy().round(3))
    [[-0.25   0.25 ]
     [-0.125  0.125]]
    """

    def __init__(
        self,
        embedding: EmbeddingLayer,
        frequencies: Any = None,
        *,
        a: float = 1e-3,
        components: int = 1,
        **kwargs: Any,
    ):
        if not isinstance(embedding, EmbeddingLayer):
            kind = type(embedding).__name__
            raise TypeError(f"embedding must be an EmbeddingLayer. Got {kind}.")
        self._kind = embedding.compute_dtype  # Keras asks for it from the start.
        super().__init__(autocast=False, **kwargs)
        if not a > 0:
            raise ValueError(f"a must be above 0. Got {a}.")
        self.a = float(a)
        self.components: Any = positive("components", components)
        self.supports_masking = True
        self.embedding = embedding
        self.token_weights = _token_weights(embedding, frequencies, self.a)
        self._pooling = Pooling("mean", dtype=_wide(self.dtype_policy.compute_dtype))

    @property
    def compute_dtype(self) -> str:
        """What Keras makes the `Input` of where it makes one itself."""
        return self._kind

    @property
    def variable_dtype(self) -> str:
        """As `compute_dtype`; the variables are of the dtype policy's."""
        return self._kind

    def build(self, input_shape: Any = None) -> None:
        for layer in (self.embedding, self.token_weights):
            if not layer.built:
                layer.build()
        self.common = self.add_weight(
            name="common",
            shape=(self.components, self.embedding.size),
            initializer="zeros",
            dtype=self._pooling.compute_dtype,
            trainable=False,
            autocast=False,
        )
        self.built = True

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        return super().__call__(as_tensor(inputs, empty=self._kind), *args, **kwargs)

    def call(self, inputs: Any) -> Any:
        return tf.ragged.map_flat_values(self._rest, self._means(inputs))

    def _rest(self, means: tf.Tensor) -> tf.Tensor:
        """What is left of means once the common directions are taken away."""
        common = self.common.value
        along = tf.tensordot(means, common, [[-1], [1]])
        rest = means - tf.tensordot(along, common, [[-1], [0]])
        return tf.cast(rest, self.dtype_policy.compute_dtype)

    def _means(self, inputs: Any) -> tf.Tensor:
        """The mean of each text's weighted vectors, nothing taken away."""
        vectors, weights = self.embedding(inputs), self.token_weights(inputs)
        weighted = tf.ragged.map_flat_values(self._product, vectors, weights)
        return self._pooling(weighted, mask=getattr(vectors, "_keras_mask", None))

    def _product(self, vectors: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        dtype = self._pooling.compute_dtype
        return tf.cast(vectors, dtype) * tf.cast(weights, dtype)

    def adapt(self, texts: Any) -> None:
        """Learns what texts have in common: the first singular vectors of their means.

        Args:
            texts: As for `TokenEncoder.adapt`. They are streamed.

        Raises:
            ValueError: If they have no vector at all.
        """
        if not self.built:
            self.build()
        gram = np.zeros([self.embedding.size] * 2)
        for batch in batches(texts):
            means = self._means(batch).numpy().astype(np.float64)
            means = means.reshape(-1, self.embedding.size)
            gram += means.T @ means
        if not gram.any():
            raise ValueError("texts must have tokens with vectors. Got none.")
        self.common.assign(_directions(gram, self.components))

    def compute_mask(self, inputs: Any, previous_mask: Any = None) -> None:
        return None

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        return self.compute_output_spec(
            keras.KerasTensor(input_shape, self._kind)
        ).shape

    def compute_output_spec(self, inputs: Any) -> keras.KerasTensor:
        vectors = self.embedding.compute_output_spec(inputs)
        pooled = self._pooling.compute_output_spec(vectors)
        dtype = self.dtype_policy.compute_dtype
        return keras.KerasTensor(pooled.shape, dtype, ragged=pooled.ragged)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "embedding": keras.saving.serialize_keras_object(self.embedding),
            "a": self.a,
            "components": self.components,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "SIF":
        embedding = keras.saving.deserialize_keras_object(config["embedding"])
        return cls(**{**config, "embedding": embedding})

    def get_build_config(self) -> dict[str, Any] | None:
        return {"input_shape": None} if self.built else None


def _wide(dtype: str) -> str:
    """The dtype of sums of numbers of a dtype."""
    return keras.backend.result_type(dtype, "float32")


def _directions(gram: NDArray[Any], count: int) -> NDArray[Any]:
    """The first singular vectors of a matrix, of which this is the Gram matrix."""
    lengths, axes = np.linalg.eigh(gram)  # the longest last
    seen = lengths > lengths[-1] * len(gram) * np.finfo(np.float64).eps
    return (axes * seen)[:, ::-1][:, :count].T


def _token_weights(embedding: EmbeddingLayer, frequencies: Any, a: float) -> Any:
    """The layer that gives the weight of each token, a / (a + p)."""
    if embedding.n is None:
        raise ValueError(
            "embedding must have rows before they are weighted. Got no vocabulary yet. "
            "Adapt its encoder first."
        )
    form = embedding.encoder or embedding.get_config()["input"]
    about = {"input": form, "output": embedding.output_form, "dtype": "float32"}
    about["trainable"] = False
    if port_of(form).n is None and embedding.encoder is not None:
        # From a config without its file, which is about to bring vocabulary and rows.
        return EmbeddingLayer(1, embedding.n, embeddings_initializer="ones", **about)
    weights = a / (a + shares(frequencies, form, embedding.n))
    return EmbeddingLayer(weights=weights[:, np.newaxis].astype("float32"), **about)
