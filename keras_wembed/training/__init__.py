"""Training word vectors on text, one step of it each."""

from keras_wembed.training.train import train

__all__ = ["train"]
