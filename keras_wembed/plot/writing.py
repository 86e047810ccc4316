"""Tokens as labels: on one line, with nothing hidden, not too long."""

from rich.cells import cell_len, set_cell_size

WIDEST = 30  # of a label, in the cells of a terminal

# They join letters in Persian and Indic scripts, and emoji: they belong to a token.
_JOINERS = "\u200c\u200d"


def visible(token: str) -> str:
    r"""A token with what cannot be seen escaped; in quotes if it is blank.

    >>> visible("a\tb"), visible(" ")
    ('a\\tb', "' '")
    """
    shown = "".join(map(_visible, token))
    return shown if shown.strip() else repr(token)


def _visible(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return character.encode("unicode_escape").decode()


def short(token: str, widest: int = WIDEST, *, end: str = "…") -> str:
    """A token as a label, its end replaced where it is wider than `widest` cells.

    >>> short("antidisestablishmentarianism", 12)
    'antidisesta…'
    """
    shown = visible(token)
    if cell_len(shown) <= widest:
        return shown
    return set_cell_size(shown, widest - len(end)).rstrip() + end
