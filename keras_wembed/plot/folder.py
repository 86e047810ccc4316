"""A folder for the Embedding Projector of TensorBoard."""

import json
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from keras_wembed.choices import positive
from keras_wembed.plot.layers import table
from keras_wembed.plot.writing import visible
from keras_wembed.replacing import replacing_file
from keras_wembed.vectors import WordVectors, distinct

TENSORS, METADATA = "tensors.tsv", "metadata.tsv"
CONFIG, LINK = "projector_config.pbtxt", "projector_config.json"

BLOCK = 1 << 12  # rows written at a time
_HEAD = "# Written by keras_wembed."


def projector(
    vectors: Any,
    folder: str | PathLike[str],
    *,
    tokens: Iterable[str] | None = None,
    limit: int | None = None,
    url: str | None = None,
) -> Path:
    r"""Writes vectors for TensorBoard's Embedding Projector; gives back the folder.

    `tensorboard --logdir FOLDER` shows the first 100,000 under Projector, which it may
    list as inactive at first.
    `projector.tensorflow.org` takes `tensors.tsv` and `metadata.tsv` under Load.

    Args:
        vectors: `WordVectors`, or a layer, of which the tokens that it knows count.
        folder: Where to write; the log folder of a training will do. What lies there
            already stays, but for what this function wrote before.
        tokens: Just these, in this order; those without a row are left out.
        limit: Only the first `limit`.
        url: Where the folder will lie on the web. Then `projector_config.json` is
            written too, whose own address `projector.tensorflow.org/?config=` takes.

    Tabs, line feeds and what else cannot be seen stand escaped, as `\t`.

    Raises:
        TypeError: If something is of another kind.
        ValueError: If the projector would not show it: fewer than two tokens or numbers
            in each, or one that is not finite; or if the folder holds a configuration
            that is not ours.
    """
    found = table(vectors)
    found = found if tokens is None else found.select(distinct(tokens))
    n = min(len(found), positive("limit", limit) or len(found))
    _check(n, found.size)
    place = Path(folder)
    _check_free(place / CONFIG)
    place.mkdir(parents=True, exist_ok=True)
    _write(place / TENSORS, _rows(found, n))
    _write(place / METADATA, (f"{visible(token)}\n" for token in found.tokens[:n]))
    if url is not None:
        _write(place / LINK, [_link(url, n, found.size)])
    _write(place / CONFIG, [_config(n, found.size)])
    return place


def _check(n: int, size: int) -> None:
    if n < 2 or size < 2:
        raise ValueError(
            "The projector must have at least two tokens, and vectors of at least two "
            f"numbers. Got shape {(n, size)}."
        )


def _check_free(path: Path) -> None:
    if path.exists() and not path.read_text(errors="replace").startswith(_HEAD):
        raise ValueError(
            f"{path} must be ours or not exist. It was written by something else. "
            "Take another folder."
        )


def _rows(vectors: WordVectors, n: int) -> Iterator[str]:
    """The lines of the file of tensors, a block at a time."""
    # The projector holds float32, which nine digits give back to the last bit.
    line = "\t".join(["%.9g"] * vectors.size) + "\n"
    for start in range(0, n, BLOCK):
        with np.errstate(over="ignore"):
            rows = vectors.matrix[start : min(start + BLOCK, n)].astype(np.float32)
        odd = ~np.isfinite(rows).all(1)
        if odd.any():
            token = vectors.tokens[start + int(odd.argmax())]
            raise ValueError(
                f"The projector must have finite numbers. Those of {token!r} are not."
            )
        yield (line * len(rows)) % tuple(rows.ravel().tolist())


def _config(n: int, size: int) -> str:
    return f"""{_HEAD}
embeddings {{
  tensor_name: "vectors"
  tensor_shape: {n}
  tensor_shape: {size}
  tensor_path: "{TENSORS}"
  metadata_path: "{METADATA}"
}}
"""


def _link(url: str, n: int, size: int) -> str:
    base = url.rstrip("/")
    embedding = {
        "tensorName": "vectors",
        "tensorShape": [n, size],
        "tensorPath": f"{base}/{TENSORS}",
        "metadataPath": f"{base}/{METADATA}",
    }
    return json.dumps({"embeddings": [embedding]}, indent=2) + "\n"


def _write(path: Path, parts: Iterable[str]) -> None:
    """Writes a file that has its name only when it is whole."""
    with (
        replacing_file(path) as fresh,
        fresh.open("w", encoding="utf-8", newline="\n") as file,
    ):
        file.writelines(parts)
