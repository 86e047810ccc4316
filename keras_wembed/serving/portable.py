"""A model as one file that runs without TensorFlow: in LiteRT or in ONNX runtimes."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from keras_wembed.replacing import replacing_file
from keras_wembed.serving.archive import write_archive
from keras_wembed.serving.forms import ids
from keras_wembed.serving.ports import Entry
from keras_wembed.serving.signatures import signatures

# What to do about operations that LiteRT does not have.
HINTS = {
    "TensorListReserve": "LiteRT runs recurrent layers on batches of one size only: "
    "pass batch_size=1.",
    "RaggedTensorToTensor": "LiteRT takes no ragged ids: give the model an Input "
    "without ragged=True, which takes ragged batches in training all the same.",
}


def write_file(
    model: Any,
    entry: Entry,
    layers: Sequence[Any],
    path: Path,
    format: str,
    batch_size: int | None,
) -> Path:
    """Writes the ids signature of a model.

    Args:
        model: The model.
        entry: How it is called.
        layers: The `EmbeddingLayer`s in it.
        path: The file.
        format: One of `CONVERTERS`.
        batch_size: How many texts each call has. None: any number.
    """
    as_bits = _halves_as_bits(layers) if format == "litert" else nullcontext()
    with _fixed_shapes(layers), as_bits:
        functions = signatures(entry, layers, {"ids": ids}, whole_tables=False)
        function = _of_ids(functions)
        content = CONVERTERS[format](model, _of_batches(function, batch_size))
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing_file(path) as fresh:
        fresh.write_bytes(content)
    return path


class _Places:
    """The place of each row among those of its kind, in a table with all rows."""

    def __init__(self, is_new: np.ndarray):
        place = np.where(is_new, is_new.cumsum(), (~is_new).cumsum()) - 1
        self._codes = np.where(is_new, ~place, place)

    def places(self, rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """As those of `NewRows`."""
        codes = tf.gather(self._codes, rows)
        is_new = codes < 0
        return is_new, tf.where(is_new, -1 - codes, codes)


@contextmanager
def _fixed_shapes(layers: Sequence[Any]) -> Iterator[None]:
    """While it lasts layers gather in fixed shapes, and search no places of rows.

    Neither format has a search.
    """
    before = [(layer._blocks, layer._blocks._new) for layer in layers]
    try:
        for layer, (blocks, new) in zip(layers, before, strict=True):
            blocks._new = _Places(new.mask(layer.n))
            blocks.fixed_shapes = True
        yield
    finally:
        for blocks, new in before:
            blocks._new = new
            blocks.fixed_shapes = False


@contextmanager
def _halves_as_bits(layers: Sequence[Any]) -> Iterator[None]:
    """While it lasts float16 rows are gathered as int16: LiteRT can do no other."""
    blocks = [block for layer in layers for block in layer._blocks.stored]
    halves = [b for b in blocks if b.variables[0].dtype == "float16"]
    try:
        for block in halves:
            block.gather = partial(_from_bits, block)
        yield
    finally:
        for block in halves:
            vars(block).pop("gather", None)


def _from_bits(block: Any, rows: tf.Tensor) -> tf.Tensor:
    bits = tf.gather(tf.bitcast(tf.convert_to_tensor(block.table), tf.int16), rows)
    return tf.cast(tf.bitcast(bits, tf.float16), block.computed)


def _of_ids(functions: dict[str, Any]) -> Any:
    """The function that takes ids."""
    function = functions.get("ids", next(iter(functions.values())))
    for spec in function.input_signature:
        if spec.dtype == tf.string:
            raise ValueError(
                "every text must go to EmbeddingLayers with one encoder and nowhere "
                "else, for LiteRT and ONNX take ids. Got an input "
                f"{spec.name!r} that does not."
            )
    return function


def _of_batches(function: Any, batch_size: int | None) -> Any:
    if batch_size is None:
        return function
    specs = [
        tf.TensorSpec([batch_size, *spec.shape[1:]], spec.dtype, spec.name)
        for spec in function.input_signature
    ]
    return tf.function(function.python_function, input_signature=specs, autograph=False)


def _to_litert(model: Any, function: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        # From the function itself variables would stay variables, which LiteRT then
        # cannot read inside a loop.
        write_archive(model, {"ids": function}, Path(folder))
        converter = tf.lite.TFLiteConverter.from_saved_model(
            folder, signature_keys=["ids"]
        )
        try:
            return converter.convert()
        except Exception as error:
            for operation, hint in HINTS.items():
                if operation in str(error):
                    message = f"the model must run on LiteRT. Got {operation}. {hint}"
                    raise ValueError(message) from error
            raise


def _to_onnx(model: Any, function: Any) -> bytes:
    try:
        import onnx
        import tf2onnx
    except ImportError as error:
        raise ImportError(
            'format="onnx" needs tf2onnx, which is not installed. '
            'Install it: pip install "keras-wembed[onnx]".'
        ) from error
    proto, _ = tf2onnx.convert.from_function(function, function.input_signature)
    onnx.checker.check_model(proto)  # What it cannot convert tf2onnx only logs.
    return proto.SerializeToString()


CONVERTERS = {"litert": _to_litert, "onnx": _to_onnx}
