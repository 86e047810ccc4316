"""The nearest tokens at 400,000 x 50: one query, and a batch of 100; beside gensim.

python -m benchmarks.neighbours [--rows N] [--size N] [--repeats N]

Rows are drawn at random. gensim has no batch: it is asked 100 times. Both must give the
same tokens. `OPENBLAS_NUM_THREADS=1` takes one core.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
from gensim.models import KeyedVectors

from benchmarks.claim import Claim
from keras_wembed.vectors import WordVectors

BATCH, K = 100, 10


def seconds(function: Callable[[], object]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def compare(
    ours: Callable[[], object], peer: Callable[[], object], repeats: int
) -> tuple[float, float]:
    """The medians in ms. Both run by turns, so that another load meets both alike."""
    times = [(seconds(ours), seconds(peer)) for _ in range(repeats)]
    one, other = (statistics.median(each) for each in zip(*times, strict=True))
    return one * 1e3, other * 1e3


def claims(
    _: argparse.Namespace, n: int = 400_000, size: int = 50, repeats: int = 15
) -> Iterator[Claim]:
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((n, size), dtype=np.float32)
    tokens = [f"token{row}" for row in range(n)]
    vectors, gensim = WordVectors(tokens, matrix), KeyedVectors(size)
    gensim.add_vectors(tokens, matrix)
    asked = tokens[:BATCH]
    batch = vectors.most_similar(asked, k=K)  # lengths are kept from now on, in both
    alone = [gensim.most_similar(token, topn=K) for token in asked]
    same = [
        [token for token, _ in one] == [token for token, _ in other]
        for one, other in zip(batch, alone, strict=True)
    ]
    assert sum(same) == BATCH
    ours, peer = compare(
        lambda: vectors.most_similar(asked[0], k=K),
        lambda: gensim.most_similar(asked[0], topn=K),
        repeats,
    )
    what = f"the {K} nearest of {n:,} x {size}"
    yield Claim(what, ours, "`most_similar`", peer, "gensim")
    ours, peer = compare(
        lambda: vectors.most_similar(asked, k=K),
        lambda: [gensim.most_similar(token, topn=K) for token in asked],
        max(1, repeats // 5),
    )
    yield Claim(f"the same of {BATCH} tokens", ours, "one call", peer, "gensim")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--size", type=int, default=50)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args(arguments)
    for claim in claims(options, options.rows, options.size, options.repeats):
        print(claim.row("neighbours"))


if __name__ == "__main__":
    main()
