"""How well and how fast texts are split, beside NLTK and Keras's TextVectorization.

Run from a checkout: python -m benchmarks.tokenizers VOCABULARY TEXTS...

VOCABULARY holds the tokens of GloVe 6B, one a line; TEXTS hold a sentence in each line.
Needs the extra `bench`.
"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path

import keras
import tensorflow as tf
from nltk.tokenize import NLTKWordTokenizer
from rich import box, print
from rich.table import Table

from benchmarks.claim import Claim
from keras_wembed import zoo
from keras_wembed.encoders.splitting import splitter
from keras_wembed.encoders.tokens import TokenEncoder

SENTENCES = Path(__file__).parents[1] / "tests" / "data" / "treebank.tsv"
TIMED = 10_000  # sentences

Tokenize = Callable[[list[str]], list[list[str]]]


REVIEWS = Path(__file__).parents[1] / "examples" / "data" / "rt-polarity.pos"


def claims(chosen: argparse.Namespace) -> Iterator[Claim]:
    tokens = chosen.tokens and lines(chosen.tokens, "utf-8")
    encoder = TokenEncoder(tokens or zoo.vectors().tokens, split="treebank")
    texts = [
        text for path in chosen.texts or [REVIEWS] for text in lines(path, "latin-1")
    ]
    texts = list(islice(cycle(texts), TIMED))
    mine = fastest(tf.function(encoder), tf.constant(texts))
    peers = fastest(nltk, texts)
    what = f"{TIMED:,} sentences split as GloVe's were"
    yield Claim(what, mine * 1e3, "to ids", peers * 1e3, "NLTK, to tokens")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("vocabulary", type=Path)
    parser.add_argument("texts", type=Path, nargs="+")
    arguments = parser.parse_args()
    vocabulary = lines(arguments.vocabulary, "utf-8")
    # The reviews of rt-polarity are Latin-1.
    texts = [text for path in arguments.texts for text in lines(path, "latin-1")]
    accuracy()
    coverage(vocabulary, texts)
    times(vocabulary, texts[:TIMED])


def lines(path: Path, encoding: str) -> list[str]:
    return [line for line in path.read_bytes().decode(encoding).split("\n") if line]


def nltk(texts: list[str]) -> list[list[str]]:
    tokenize = NLTKWordTokenizer().tokenize
    return [[token.lower() for token in tokenize(text)] for text in texts]


def vectorization(texts: list[str]) -> list[list[str]]:
    """What Keras looks up by default: lower case, punctuation stripped."""
    layer = keras.layers.TextVectorization(ragged=True)
    layer.adapt(texts)
    tokens = layer.get_vocabulary()
    return [[tokens[id] for id in row] for row in layer(tf.constant(texts)).to_list()]


def treebank(texts: list[str]) -> list[list[str]]:
    tokens = splitter("treebank")(tf.constant(texts))
    lower = tf.strings.lower(tokens.flat_values, encoding="utf-8")
    return decoded(tokens.with_flat_values(lower))


def decoded(tokens: tf.RaggedTensor) -> list[list[str]]:
    return [[token.decode() for token in row] for row in tokens.to_list()]


WAYS: dict[str, Tokenize] = {
    "split='treebank'": treebank,
    "NLTKWordTokenizer": nltk,
    "TextVectorization": vectorization,
}


def accuracy() -> None:
    """The share of sentences that come out as GloVe 6B has them."""
    rows = [line.split("\t") for line in lines(SENTENCES, "utf-8")[1:]]
    texts, expected = [row[1] for row in rows], [row[2] for row in rows]
    table = titled(f"{len(rows)} sentences as GloVe 6B has them", "right", "share")
    for name, tokenize in WAYS.items():
        found = [" ".join(tokens) for tokens in tokenize(texts)]
        right = sum(map(str.__eq__, found, expected))
        table.add_row(name, f"{right}", f"{right / len(rows):.1%}")
    print(table)


def coverage(vocabulary: list[str], texts: list[str]) -> None:
    """The shares of tokens and of different tokens that have a row."""
    table = titled("Rows in GloVe 6B", "tokens", "with a row", "types", "with a row")
    for name, tokenize in WAYS.items():
        counts = Counter(token for row in tokenize(texts) for token in row)
        known = counts.keys() & set(vocabulary)
        covered = sum(counts[token] for token in known)
        table.add_row(name, *shares(counts.total(), covered, len(counts), len(known)))
    for fallback in (), ("parts",):
        encoder = TokenEncoder(vocabulary, split="treebank", fallback=fallback)
        found = encoder.coverage(texts)
        table.add_row(
            f"TokenEncoder{' and parts' * bool(fallback)}",
            *shares(found.tokens, found.known_tokens, found.types, found.known_types),
        )
    print(table)


def shares(tokens: int, known: int, types: int, known_types: int) -> Iterable[str]:
    yield from (f"{tokens:,}", f"{known / tokens:.3%}")
    yield from (f"{types:,}", f"{known_types / types:.3%}")


def times(vocabulary: list[str], texts: list[str]) -> None:
    """Texts to ids, in the graph; NLTK's tokens to ids with a dict."""
    batch = tf.constant(texts)
    table = titled(f"{len(texts):,} sentences to ids", "ms", "of TextVectorization")
    keras_layer = keras.layers.TextVectorization(vocabulary=vocabulary)
    base = fastest(tf.function(keras_layer), batch)
    table.add_row("TextVectorization", f"{base * 1e3:.0f}", "1.0")
    for count in len(vocabulary), len(vocabulary) // 40:
        for fallback in (), ("parts",):
            encoder = TokenEncoder(
                vocabulary[:count], split="treebank", fallback=fallback
            )
            seconds = fastest(tf.function(encoder), batch)
            name = f"TokenEncoder of {count:,}{' and parts' * bool(fallback)}"
            table.add_row(name, f"{seconds * 1e3:.0f}", f"{seconds / base:.1f}")
    ids = {token: id for id, token in enumerate(vocabulary, start=1)}
    seconds = fastest(lambda _: [[ids.get(t) for t in row] for row in nltk(texts)], 0)
    table.add_row("NLTKWordTokenizer", f"{seconds * 1e3:.0f}", f"{seconds / base:.1f}")
    print(table)


def fastest(run: Callable, argument: object, runs: int = 5) -> float:
    """Seconds of the fastest of some runs; the first, which traces, is not counted."""
    run(argument)
    return min(islice(seconds_of(run, argument), runs))


def seconds_of(run: Callable, argument: object) -> Iterable[float]:
    while True:
        start = time.perf_counter()
        run(argument)
        yield time.perf_counter() - start


def titled(title: str, *columns: str) -> Table:
    table = Table(title=title, box=box.SIMPLE, title_justify="left")
    table.add_column()
    for column in columns:
        table.add_column(column, justify="right")
    return table


if __name__ == "__main__":
    main()
