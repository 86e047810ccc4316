"""Makes the notebooks of the programs beside it, and executes them.

    python -m examples.notebooks.make

A program is cut at lines that start with `# %%`; `# %% [markdown]` is text, else code.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
SOURCES = ("start", "fine_tuning", "wolfram")


def cells(source):
    """The cells of a program."""
    for part in source.split("# %%")[1:]:
        head, _, body = part.partition("\n")
        if "[markdown]" in head:
            lines = [
                line.removeprefix("#").removeprefix(" ") for line in body.split("\n")
            ]
            yield nbformat.v4.new_markdown_cell("\n".join(lines).strip())
        else:
            yield nbformat.v4.new_code_cell(body.strip())


def executed(name, folder):
    """The notebook of a program, executed in a folder."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = list(cells((HERE / f"{name}.py").read_text()))
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"{name}-{number}"
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=120, resources=resources).execute()
    for cell in notebook.cells:
        cell.metadata.clear()
        if cell.cell_type == "code":
            cell.outputs = [
                each for each in cell.outputs if each.get("name") != "stderr"
            ]
    return notebook


def main():
    for name in sys.argv[1:] or SOURCES:
        notebook = executed(name, HERE)
        nbformat.write(notebook, HERE / f"{name}.ipynb")


if __name__ == "__main__":
    main()
