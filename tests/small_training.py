"""A training of a second: sentences about people or about fruit."""

from functools import cache

import numpy as np

from keras_wembed.training import train

PEOPLE = ["king", "queen", "prince"]
FRUIT = ["apple", "pear", "plum"]

DRAW = np.random.default_rng(0)
LINES = [" ".join(DRAW.choice(DRAW.choice([PEOPLE, FRUIT]), 8)) for _ in range(300)]


def trained(lines, **changes):
    options = {
        "size": 4,
        "iterations": 3,
        "x_max": 20.0,
        "split": "whitespace",
        "remove_frequency": False,  # which would leave little of six tokens
    }
    return train(lines, **{**options, **changes})


@cache
def whole():
    """What an uninterrupted training gives."""
    return trained(LINES)
