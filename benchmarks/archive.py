"""A zip laid out like glove.6B.zip, for the benchmarks of the zoo.

The rows are drawn at random. The tokens are those of a file, one a line, or made up.
"""

import hashlib
import zipfile
from pathlib import Path

import numpy as np

FILE, MEMBER, SIZE, COUNT = "glove.6B.zip", "glove.6B.50d.txt", 50, 400_000
NAME = "benchmark-50d"


def archive(folder: Path, tokens: Path | None) -> Path:
    """The archive in this folder, made if it is not there."""
    path = folder / FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed,
            packed.open(MEMBER, "w", force_zip64=True) as member,
        ):
            for line in lines(tokens):
                member.write(line.encode())
    return path


def lines(tokens: Path | None):
    """Rows as GloVe writes them: five digits that count."""
    words = [f"token{at}" for at in range(COUNT)]
    if tokens:
        words = tokens.read_bytes().decode().split("\n")[:COUNT]
    numbers = np.random.default_rng(1).normal(0, 0.55, (COUNT, SIZE)).tolist()
    form = " ".join(["%.5g"] * SIZE)
    for word, row in zip(words, numbers, strict=True):
        yield f"{word} {form % tuple(row)}\n"


def card(path: Path, home: Path) -> None:
    """Writes the card of an archive into the cache of this home."""
    (home / "cards").mkdir(parents=True, exist_ok=True)
    (home / "cards" / f"{NAME}.toml").write_text(
        f'file = "{FILE}"\nformat = "glove"\n[[archives]]\n'
        f'urls = ["https://nowhere.example/{FILE}"]\n'
        f'sha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"\n'
        f'[[models]]\nname = "{NAME}"\nsize = {SIZE}\nmember = "{MEMBER}"\n'
    )
