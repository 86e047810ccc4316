"""Figures on files of judgements and of analogies, and how long they take; with gensim.

python -m benchmarks.evaluation FILE ... [--vectors FILE] [--limit N]

A FILE holds pairs and judgements, split by tabs, or Google's questions-words.txt.
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from gensim.models import KeyedVectors

from keras_wembed import evaluate, zoo
from keras_wembed.evaluate.lines import holds_analogies
from keras_wembed.vectors import WordVectors


def timed(function: Callable[[], float]) -> tuple[float, float]:
    """What a function gives, and its seconds."""
    start = time.perf_counter()
    return function(), time.perf_counter() - start


def compare(vectors: WordVectors, gensim: KeyedVectors, path: Path, limit: int) -> None:
    if holds_analogies(path):
        figure = "accuracy"
        own = timed(lambda: evaluate.analogies(vectors, path, limit=limit).accuracy)
        peer = timed(
            lambda: gensim.evaluate_word_analogies(path, restrict_vocab=limit)[0]
        )
    else:
        figure = "Spearman"
        own = timed(lambda: evaluate.similarity(vectors, path, limit=limit).spearman)
        peer = timed(
            lambda: gensim.evaluate_word_pairs(path, restrict_vocab=limit)[1][0]
        )
    print(
        f"{path.stem:20} {figure}  ours {own[0]:.6f} in {own[1]:.2f} s   "
        f"gensim {peer[0]:.6f} in {peer[1]:.2f} s   ratio {peer[1] / own[1]:.1f}"
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--vectors", type=Path, help="by default those of the package")
    parser.add_argument("--limit", type=int, default=300_000)
    options = parser.parse_args(arguments)
    path = options.vectors
    vectors = zoo.vectors() if path is None else WordVectors.read(path)
    gensim = KeyedVectors(vectors.size)
    gensim.add_vectors(list(vectors.tokens), vectors.matrix)
    for path in options.files:
        compare(vectors, gensim, path, options.limit)


if __name__ == "__main__":
    main()
