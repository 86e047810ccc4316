"""The package from a terminal."""

from keras_wembed.cli.program import main

__all__ = ["main"]
