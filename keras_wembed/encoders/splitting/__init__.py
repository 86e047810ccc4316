"""Text to tokens in the graph, one way of splitting each."""

from keras_wembed.encoders.splitting.names import NAMES, splitter

__all__ = ["NAMES", "splitter"]
