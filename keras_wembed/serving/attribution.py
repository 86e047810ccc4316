"""What must be said of the vectors in a model, wherever it goes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

NAME = "VECTORS.md"


def write_attribution(folder: Path, layers: Sequence[Any]) -> None:
    """Writes the sources and licences of layers, if any has one."""
    known = [layer.attribution for layer in layers if layer.attribution]
    if known:
        parts = ["# The vectors in this model", *map(_part, known)]
        (folder / NAME).write_text("\n\n".join(parts) + "\n", "utf-8")


def _part(attribution: dict[str, str]) -> str:
    lines = [
        f"- {name}: {' '.join(text.split())}"
        for name, text in attribution.items()
        if name != "name"
    ]
    return "\n".join([f"## {attribution.get('name', 'unnamed')}", "", *lines])
