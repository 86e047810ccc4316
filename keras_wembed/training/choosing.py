"""Which tokens of a corpus get vectors."""

import numpy as np
from numpy.typing import NDArray


def chosen(
    counts: NDArray[np.int64], *, min_count: int, max_tokens: int | None
) -> NDArray[np.int64]:
    """The places of the tokens that get vectors, the most frequent first.

    Args:
        counts: How often each token stands in the corpus.
        min_count: How often a token must stand there.
        max_tokens: How many are kept at most.

    Raises:
        ValueError: If none is left.
    """
    by_count = np.argsort(-counts, kind="stable")[:max_tokens]
    kept = by_count[counts[by_count] >= min_count]
    if not len(kept):
        most = counts.max(initial=0)
        raise ValueError(
            f"Some token must stand in the corpus min_count times, {min_count}. "
            f"Got {len(counts)} tokens, the most frequent one {most} times."
        )
    return kept
