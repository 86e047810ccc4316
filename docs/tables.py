"""The tables that README shows, put into the pages that ask for them."""

import re
from pathlib import Path
from typing import Any

README = Path(__file__).parents[1] / "README.md"
# What of README each name stands for.
PARTS = {
    "zoo": re.compile(r"<!-- zoo -->\n(.*?)<!-- /zoo -->", re.DOTALL),
    "speed": re.compile(r"^## Speed\n(.*?)^## ", re.DOTALL | re.MULTILINE),
}


def on_page_markdown(markdown: str, **_: Any) -> str:
    """The page, with the zoo's table where `<!-- README: zoo -->` stands.

    MkDocs calls this for each page.

    Raises:
        ValueError: If README has no such part.
    """
    return re.sub(r"<!-- README: (\w+) -->", _part, markdown)


def _part(asked: re.Match[str]) -> str:
    found = PARTS[asked[1]].search(README.read_text())
    if found is None:
        raise ValueError(
            f"README must have the part {asked[1]!r}. It has none."
        )
    return found[1]
