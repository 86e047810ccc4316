"""Rows as they lie in a Keras file.

0, 0_scale               the rows of the first block; with a scale they are int8
lora_a, lora_b           what is added to them, times lora_scale
new, new_rows            the rows of the second block, and where they stand among all
subwords, subwords_scale the rows of n-grams
"""

from typing import Any

import numpy as np

from keras_wembed.lora import Adapted
from keras_wembed.new_rows import NewRows
from keras_wembed.quantized import Quantized
from keras_wembed.rows import Rows


def rows(store: Any) -> Rows:
    """The rows that `Blocks.save_to` wrote into a store of a Keras file."""
    first = part(store, "0")
    if "lora_a" in store:
        scale = float(store["lora_scale"])
        first = Adapted(first, store["lora_a"], store["lora_b"], scale)
    if "new" not in store:
        return Rows((first,))
    second = store["new"]
    is_new = np.zeros(len(first) + len(second), bool)
    is_new[store["new_rows"]] = True
    return Rows((first, second), NewRows.of(is_new).order(len(is_new)))


def part(store: Any, name: str) -> Any:
    """The rows that a block wrote under a name, as a part of `Rows`."""
    if f"{name}_scale" in store:
        return Quantized(store[name], store[f"{name}_scale"])
    return store[name]
