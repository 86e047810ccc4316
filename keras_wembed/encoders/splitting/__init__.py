"""Text to tokens in the graph, one way of splitting each."""

from keras_wembed.encoders.splitting.blanks import BlankSplitter
from keras_wembed.encoders.splitting.delimiter import read, written
from keras_wembed.encoders.splitting.names import NAMES, PHRASES, splitter
from keras_wembed.encoders.splitting.repair import in_lower_case

__all__ = [
    "NAMES",
    "PHRASES",
    "BlankSplitter",
    "in_lower_case",
    "read",
    "splitter",
    "written",
]
