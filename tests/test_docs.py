"""The site tells the truth: its blocks run and print what stands below them."""

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path
from unittest import mock

import pytest

import keras_wembed
from docs import docstrings, tables
from keras_wembed import cli, errors, zoo

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").glob("*.md"))
# Blocks under `<!-- network -->` or `<!-- slow -->` are compiled and not run.
BLOCK = re.compile(
    r"(?P<mark><!-- (?:network|slow) -->\n)?"
    r"^```(?P<kind>python|bash)\n(?P<code>.*?)^```\n"
    r"(?P<shown>\n```text\n(?P<said>.*?)^```\n)?",
    re.DOTALL | re.MULTILINE,
)


def run(text):
    """Each block of a page that runs, and what it prints, from the top down."""
    names = {"__name__": "page"}
    for block in BLOCK.finditer(text):
        if block["kind"] == "python":
            code = compile(block["code"], "block", "exec")
            function, arguments = exec, (code, names)
        else:
            function, arguments = _command, (block["code"],)
        if not block["mark"]:
            yield block, _printed(function, *arguments)


def _command(code):
    """Runs the lines that call our command; others are for the reader's machine."""
    for line in re.findall(r"^keras-wembed (.*)", code, re.MULTILINE):
        assert cli.main(shlex.split(line, comments=True)) == 0


def _printed(function, *arguments):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        function(*arguments)
    lines = "\n".join(line.rstrip() for line in out.getvalue().split("\n"))
    return lines.strip("\n") + "\n" if out.getvalue() else None


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "76")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_blocks_print_what_stands_below_them(page, place):
    # If not: python -m tests.test_docs PAGE writes it anew.
    for block, said in run(page.read_text()):
        assert block["said"] == said, block["code"]


def test_check_of_blocks_can_fail(place):
    page = "```python\nprint(1)\n```\n\n```text\n2\n```\n"
    ((block, said),) = run(page)
    assert (block["said"], said) == ("2\n", "1\n")
    assert filled(page) == page.replace("2", "1")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_code_fits_a_screen(page):
    blocks = BLOCK.finditer(page.read_text())
    lines = [line for block in blocks for line in block["code"].splitlines()]
    assert [line for line in lines if len(line) > 76] == []


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built as CI builds it."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", folder],
        # Else the theme speaks of its successor at each build.
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    said = done.stdout.splitlines() + done.stderr.splitlines()
    assert [line for line in said if not line.startswith("INFO ")] == []
    assert done.returncode == 0
    return folder


PUBLIC = [
    *(f"keras_wembed.{name}" for name in keras_wembed.__all__ if name[0] != "_"),
    *(f"keras_wembed.zoo.{name}" for name in zoo.__all__),
    *(f"keras_wembed.errors.{name}" for name in errors.__all__),
]


def test_every_public_name_is_in_the_reference(site):
    data = (site / "objects.inv").read_bytes()
    lines = zlib.decompress(data.split(b"\n", 4)[4]).decode().splitlines()
    assert set(PUBLIC) - {line.split()[0] for line in lines} == set()


def test_nothing_comes_from_elsewhere(site):
    pages = [path.read_text() for path in site.rglob("*.html")]
    assert len(pages) > len(PAGES)
    loading = r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"?(?:https?:)?//[^>]*>"
    assert [tag for page in pages for tag in re.findall(loading, page)] == []
    styles = [path.read_text() for path in site.rglob("*.css")]
    assert [s for style in styles for s in re.findall(r"url\(.?http[^)]*", style)] == []


def test_pages_show_the_tables_of_readme(site):
    assert "numberbatch-en-19.08" in (site / "zoo.html").read_text()
    assert "<th>claim</th>" in (site / "speed.html").read_text()


def test_part_that_readme_lacks_is_an_error(tmp_path, monkeypatch):
    readme = tmp_path / "README.md"
    readme.write_text("## Swiftness\n")
    monkeypatch.setattr(tables, "README", readme)
    sentence = "README must have the part 'speed'. It has none."
    with pytest.raises(ValueError, match=re.escape(sentence)):
        tables.on_page_markdown("Figures: <!-- README: speed -->")


SHAPES = """\
The mean.

Shapes:
    vectors: `(batch, tokens, size)`
    returns: `(batch, size)`; zeros
        for a text without tokens

>>> mean([1])
1
"""
READABLE = """\
The mean.

<span class="doc-section-title">Shapes:</span>

- `vectors`: `(batch, tokens, size)`
- `returns`: `(batch, size)`; zeros
        for a text without tokens

Examples:
    >>> mean([1])
    1
"""


def test_docstrings_are_made_ready_for_the_site():
    assert docstrings.readable(SHAPES) == READABLE
    assert docstrings.readable("Only a sentence.") == "Only a sentence."


def filled(page):
    """A page with what its blocks print."""
    for block, said in run(page):
        code = f"```{block['kind']}\n{block['code']}```\n"
        below = f"\n```text\n{said}```\n" if said else ""
        page = page.replace(code + (block["shown"] or ""), code + below, 1)
    return page


if __name__ == "__main__":
    for name in sys.argv[1:]:
        page = ROOT / "docs" / f"{name}.md"
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            setting = {"KERAS_WEMBED_HOME": f"{folder}/home", "COLUMNS": "76"}
            with mock.patch.dict(os.environ, setting):
                page.write_text(filled(page.read_text()))
