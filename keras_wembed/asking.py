"""Questions to word vectors, in tokens: which are near, how near, and which is odd."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_wembed import choices
from keras_wembed.neighbours import Floats, Integers, nearest, units

if TYPE_CHECKING:
    from keras_wembed.vectors import WordVectors

Answer = list[tuple[str, float]]


@dataclass(frozen=True, eq=False)
class Query:
    """A direction, and the rows it was made of, which an answer leaves out."""

    vector: Floats
    rows: tuple[int, ...] = ()


def most_similar(
    vectors: "WordVectors", query: Any, positive: Any, negative: Any
) -> tuple[list[Query], bool]:
    """What `WordVectors.most_similar` is asked, and whether it is one query alone.

    Raises:
        ValueError: If there is no query, or there are two kinds, or one does not fit.
    """
    means = [] if positive is None else _items(positive)[0]
    opposites = [] if negative is None else _items(negative)[0]
    if (query is None) != bool(means or opposites):
        got = "neither" if query is None else "both"
        raise ValueError(
            "most_similar must have either a query, or positive and negative ones. "
            f"Got {got}."
        )
    if query is None:
        signs = [1] * len(means) + [-1] * len(opposites)
        return [_mean(vectors, [*means, *opposites], signs)], True
    items, single = _items(query)
    return [_query(vectors, item) for item in items], single


def analogy(vectors: "WordVectors", a: Any, b: Any, c: Any) -> Query:
    """Where that lies which is to `c` as `b` is to `a`."""
    return _mean(vectors, [b, c, a], [1, 1, -1])


def answers(
    vectors: "WordVectors", queries: Sequence[Query], k: int, rows: Integers | None
) -> list[Answer]:
    """The nearest tokens of each query.

    Args:
        vectors: Where to look.
        queries: What is asked.
        k: How many.
        rows: Search only these, in ascending order. None: all.
    """
    choices.at_least("k", k, 0)
    matrix = replace(vectors._searched, chosen=rows)
    stacked = np.array([query.vector for query in queries]).reshape(-1, vectors.size)
    without = [query.rows for query in queries]
    return [
        [
            (vectors.tokens[row], cosine)
            for row, cosine in zip(
                each.rows.tolist(), each.cosines.tolist(), strict=True
            )
        ]
        for each in nearest(matrix, stacked, k, without=without)
    ]


def similarity(vectors: "WordVectors", one: Any, other: Any) -> float:
    """The cosine of two tokens or vectors."""
    pair = [_query(vectors, item).vector for item in (one, other)]
    return float((pair[0] * pair[1]).sum())


def distances(vectors: "WordVectors", queries: Any, others: Any) -> Floats:
    """1 - cosine, of each of some tokens or vectors with each of others."""
    items, single = _items(queries)
    one = _stacked(vectors, items)
    if single and others is None:
        blocks = vectors._searched.blocks(1)  # not all in float64 at once
        with np.errstate(invalid="ignore", over="ignore"):
            cosines = [units(rows) @ one[0] for _, rows, _ in blocks]
        return np.clip(1 - np.concatenate(cosines), 0, 2)
    two = one if others is None else _stacked(vectors, _items(others)[0])
    found = np.clip(1 - one @ two.T, 0, 2)
    if others is None:
        np.fill_diagonal(found, 0)
    return found[0] if single else found


def doesnt_match(vectors: "WordVectors", tokens: Iterable[str]) -> str:
    """The token that is least like the mean of all."""
    tokens = choices.listed("tokens", tokens)
    if not tokens:
        raise ValueError("tokens must hold at least one token. Got none.")
    rows = _stacked(vectors, tokens)
    return tokens[int(np.argmin((rows * units(rows.sum(axis=0))).sum(axis=1)))]


def _items(query: Any) -> tuple[list[Any], bool]:
    """Tokens and vectors, each alone, and whether only one was given."""
    if isinstance(query, str) or not isinstance(query, Iterable):
        return [query], True
    items = list(query)
    if items and not any(isinstance(item, str) or np.ndim(item) for item in items):
        return [query], True  # the numbers of one vector
    return items, False


def _query(vectors: "WordVectors", item: Any) -> Query:
    if isinstance(item, str):
        return Query(units(vectors[item]), (vectors._rows[item],))
    try:
        vector = np.asarray(item, np.float64)
    except (TypeError, ValueError):
        raise TypeError(
            f"query must be a token or a vector of numbers. Got {str(item)[:60]}."
        ) from None
    if vector.shape != (vectors.size,):
        raise ValueError(
            f"query must be a token or a vector of shape ({vectors.size},). "
            f"Got shape {vector.shape}."
        )
    if not np.isfinite(vector).all():
        raise ValueError("query must be of finite numbers. Got a vector with others.")
    return Query(units(vector))


def _mean(vectors: "WordVectors", items: list[Any], signs: list[int]) -> Query:
    """The mean of directions, all counting the same, whatever their lengths."""
    parts = [_query(vectors, item) for item in items]
    total = np.array(signs) @ np.array([part.vector for part in parts])
    return Query(units(total), tuple(row for part in parts for row in part.rows))


def _stacked(vectors: "WordVectors", items: list[Any]) -> Floats:
    """The directions of tokens and vectors, one a row."""
    rows = [_query(vectors, item).vector for item in items]
    return np.array(rows).reshape(-1, vectors.size)
