"""Word vectors for Keras: a layer that embeds ids, labels, characters or text."""

from keras_wembed.version import __version__

__all__ = ["__version__"]
