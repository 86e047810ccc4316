"""2,196,017 x 300, the size of GloVe 840B, from the cache into a layer: 2.6 GB.

python -m benchmarks.large [--folder FOLDER]

Memory is what the process has of its own: pages of the mapped file are not counted.
"""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.measuring import watched

COUNT, SIZE, BLOCK = 2_196_017, 300, 50_000
TABLE = COUNT * SIZE * 4  # bytes
KEY = "ab" * 32


def make(home: Path) -> Path:
    """A table in the cache, as if it had been fetched and read."""
    from keras_wembed import storage
    from keras_wembed.report import Report

    (home / "cards").mkdir(parents=True, exist_ok=True)
    (home / "cards" / "large.toml").write_text(
        f'file = "large.zip"\n[[archives]]\nurls = ["https://nowhere.example/large"]\n'
        f'sha256 = "{KEY}"\n[[models]]\nname = "large"\nsize = {SIZE}\n'
    )
    folder = home / "tables" / f"large-{KEY[:16]}"
    if not folder.exists():
        rows = np.random.default_rng(1).normal(0, 0.5, (BLOCK, SIZE))
        with storage.replacing(folder) as fresh, storage.Writer(fresh, SIZE) as writer:
            for start in range(0, COUNT, BLOCK):
                stop = min(start + BLOCK, COUNT)
                tokens = [f"token{at}" for at in range(start, stop)]
                writer.append(tokens, rows[: stop - start])
            writer.finish(writer.mean, Report(rows=COUNT))
    return folder


def shown(name: str, function: Callable[[], object]) -> object:
    """Runs a function, and prints its time and the peak of its memory."""
    result, run = watched(function)
    peak = (run.peak - run.before) / TABLE
    print(f"{name:24}{run.seconds:7.2f} s   peak {peak:.2f} x the table")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"))
    home = parser.parse_args().folder.absolute() / "large"
    os.environ["KERAS_WEMBED_HOME"] = str(home)
    folder = make(home)
    from keras_wembed import zoo

    zoo.load("large", limit=1)  # What TensorFlow does once only.
    shown("reading the file", lambda: np.fromfile(folder / "matrix.npy", np.uint8))
    shown("zoo.vectors", lambda: zoo.vectors("large"))
    shown("zoo.load", lambda: zoo.load("large"))


if __name__ == "__main__":
    main()
