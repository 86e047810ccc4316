"""Commands that ask a model: for the vectors of a text, for what is like a token."""

import argparse
from typing import Any

from keras_wembed.cli.command import (
    add_command,
    add_layer,
    add_model,
    add_texts,
    layer_of,
    texts,
    vectors_of,
)
from keras_wembed.cli.output import Rows


def add_commands(commands: Any) -> None:
    """Adds `embed`, `similar` and `analogy`."""
    embed = add_command(commands, "embed", _embed, 'keras-wembed embed "hello world"')
    add_texts(embed)
    add_layer(embed)
    similar = add_command(commands, "similar", _similar, "keras-wembed similar france")
    similar.add_argument("token", nargs="+", help="several: the mean of them")
    similar.add_argument(
        "--minus", nargs="+", default=[], metavar="TOKEN", help="and away from these"
    )
    _add_k(similar)
    add_model(similar)
    example = "keras-wembed analogy man king woman"
    analogy = add_command(commands, "analogy", _analogy, example)
    for name, about in {"a": "is to", "b": "as", "c": "is to what is asked"}.items():
        analogy.add_argument(name, help=about)
    _add_k(analogy)
    add_model(analogy)


def _add_k(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-k", type=int, default=10, help="how many (10)")


def _embed(options: Any) -> Rows:
    """The tokens of a text and their vectors."""
    layer = layer_of(options.model, options.split)
    given = list(texts(options))
    rows: Rows = []
    for number, text in enumerate(given, start=1):
        # Of which text, where that is a question; a program need not ask.
        of = {"text": number} if options.json or len(given) > 1 else {}
        tokens = layer.encoder.tokenize([text]).to_list()[0]
        ids = layer.encoder(text).numpy().tolist()
        vectors = layer(text).numpy().tolist()
        rows += [
            of
            | {
                "token": token.decode(),
                "id": id,
                "known": id != layer.n,
                "vector": vector,
            }
            for token, id, vector in zip(tokens, ids, vectors, strict=True)
        ]
    return rows


def _similar(options: Any) -> Rows:
    """The tokens whose vectors are most like a token's."""
    found = vectors_of(options.model).most_similar(
        positive=options.token, negative=options.minus, k=options.k
    )
    return _rows(found)


def _analogy(options: Any) -> Rows:
    """What is to C as B is to A."""
    vectors = vectors_of(options.model)
    return _rows(vectors.analogy(options.a, options.b, options.c, k=options.k))


def _rows(found: list[tuple[str, float]]) -> Rows:
    return [{"token": token, "cosine": cosine} for token, cosine in found]
