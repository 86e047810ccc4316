"""Serving a model where there is no Python."""

from keras_wembed.serving.saved_model import export

__all__ = ["export"]
