"""The notebooks are what their programs give when they run."""

import re

import nbformat
import pytest

from examples.notebooks.make import HERE, SOURCES, cells, executed

PLACES = ("home", "root", "tmp")  # where a machine has what a reader's has not


def said(notebook):
    """The text that each cell prints, and how many pictures it shows."""
    for cell in notebook.cells:
        outputs = cell.get("outputs", ())
        text = "".join(each.get("text", "") for each in outputs)
        pictures = sum("image/png" in each.get("data", {}) for each in outputs)
        yield re.sub(r"-?\d+\.\d+(e-?\d+)?", "#", text), pictures


@pytest.mark.parametrize("name", SOURCES)
def test_notebook_shows_what_its_program_gives(name, tmp_path):
    # If not: python -m examples.notebooks.make NAME
    kept = nbformat.read(HERE / f"{name}.ipynb", 4)
    fresh = executed(name, tmp_path)
    assert [cell.source for cell in kept.cells] == [c.source for c in fresh.cells]
    assert list(said(kept)) == list(said(fresh))


def test_notebooks_hold_pictures_and_nothing_of_a_machine():
    pictures = 0
    for name in SOURCES:
        path = HERE / f"{name}.ipynb"
        text = path.read_text()
        pictures += text.count("image/png")
        assert path.stat().st_size < 300_000
        assert not re.search(rf"/(?:{'|'.join(PLACES)})/|Warning", text)
    assert pictures >= 5


def test_program_is_cut_into_text_and_code():
    source = "# %% [markdown]\n# # Title\n#\n# Text.\n# %%\nprint(1)\n"
    kinds = [(cell.cell_type, cell.source) for cell in cells(source)]
    assert kinds == [("markdown", "# Title\n\nText."), ("code", "print(1)")]
