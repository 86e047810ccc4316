"""The signatures of an exported model, traced."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Any

import keras
import tensorflow as tf

from keras_wembed.encoders.classes import ClassEncoder
from keras_wembed.serving.feed import Feed, key
from keras_wembed.serving.forms import FORMS, Form, as_it_is, place_holder
from keras_wembed.serving.layers import alike, fed
from keras_wembed.serving.ports import Entry, Port

FormOf = Callable[[Port, list[Any]], Form | None]


class _ReadElsewhereError(Exception):
    """More than the layers that are fed reads an input."""


def signatures(
    entry: Entry,
    layers: Sequence[Any],
    forms: Mapping[str, FormOf] = FORMS,
    *,
    whole_tables: bool = True,
) -> dict[str, Any]:
    """The functions that a model is exported with, by name, the model's own first.

    Args:
        entry: How the model is called.
        layers: The `EmbeddingLayer`s in it.
        forms: What else to offer than the model's own, by name.
        whole_tables: Whether each table is read once, as a whole, as it is fast where
            nothing writes to it.

    Returns:
        Functions that are traced, each from tensors to a dict of tensors.
    """
    feed = Feed(whole_tables)
    words = [_word(port, layers) for port in entry.ports]
    own = [as_it_is(*pair) for pair in zip(entry.ports, words, strict=True)]
    first = _traced(entry, own, layers, feed)
    found = {_first_name(entry, words, feed): first}
    readers = [
        [encoder for encoder, *_ in alike(feed.reached.get(number, {}).values())]
        for number in range(len(entry.ports))
    ]
    for name, form_of in forms.items():
        others = [form_of(*pair) for pair in zip(entry.ports, readers, strict=True)]
        if name not in found and any(others):
            pairs = zip(others, own, strict=True)
            with suppress(_ReadElsewhereError):
                chosen = [form or same for form, same in pairs]
                found[name] = _traced(entry, chosen, layers, Feed(whole_tables))
    return found


def _word(port: Port, layers: Sequence[Any]) -> str:
    """What an input is called that has no name."""
    encoders = [layer.encoder for layer in layers if layer.encoder is not None]
    if encoders and all(isinstance(encoder, ClassEncoder) for encoder in encoders):
        return "labels"
    if port.dtype == tf.string:
        return "text"
    return "ids" if port.dtype.is_integer else "input"


def _first_name(entry: Entry, words: Sequence[str], feed: Feed) -> str:
    """The name of the signature that takes what the model takes."""
    if feed.reached:
        return words[min(feed.reached)]
    if len(entry.ports) == 1 and words == ["ids"]:
        return "flat" if entry.ports[0].ragged else "ids"
    return "serve"


def _traced(
    entry: Entry, forms: Sequence[Form], layers: Sequence[Any], feed: Feed
) -> Any:
    def call(*sent: tf.Tensor) -> dict[str, tf.Tensor]:
        sent_to, inputs = iter(sent), []
        for number, (port, form) in enumerate(zip(entry.ports, forms, strict=True)):
            value = form.make(*islice(sent_to, len(form.specs)))
            inputs.append(value)
            if form.replaces:
                inputs[-1] = place_holder(port, value)
                feed.instead[key(inputs[-1])] = value
            else:
                feed.inputs[key(value)] = number
        with fed(layers, feed):
            outputs = named(entry.call(inputs))
        given = {key(tensor) for tensor in outputs.values()}
        for tensor in inputs:
            if key(tensor) in feed.instead and (
                tensor.consumers() or key(tensor) in given
            ):
                raise _ReadElsewhereError
        return outputs

    specs = [spec for form in forms for spec in form.specs]
    function = tf.function(call, input_signature=specs, autograph=False)
    function.get_concrete_function()
    return function


def named(outputs: Any) -> dict[str, tf.Tensor]:
    """Outputs by name; a ragged one in one row, with its row lengths.

    Args:
        outputs: A tensor, called `output`; or dicts and lists of tensors, called by
            their keys and numbers, joined by "_".

    Raises:
        ValueError: If two have the same name.
    """
    found: dict[str, tf.Tensor] = {}
    for path, output in keras.tree.flatten_with_path(outputs):
        first = [] if path and isinstance(path[0], str) else ["output"]
        for name, tensor in _tensors("_".join([*first, *map(str, path)]), output):
            if name in found:
                raise ValueError(f"outputs must have names that differ. Got {name!r}.")
            found[name] = tensor
    return found


def _tensors(name: str, output: Any) -> Iterator[tuple[str, tf.Tensor]]:
    if not isinstance(output, tf.RaggedTensor):
        yield name, output
        return
    before = "" if name == "output" else f"{name}_"
    yield f"{before}values", output.flat_values
    for axis, lengths in enumerate(output.nested_row_lengths()):
        number = f"_{axis}" if output.ragged_rank > 1 else ""
        yield f"{before}row_lengths{number}", lengths
