"""Fonts for tokens of any script."""

from collections.abc import Iterable

from matplotlib import rcParams
from matplotlib.font_manager import (
    FontEntry,
    FontProperties,
    findfont,
    fontManager,
    get_font,
    weight_dict,
)


def families(texts: Iterable[str]) -> list[str]:
    """The user's font families, and behind them installed ones for what they lack.

    Matplotlib asks one font after another for each character, but only of those that
    are named. A character that no font has it draws as a box, with a warning.
    """
    chosen = list(rcParams["font.family"])
    lacking = {ord(character) for text in texts for character in text}
    for family in chosen:
        lacking = _lacking(findfont(FontProperties(family=[family])), lacking)
    for font in _installed() if lacking else ():
        left = _lacking(font.fname, lacking)
        if left < lacking:
            chosen.append(font.name)
            lacking = left
        if not lacking:
            break
    return chosen


def _installed() -> list[FontEntry]:
    """All fonts, those first that go best with others in a picture."""
    # Matplotlib's Last Resort has a box for every character.
    fonts = [f for f in fontManager.ttflist if not f.name.startswith("Last Resort")]
    return sorted(fonts, key=_oddity)


def _oddity(font: FontEntry) -> tuple[bool, int, bool, str]:
    """How far a font is from an upright one of usual weight without serifs."""
    weight = weight_dict.get(str(font.weight), font.weight)
    heavier = abs(int(weight) - 400)
    return font.style != "normal", heavier, "Sans" not in font.name, font.name


def _lacking(path: str, characters: set[int]) -> set[int]:
    """Those characters that a font has no glyph for."""
    try:
        font = get_font(path)
    except RuntimeError:  # It is damaged, or of a kind that FreeType cannot read.
        return characters
    return {code for code in characters if not font.get_char_index(code)}
