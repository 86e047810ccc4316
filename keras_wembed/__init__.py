"""Word vectors for Keras: a layer that embeds ids, labels, characters or text."""

from keras_wembed.backend import quiet_command, require_tensorflow

quiet_command()
require_tensorflow()

from keras_wembed import evaluate, plot, zoo  # noqa: E402  after the check
from keras_wembed.embedding import EmbeddingLayer  # noqa: E402
from keras_wembed.encoders.characters import CharacterEncoder  # noqa: E402
from keras_wembed.encoders.classes import ClassEncoder  # noqa: E402
from keras_wembed.encoders.tokens import TokenEncoder  # noqa: E402
from keras_wembed.optimizers import LazyOptimizer  # noqa: E402
from keras_wembed.pooling import Pooling  # noqa: E402
from keras_wembed.serving import export  # noqa: E402
from keras_wembed.sif import SIF  # noqa: E402
from keras_wembed.training import train  # noqa: E402
from keras_wembed.vectors import WordVectors  # noqa: E402
from keras_wembed.version import __version__  # noqa: E402

__all__ = [
    "SIF",
    "CharacterEncoder",
    "ClassEncoder",
    "EmbeddingLayer",
    "LazyOptimizer",
    "Pooling",
    "TokenEncoder",
    "WordVectors",
    "__version__",
    "evaluate",
    "export",
    "plot",
    "train",
    "zoo",
]
