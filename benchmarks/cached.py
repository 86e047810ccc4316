"""From the cache of 400,000 x 50: the vectors, and the layer; beside it, gensim.

python -m benchmarks.cached [--tokens FILE] [--folder FOLDER]
"""

import argparse
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.archive import NAME, archive, card

REPEATS = 7


def seconds(function: Callable[[], object]) -> str:
    """The median of some runs, and the best."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return f"{statistics.median(times):.3f} s (best {min(times):.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tokens", type=Path, help="a file with one token a line")
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"))
    options = parser.parse_args()
    path = archive(options.folder.absolute(), options.tokens)
    os.environ["KERAS_WEMBED_HOME"] = str(path.parent / "home")
    card(path, path.parent / "home")
    from keras_wembed import zoo

    zoo.add(NAME, path)
    vectors = zoo.vectors(NAME)
    print("zoo.vectors", seconds(lambda: zoo.vectors(NAME)))
    print("zoo.load   ", seconds(lambda: zoo.load(NAME)))

    from gensim.models import KeyedVectors

    model = KeyedVectors(vectors.size)
    model.add_vectors(list(vectors.tokens), vectors.matrix)
    saved = str(path.parent / "gensim")
    model.save(saved)
    print("gensim load", seconds(lambda: KeyedVectors.load(saved, mmap="r")))


if __name__ == "__main__":
    main()
