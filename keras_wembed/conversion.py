"""A layer whose rows are from now on kept, or learn, in another way."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import keras

from keras_wembed.choices import check_has_rows, one_of
from keras_wembed.dtype_policy import KEPT_AS, CompactDTypePolicy
from keras_wembed.lora import Adaptation

# Keras warns where a layer does not implement these, and goes on with the next.
OTHERS = ("float8", "int4", "gptq", "awq")


def quantize(layer: Any, mode: str | None, config: Any) -> None:
    """Keeps the rows of a layer small; see `EmbeddingLayer.quantize`."""
    mode = _mode(mode, config)
    check_has_rows(layer, "to be quantized")
    policy = layer.dtype_policy
    if layer._is_quantized:
        raise ValueError(
            f"A layer must be quantized once. {layer.name!r} is already, with the "
            f"policy {policy.name!r}."
        )
    keeping = replace(layer._keeping(), kept_as=mode)
    holders = [layer._blocks, *([layer._subwords] if layer._subwords else [])]
    for holder in holders:
        holder.check(keeping)
    layer._learning = layer._blocks.held(layer._learning)
    with _unlocked(layer):
        for variable in [old for holder in holders for old in holder.keep(keeping)]:
            delattr(layer, f"_{variable.name}_block")
        layer._show_rows()
    layer._is_quantized = True
    if policy.quantization_mode is None:
        layer.dtype_policy = CompactDTypePolicy(mode, policy.name)


def adapt(layer: Any, adaptation: Adaptation) -> None:
    """Adapts the rows of a layer; see `EmbeddingLayer.enable_lora`."""
    check_has_rows(layer, "to be adapted")
    if layer.lora_rank:
        raise ValueError(
            f"A layer must be adapted once. {layer.name!r} is already, with rank "
            f"{layer.lora_rank}."
        )
    layer._learning.check_adaptable(layer.embeddings_constraint)
    layer.lora_rank, layer.lora_alpha = adaptation.rank, adaptation.alpha
    layer.trainable = True
    with _unlocked(layer):
        layer._adapt(adaptation)
        _track_again(layer)
        layer._show_rows()


def _track_again(layer: Any) -> None:
    """Puts what no longer learns where a layer that was made with LoRA has it."""
    holders = [*layer._blocks.stored, *([layer._subwords] if layer._subwords else [])]
    for variable in [each for holder in holders for each in holder.variables]:
        if not variable.trainable:
            layer._untrack_variable(variable)
            layer._track_variable(variable)


def _mode(mode: str | None, config: Any) -> str:
    """What rows are to be kept as."""
    if mode is None and config is not None:
        mode = config.mode
    if mode in OTHERS:
        raise NotImplementedError(
            f"Rows can be kept as {' or '.join(KEPT_AS)}. Got mode={mode!r}."
        )
    quantizer = getattr(config, "weight_quantizer", None)
    if quantizer is not None and not _is_by_row(quantizer):
        raise NotImplementedError(
            "Rows can be scaled each by its largest value, as by "
            f"AbsMaxQuantizer(axis=-1). Got {quantizer.get_config()}. Leave "
            "weight_quantizer out."
        )
    return one_of("mode", mode, KEPT_AS)


def _is_by_row(quantizer: Any) -> bool:
    return (
        isinstance(quantizer, keras.quantizers.AbsMaxQuantizer)
        and tuple(quantizer.axis) in ((-1,), (1,))
        and tuple(quantizer.value_range) == (-127, 127)
    )


@contextmanager
def _unlocked(layer: Any) -> Iterator[None]:
    """While it lasts a layer that is built takes more variables, as Keras's own do."""
    was = layer._tracker.locked
    layer._tracker.unlock()
    try:
        yield
    finally:
        if was:
            layer._tracker.lock()
