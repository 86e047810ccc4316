"""Docstrings as this package writes them, made ready for mkdocstrings.

Some habits are not those of its Google parser: the sections `Shapes:` and
`Call arguments:`, and examples without a heading.
"""

import re
from typing import Any

import griffe

SECTION = re.compile(
    r"^(Shapes|Call arguments):\n((?:    .*\n?)+)", re.MULTILINE
)
ITEM = re.compile(r"^    (\w+): ", re.MULTILINE)
EXAMPLES = re.compile(r"(?:^>>> .*(?:\n.+)*\n*)+", re.MULTILINE)
# As mkdocstrings marks the titles of the sections that it knows.
TITLE = '<span class="doc-section-title">{}:</span>'


class Docstrings(griffe.Extension):
    """Rewrites each docstring before it is parsed."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Griffe calls this once for all that it has read."""
        if obj.docstring is not None:
            obj.docstring.value = readable(obj.docstring.value)


def readable(docstring: str) -> str:
    """A docstring with lists in our sections, and examples in one."""
    return EXAMPLES.sub(_examples, SECTION.sub(_list, docstring))


def _list(found: re.Match[str]) -> str:
    """A section as an item for each name; deeper lines go on with it."""
    items = ITEM.sub(r"- `\1`: ", found[2])
    return f"{TITLE.format(found[1])}\n\n{items}"


def _examples(found: re.Match[str]) -> str:
    lines = found[0].rstrip().split("\n")
    return "\n".join(
        ["Examples:", *(f"    {line}".rstrip() for line in lines), ""]
    )
