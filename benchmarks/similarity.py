"""How well cosines of word vectors agree with people's judgements of similarity.

python -m benchmarks.similarity FILE ... [--model NAME]

A FILE holds a line for each pair: two tokens and a number, split by tabs. Printed is
Spearman's rank correlation over the pairs of which both tokens have a vector.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keras_wembed import catalogue, zoo
from keras_wembed.vectors import WordVectors


def similarity(vectors: WordVectors, path: Path) -> tuple[float, int, int]:
    """Spearman's correlation on a file, the pairs found and all pairs."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = [line.lower().split("\t") for line in lines if line.strip()]
    found = [pair for pair in pairs if pair[0] in vectors and pair[1] in vectors]
    judged = np.array([float(pair[2]) for pair in found])
    one, other = (unit(vectors[[pair[side] for pair in found]]) for side in (0, 1))
    correlation = np.corrcoef(ranks(judged), ranks((one * other).sum(1)))[0, 1]
    return float(correlation), len(found), len(pairs)


def unit(rows: NDArray[np.floating]) -> NDArray[np.floating]:
    """The rows, each of length 1."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def ranks(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """The rank of each value; equal values share the mean of theirs."""
    _, group, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[group]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Spearman's rank correlation.")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--model", default=catalogue.DEFAULT)
    options = parser.parse_args(arguments)
    vectors = zoo.vectors(options.model)
    for path in options.files:
        correlation, found, pairs = similarity(vectors, path)
        print(f"{path.stem:20} {correlation:.3f}  ({found} of {pairs} pairs)")


if __name__ == "__main__":
    main()
