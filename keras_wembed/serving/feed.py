"""What the layers of a model get while it is traced."""

from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf


@dataclass
class Feed:
    """What comes to the layers of a model that is traced.

    Attributes:
        whole_tables: Whether layers read their tables as a whole.
        instead: By `key` of an input: the ids, or the tokens, that layers get for it.
        inputs: By `key` of an input: its number.
        reached: By number of an input: the encoders of the layers that it comes to, by
            `id`, as this package sees encoders.
        encoded: By `key`: ids that encoders made of strings, so that all of them are
            right.
    """

    whole_tables: bool
    instead: dict[Any, Any] = field(default_factory=dict)
    inputs: dict[Any, int] = field(default_factory=dict)
    reached: dict[int, dict[int, Any]] = field(default_factory=dict)
    encoded: set[Any] = field(default_factory=set)


def key(inputs: Any) -> Any:
    """What tells an input, dense or ragged, from all others."""
    flat = inputs.flat_values if isinstance(inputs, tf.RaggedTensor) else inputs
    return flat.ref()
