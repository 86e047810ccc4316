"""Commands that judge a model: by texts, and by files of what people think."""

from pathlib import Path
from typing import Any

from keras_wembed import evaluate
from keras_wembed.choices import at_least
from keras_wembed.cli.command import (
    STDIN,
    add_command,
    add_layer,
    add_model,
    layer_of,
    standard_input,
    vectors_of,
)
from keras_wembed.cli.output import Rows
from keras_wembed.evaluate.lines import holds_analogies
from keras_wembed.vectors import WordVectors


def add_commands(commands: Any) -> None:
    """Adds `coverage` and `evaluate`."""
    example = "keras-wembed coverage reviews.txt.gz"
    covers = add_command(commands, "coverage", _coverage, example)
    covers.add_argument(
        "file",
        type=Path,
        nargs="?",
        default=STDIN,
        help="a text in each line, plain or .gz; by default standard input",
    )
    covers.add_argument("-k", type=int, default=10, help="how many misses (10)")
    add_layer(covers)
    example = "keras-wembed evaluate SimLex-999.txt questions-words.txt"
    judges = add_command(commands, "evaluate", _evaluate, example)
    judges.add_argument(
        "file",
        type=Path,
        nargs="+",
        help="two tokens and a judgement in each line; or analogies, in sections",
    )
    add_model(judges)


def _coverage(options: Any) -> Rows:
    """What share of a file of texts a model knows, and what it misses most."""
    at_least("k", options.k, 0)
    texts = options.file
    if texts == STDIN:
        texts = list(standard_input())
    found = layer_of(options.model, options.split).coverage(texts)
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


def _evaluate(options: Any) -> Rows:
    """How well a model agrees with judgements of similarity, and does analogies."""
    vectors = vectors_of(options.model)
    return [_judged(vectors, file) for file in options.file]


def _judged(vectors: WordVectors, file: Path) -> dict[str, Any]:
    if holds_analogies(file):
        total = evaluate.analogies(vectors, file).total
        score = {"measure": "accuracy", "value": total.accuracy}
        return {"file": file.name, **score, "known": total.known, "of": total.questions}
    found = evaluate.similarity(vectors, file)
    score = {"measure": "Spearman", "value": found.spearman}
    return {"file": file.name, **score, "known": found.known, "of": found.pairs}
