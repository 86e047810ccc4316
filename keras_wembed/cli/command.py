"""What all commands have in common: help, an example, a model, texts to read."""

import argparse
import io
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from keras_wembed import catalogue, zoo
from keras_wembed.embedding import EmbeddingLayer
from keras_wembed.encoders.counting import lines
from keras_wembed.encoders.splitting import NAMES
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.errors import UnknownModelError
from keras_wembed.formats.compact import load_compact
from keras_wembed.vectors import WordVectors
from keras_wembed.vocabulary import Vocabulary

STDIN = Path("-")


def add_command(
    commands: Any, name: str, run: Callable[[Any], Any], example: str
) -> argparse.ArgumentParser:
    """Adds a command that is told by the first line of its function's docstring."""
    about = (run.__doc__ or "").splitlines()[0]
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=about, epilog=f"example: {example}"
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.set_defaults(command=run)
    return parser


def add_model(parser: argparse.ArgumentParser) -> None:
    """Gives a command the option of whose vectors it works with."""
    parser.add_argument(
        "--model",
        default=catalogue.DEFAULT,
        help="a name from `keras-wembed list`, a file of vectors, or a folder of saved "
        f"ones ({catalogue.DEFAULT})",
    )


def add_layer(parser: argparse.ArgumentParser) -> None:
    """Gives a command the option of whose layer it works with, and how it splits."""
    add_model(parser)
    parser.add_argument(
        "--split",
        choices=NAMES,
        help="how texts are split, for vectors of your own; by default as they were "
        "where `train` made them, or else into words",
    )


def add_texts(parser: argparse.ArgumentParser) -> None:
    """Gives a command texts: as arguments, or the lines of files."""
    parser.add_argument("text", nargs="*", help="by default lines of standard input")
    parser.add_argument(
        "--file",
        type=Path,
        action="append",
        default=[],
        help="a text in each line, in UTF-8; - is standard input; may be repeated",
    )


def texts(options: Any) -> Iterator[str]:
    """The texts that a command is given."""
    files = options.file or ([] if options.text else [STDIN])
    return chain(options.text, *map(_lines, files))


def _lines(path: Path) -> Iterator[str]:
    if path == STDIN:
        yield from standard_input()
        return
    yield from (line.decode(errors="replace").rstrip("\n") for line in lines(path))


def standard_input() -> Iterator[str]:
    """Its lines; bytes that are not UTF-8 become U+FFFD, as in a layer."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")
    return (line.rstrip("\n") for line in sys.stdin)


def layer_of(
    model: str, split: str | None = None, dtype: str | None = None
) -> EmbeddingLayer:
    """The layer of a model, a file or a folder.

    Args:
        model: As `--model` has it.
        split: How texts are split that vectors of one's own are for.
        dtype: As for `EmbeddingLayer`.
    """
    if not Path(model).exists():
        _check_in_zoo(model)
        if split is not None:
            raise ValueError(
                f"--split is for vectors of your own. Got {model!r}, which has its own "
                "way of splitting."
            )
        return zoo.load(model, dtype=dtype)
    vectors = vectors_of(model)
    options = dict(vectors.encoder_options)
    if "ignore_case" not in options:
        options["ignore_case"] = not _is_cased(vectors)
    if split is not None:
        options["split"] = split
    encoder = TokenEncoder(Vocabulary(vectors.tokens), **options)
    return EmbeddingLayer.from_vectors(vectors, input=encoder, dtype=dtype)


def _is_cased(vectors: WordVectors) -> bool:
    """Whether tokens differ in nothing but case, so that each needs to be told."""
    return len({token.lower() for token in vectors.tokens}) < len(vectors)


def vectors_of(model: str) -> WordVectors:
    """The vectors of a model, a file or a folder."""
    path = Path(model)
    if path.is_dir():
        return WordVectors.load(path)
    if path.suffix == ".npz":
        return WordVectors(*load_compact(path))
    if path.exists():
        return WordVectors.read(path)
    _check_in_zoo(model)
    return zoo.vectors(model)


def _check_in_zoo(model: str) -> None:
    try:
        zoo.card(model)
    except UnknownModelError as error:
        path = Path(model)
        if not path.suffix and len(path.parts) == 1:
            raise
        raise FileNotFoundError(
            "--model must be a file or folder that is there, or a name from "
            f"`keras-wembed list`. Got {model!r}, which is neither."
        ) from error
