"""What the tests of pictures share: tokens that are hard to draw, many, and axes."""

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from keras_wembed.vectors import WordVectors

# A formula, other scripts, what cannot be seen, and a long one.
ODD = ("$x^2$", "a_b^{", "слово", "שלום", "\t", " ", "100%", "\\frac", "w" * 45)

MANY = tuple(f"token{number}" for number in range(60))


def vectors(tokens, size=5, seed=3):
    """Random vectors for tokens."""
    rows = np.random.default_rng(seed).normal(size=(len(tokens), size))
    return WordVectors(tokens, rows.astype(np.float32))


def new_axes(**figure):
    """Axes of a figure that pyplot knows nothing of."""
    return FigureCanvasAgg(Figure(**figure)).figure.add_subplot()


def labels(axis):
    """The labels that stand on an axis."""
    return [text.get_text() for text in axis.get_ticklabels()]
