"""Vectors in one small .npz file, as a card may ship them beside itself.

tokens   uint8 `(bytes,)`: the tokens in UTF-8, joined by line feeds
matrix   int8, float16 or float32 `(n, size)`
scale    float16 or float32 `(n,)`; with int8 only: a row is `matrix[i] * scale[i]`
unknown  float16 or float32 `(size,)`; may be absent
options  uint8 `(bytes,)`: `WordVectors.encoder_options` as JSON; may be absent
"""

import json
import zipfile
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from keras_wembed.errors import FormatError
from keras_wembed.formats.rows import Floats
from keras_wembed.quantized import Quantized, quantized
from keras_wembed.replacing import replacing_file
from keras_wembed.report import Report

Parts = tuple[list[str], Floats, Floats | None, Report, None, dict[str, Any]]


def load_compact(path: str | PathLike[str]) -> Parts:
    """What `WordVectors` is made of; the matrix is float32.

    Raises:
        FormatError: If the file is not of this form.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = dict(file)
        tokens = arrays["tokens"].tobytes().decode().split("\n")
        matrix = arrays["matrix"]
        if matrix.dtype == np.int8:
            matrix = Quantized(matrix, arrays["scale"])
        matrix = np.asarray(matrix, np.float32)
        unknown = arrays.get("unknown")
        options = json.loads(arrays["options"].tobytes()) if "options" in arrays else {}
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        name = Path(path).name
        raise FormatError(
            f"{name} must be a file of compact vectors. {error}"
        ) from error
    if unknown is not None:
        unknown = unknown.astype(np.float32)
    return tokens, matrix, unknown, Report(rows=len(tokens)), None, options


def save_compact(
    path: str | PathLike[str],
    tokens: list[str] | tuple[str, ...],
    matrix: Floats,
    unknown: Floats | None = None,
    encoder_options: Mapping[str, Any] | None = None,
) -> None:
    """Writes rows as int8 with a scale per row: a quarter of float32.

    The file appears whole or not at all.

    Raises:
        ValueError: If a token holds a line feed.
    """
    if any("\n" in token for token in tokens):
        raise ValueError("A token that is saved must not hold a line feed.")
    rows = quantized(matrix)
    arrays = {
        "tokens": np.frombuffer("\n".join(tokens).encode(), np.uint8),
        "matrix": rows.levels,
        "scale": rows.scale,
    }
    if unknown is not None:
        arrays["unknown"] = unknown.astype(np.float32)
    if encoder_options:
        options = json.dumps(dict(encoder_options)).encode()
        arrays["options"] = np.frombuffer(options, np.uint8)
    with replacing_file(Path(path)) as fresh, fresh.open("wb") as file:
        np.savez_compressed(file, **arrays)
