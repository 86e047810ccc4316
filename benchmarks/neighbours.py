"""The nearest tokens at 400,000 x 50: one query, and a batch of 100; beside gensim.

python -m benchmarks.neighbours [--rows N] [--size N] [--repeats N]

Rows are drawn at random. gensim has no batch: it is asked 100 times. Also checked is
that both give the same tokens. `OPENBLAS_NUM_THREADS=1` takes one core.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from gensim.models import KeyedVectors

from keras_wembed.vectors import WordVectors

BATCH, K = 100, 10


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(
    name: str, ours: Callable[[], object], peer: Callable[[], object], repeats: int
) -> None:
    """Runs both by turns, so that another load of the machine meets both alike."""
    times = [(seconds(ours), seconds(peer)) for _ in range(repeats)]
    (own, best), (others, others_best) = (
        (statistics.median(each) * 1e3, min(each) * 1e3)
        for each in zip(*times, strict=True)
    )
    print(
        f"{name:14} ours {own:7.1f} ms (best {best:.1f})   "
        f"gensim {others:7.1f} ms (best {others_best:.1f})   ratio {others / own:.1f}"
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--size", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((options.rows, options.size), dtype=np.float32)
    tokens = [f"token{row}" for row in range(options.rows)]
    vectors, gensim = WordVectors(tokens, matrix), KeyedVectors(options.size)
    gensim.add_vectors(tokens, matrix)
    asked = tokens[:BATCH]
    batch = vectors.most_similar(asked, k=K)  # lengths are kept from now on, in both
    alone = [gensim.most_similar(token, topn=K) for token in asked]
    same = [
        [token for token, _ in one] == [token for token, _ in other]
        for one, other in zip(batch, alone, strict=True)
    ]
    print(f"{sum(same)} of {BATCH} answers are the same")
    compare(
        "one query",
        lambda: vectors.most_similar(asked[0], k=K),
        lambda: gensim.most_similar(asked[0], topn=K),
        options.repeats,
    )
    compare(
        f"a batch of {BATCH}",
        lambda: vectors.most_similar(asked, k=K),
        lambda: [gensim.most_similar(token, topn=K) for token in asked],
        max(1, options.repeats // 5),
    )


if __name__ == "__main__":
    main()
