"""The package from a terminal."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from keras_wembed import catalogue, zoo
from keras_wembed.embedding import EmbeddingLayer
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.errors import ZooError
from keras_wembed.formats.compact import load_compact
from keras_wembed.training import command as training
from keras_wembed.vectors import WordVectors
from keras_wembed.version import __version__

Rows = list[dict[str, Any]]

_SHOWN = 4  # components of a vector that a table shows


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; by default that of the terminal.

    Args:
        arguments: What stands behind the name of the program.

    Returns:
        The exit status: 0 if all went well, 1 if not, 130 after Ctrl-C. A wrong use
        exits with 2.
    """
    options = _parser().parse_args(arguments)
    try:
        _show(options.command(options), as_json=options.json)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has seen enough; Python would complain once more as it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (ZooError, KeyError, ValueError, OSError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        print(f"keras-wembed: {message}", file=sys.stderr)  # noqa: T201  the terminal
        return 1
    except KeyboardInterrupt:
        return 130  # as shells have it
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("keras-wembed", description="Word vectors.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    embed = _command(commands, "embed", _embed, 'keras-wembed embed "hello world"')
    embed.add_argument("text", nargs="*", help="by default lines of standard input")
    similar = _command(commands, "similar", _similar, "keras-wembed similar france")
    similar.add_argument("token")
    similar.add_argument("-k", type=int, default=10, help="how many (10)")
    covers = _command(commands, "coverage", _coverage, "keras-wembed coverage a.txt.gz")
    covers.add_argument("file", type=Path, help="a text in each line, plain or .gz")
    covers.add_argument("-k", type=int, default=10, help="how many misses (10)")
    for command in (embed, similar, covers):
        command.add_argument(
            "--model",
            default=catalogue.DEFAULT,
            help="a name from `keras-wembed list`, or a vectors file "
            f"({catalogue.DEFAULT})",
        )
    _command(commands, "list", _list, "keras-wembed list")
    example = "keras-wembed train corpus.txt.gz --size 50 --output vectors"
    training.add_options(_command(commands, "train", training.run, example))
    return parser


def _command(
    commands: Any, name: str, run: Callable[[Any], Rows], example: str
) -> argparse.ArgumentParser:
    about = (run.__doc__ or "").splitlines()[0]
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=about, epilog=f"example: {example}"
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(command=run)
    return parser


def _embed(options: Any) -> Rows:
    """The tokens of a text and their vectors."""
    layer = _layer(options.model)
    texts = options.text or [line.rstrip("\n") for line in sys.stdin]
    rows: Rows = []
    for text in texts:
        tokens = layer.encoder.tokenize([text]).to_list()[0]
        ids = layer.encoder(text).numpy().tolist()
        vectors = layer(text).numpy().tolist()
        rows += [
            {
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
    found = _vectors(options.model).most_similar(options.token, k=options.k)
    return [{"token": token, "cosine": cosine} for token, cosine in found]


def _coverage(options: Any) -> Rows:
    """What share of a file of texts a model knows, and what it misses most."""
    found = _layer(options.model).coverage(options.file)
    tokens = max(1, found.tokens)
    rows: Rows = [
        {"what": "tokens", "count": found.tokens, "share": 1.0},
        {"what": "have a row", "count": found.known_tokens, "share": found.token_share},
        {"what": "different tokens", "count": found.types, "share": 1.0},
        {"what": "have a row", "count": found.known_types, "share": found.type_share},
    ]
    more = [
        *((f"more with {option}", count) for option, count in found.rescues.items()),
        *((f"without: {token}", count) for token, count in found.misses[: options.k]),
    ]
    return rows + [
        {"what": what, "count": count, "share": count / tokens} for what, count in more
    ]


def _list(options: Any) -> Rows:
    """The models of the zoo."""
    cards = map(zoo.card, zoo.names())
    return [{"name": card.name, "rows": card.rows, "size": card.size} for card in cards]


def _layer(model: str) -> EmbeddingLayer:
    if not Path(model).exists():
        return zoo.load(model)
    vectors = _vectors(model)
    return EmbeddingLayer.from_vectors(vectors, input=TokenEncoder(vectors.tokens))


def _vectors(model: str) -> WordVectors:
    path = Path(model)
    if path.is_dir():
        return WordVectors.load(path)
    if path.suffix == ".npz":
        return WordVectors(*load_compact(path))
    return WordVectors.read(path) if path.exists() else zoo.vectors(model)


def _show(rows: Rows, *, as_json: bool) -> None:
    if as_json:
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))  # noqa: T201  the terminal
        return
    table = Table(box=box.SIMPLE)
    for column in rows[0] if rows else ():
        table.add_column(column, no_wrap=True)
    for row in rows:
        table.add_row(*map(_cell, row.values()))
    Console(emoji=False).print(table)


def _cell(value: Any) -> str:
    if isinstance(value, list):
        shown = " ".join(f"{number:7.3f}" for number in value[:_SHOWN])
        return f"{shown} … ({len(value)})" if len(value) > _SHOWN else shown
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else escape(str(value))
