"""The command that trains word vectors on text."""

import argparse
from collections.abc import Iterable
from inspect import signature
from pathlib import Path
from typing import Any

from keras_wembed.cli.command import STDIN, add_command, standard_input
from keras_wembed.cli.output import Rows
from keras_wembed.formats.compact import save_compact
from keras_wembed.storage import check_place
from keras_wembed.training import train
from keras_wembed.vectors import WordVectors

OPTIONS = (
    ("size", int, "width of a vector"),
    ("min_count", int, "tokens that stand less often are left out"),
    ("max_tokens", int, "at most so many tokens, the most frequent ones"),
    ("window", int, "how many tokens to either side are near"),
    ("x_max", float, "from this count on a pair has its full weight"),
    ("alpha", float, "below it, the weight is (count / x_max) ** alpha"),
    ("iterations", int, "how often all pairs are gone through"),
    ("learning_rate", float, "of AdaGrad"),
    ("accumulator", float, "where AdaGrad's sums of squares start"),
    ("split", str, "how text becomes tokens"),
    ("ignore_case", bool, "make capitals small letters"),
    ("seed", int, "the same seed gives the same vectors"),
    ("remove_frequency", bool, "take away what follows from a token's count"),
    ("folder", Path, "keep all here, and go on from it"),
)


def add_commands(commands: Any) -> None:
    """Adds `train`, with an option for each argument of the function."""
    example = "keras-wembed train corpus.txt.gz --size 50 --output vectors"
    parser = add_command(commands, "train", _train, example)
    parser.add_argument(
        "corpus",
        nargs="+",
        type=Path,
        metavar="FILE",
        help="text, plain or .gz; - is standard input",
    )
    parser.add_argument(
        "--output",
        type=Path,
        required=True,
        help="a file to write, .npz with 8 bits a number, or else a folder",
    )
    parameters = signature(train).parameters
    for name, kind, about in OPTIONS:
        default = parameters[name].default
        shown = about if default is None else f"{about} ({default})"
        how: Any = (
            {"action": argparse.BooleanOptionalAction}
            if kind is bool
            else {"type": kind, "metavar": name.rpartition("_")[2].upper()}
        )
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, default=default, help=shown, **how)


def _train(options: Any) -> Rows:
    """Trains word vectors on text and saves them."""
    corpus = _corpus(options.corpus)
    _prepare(options.output)
    chosen = {name: getattr(options, name) for name, _, _ in OPTIONS}
    vectors = train(corpus, **chosen)
    _save(vectors, options.output)
    return [
        {"output": str(options.output), "tokens": len(vectors), "size": vectors.size}
    ]


def _corpus(files: list[Path]) -> Iterable[Path] | Iterable[str]:
    if STDIN not in files:
        return files
    if len(files) > 1:
        raise ValueError("train must have files, or - alone. Got both.")
    return standard_input()


def _prepare(path: Path) -> None:
    """Sees before hours of training that the vectors can be written."""
    if path.suffix != ".npz":
        check_place(path)
    elif path.is_dir():
        raise ValueError(f"{path} must be a file. Got a folder.")
    path.absolute().parent.mkdir(parents=True, exist_ok=True)


def _save(vectors: WordVectors, path: Path) -> None:
    if path.suffix == ".npz":
        about = vectors.unknown, vectors.encoder_options
        save_compact(path, tuple(vectors.tokens), vectors.matrix, *about)
    else:
        vectors.save(path)
