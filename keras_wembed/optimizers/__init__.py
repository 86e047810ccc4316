"""Training whose cost follows the batch, not the vocabulary."""

from keras_wembed.optimizers.lazy import LazyOptimizer

__all__ = ["LazyOptimizer"]
