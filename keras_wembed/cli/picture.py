"""The command that draws: in the terminal, or into a file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from keras_wembed import plot
from keras_wembed.cli.command import add_command, add_layer, layer_of, vectors_of
from keras_wembed.cli.output import Rows


@dataclass(frozen=True)
class Picture:
    """A kind of picture.

    Attributes:
        takes: What it is drawn of, in words.
        fits: Whether so many texts are right.
        of: Gives what it shows, from the options of the command.
        draw: Draws it, from that and the texts, and gives the axes.
        print: Gives the same for a terminal.
    """

    takes: str
    fits: Callable[[int], bool]
    of: Callable[[str], Any]
    draw: Callable[..., Any]
    print: Callable[..., RenderableType]


def _layer(options: Any) -> Any:
    return layer_of(options.model, options.split)


def _vectors(options: Any) -> Any:
    return vectors_of(options.model)


def _map(vectors: Any, *tokens: str) -> Any:
    return plot.map(vectors, list(tokens))


def _map_in_terminal(vectors: Any, *tokens: str) -> RenderableType:
    return plot.terminal.map(vectors, list(tokens))


PICTURES = {
    "matrix": Picture(
        "one text", (1).__eq__, _layer, plot.matrix, plot.terminal.matrix
    ),
    "neighbours": Picture(
        "one token", (1).__eq__, _vectors, plot.neighbours, plot.terminal.neighbours
    ),
    "similarity": Picture(
        "two texts", (2).__eq__, _layer, plot.similarity, plot.terminal.similarity
    ),
    "map": Picture("two tokens or more", (1).__lt__, _vectors, _map, _map_in_terminal),
}
PROJECTOR = "projector"


def add_commands(commands: Any) -> None:
    """Adds `plot`."""
    example = 'keras-wembed plot matrix "the cat sat" --output cat.png'
    parser = add_command(commands, "plot", _plot, example)
    parser.add_argument("kind", choices=[*PICTURES, PROJECTOR])
    parser.add_argument("text", nargs="*", help="the texts or tokens to draw")
    parser.add_argument(
        "--output",
        type=Path,
        help="a file to write, .png, .svg or .pdf; for projector a folder; by default "
        "the terminal",
    )
    parser.add_argument("--limit", type=int, help="for projector: so many tokens")
    add_layer(parser)


def _plot(options: Any) -> Rows | RenderableType:
    """A picture of vectors: a matrix, neighbours, a map, or for TensorBoard."""
    kind, output, texts = options.kind, options.output, options.text
    if output is None and (kind == PROJECTOR or options.json):
        why = " --json" if options.json else ""
        raise ValueError(f"plot {kind}{why} must have --output. Got none.")
    if kind == PROJECTOR:
        vectors = vectors_of(options.model)
        tokens = texts or None
        plot.projector(vectors, output, tokens=tokens, limit=options.limit)
        return [{"plot": kind, "output": str(output)}]
    if options.limit is not None:
        raise ValueError(f"plot {kind} must have no --limit, which is for {PROJECTOR}.")
    picture = PICTURES[kind]
    if not picture.fits(len(texts)):
        raise ValueError(f"plot {kind} must have {picture.takes}. Got {len(texts)}.")
    shown = picture.of(options)
    if output is None:
        return picture.print(shown, *texts)
    axes = picture.draw(shown, *texts)
    axes.figure.savefig(output, bbox_inches="tight", dpi=150)
    return [{"plot": kind, "output": str(output)}]
