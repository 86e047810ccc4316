"""Draws the pictures of the documentation: `python -m docs.pictures`."""

import io
import re
from pathlib import Path

import keras_wembed as kw
from matplotlib import pyplot
from rich.console import Console, Group
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, MONOKAI

IMAGES = Path(__file__).parent / "images"

SENTENCE = "The quick brown fox jumps over the lazy dog"
TOKENS = """
    france germany italy spain england russia paris london rome
    mother father sister brother son daughter wife husband king queen
    dog cat horse cow sheep bird fish bread milk cheese wine
    one two three four red green blue black white
    physics chemistry biology energy force atom cell enzyme
    court law judge congress president tax
"""

# Each is drawn on white and on the dark grey of the site's dark scheme.
STYLES = {
    "light": ["default"],
    "dark": [
        "dark_background",
        {
            "figure.facecolor": "#1e2129",
            "axes.facecolor": "#1e2129",
            "savefig.facecolor": "#1e2129",
        },
    ],
}
THEMES = {"light": DEFAULT_TERMINAL_THEME, "dark": MONOKAI}


def pictures(layer, vectors):
    """The name of each picture, and what draws it."""
    return {
        "matrix": lambda: kw.plot.matrix(layer, SENTENCE),
        "neighbours": lambda: kw.plot.neighbours(vectors, "physics"),
        "map": lambda: kw.plot.map(vectors, TOKENS.split()),
        "similarity": lambda: kw.plot.similarity(
            layer, "the cat sat on the mat", "a dog lay on a rug"
        ),
    }


def save(name, draw):
    for look, style in STYLES.items():
        with pyplot.style.context(style):
            figure = draw().figure
            # Without Matplotlib's version, which would change the file.
            about = {"Software": None}
            figure.savefig(
                IMAGES / f"{name}-{look}.png", dpi=100, metadata=about
            )
        pyplot.close(figure)


def save_terminal(layer, vectors):
    shown = Group(
        kw.plot.terminal.matrix(layer, "the cat sat on the mat"),
        "",
        kw.plot.terminal.neighbours(vectors, "physics", 5),
    )
    for look, theme in THEMES.items():
        console = Console(
            file=io.StringIO(),
            record=True,
            width=44,
            color_system="truecolor",
            force_terminal=True,
        )
        console.print(shown)
        svg = console.export_svg(
            title="keras-wembed", theme=theme, unique_id="terminal"
        )
        # Without the font that Rich would have readers fetch.
        svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.S)
        (IMAGES / f"terminal-{look}.svg").write_text(svg)


def main():
    pyplot.switch_backend("agg")
    IMAGES.mkdir(exist_ok=True)
    layer, vectors = kw.zoo.load(), kw.zoo.vectors()
    for name, draw in pictures(layer, vectors).items():
        save(name, draw)
    save_terminal(layer, vectors)


if __name__ == "__main__":
    main()
