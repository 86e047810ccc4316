"""README tells the truth: its programs run, its table is the cards'."""

import re
from pathlib import Path

import pytest

from keras_wembed.cli.shelf import families

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PROGRAMS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
COMMANDS = re.search(r"^```bash\n(.*?)^```", README, re.DOTALL | re.MULTILINE)[1]


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_program_runs(program, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    exec(compile(program, "README.md", "exec"), {"__name__": "__main__"})
    said = re.findall(r"^print\(.*\) +# (\(.*?\))", program, re.MULTILINE)
    assert capsys.readouterr().out.splitlines()[: len(said)] == said


def test_there_are_two_commands_and_ci_runs_the_second():
    first, second = (line.split("  #")[0].strip() for line in COMMANDS.splitlines())
    assert first.startswith("pip install . && keras-wembed embed")
    install, test = second.split(" && ")
    ci = (ROOT / ".ci" / "run").read_text()
    assert install.removeprefix("pip install ") in ci
    assert ci.rstrip().endswith(test)


def test_readme_is_short():
    assert len(README.splitlines()) <= 150


def zoo_table():
    """The zoo as README shows it: names that differ in size or language in one line."""
    lines = [
        "| names | rows | made from | licence |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{names}` | {f'{rows:,}' if rows else ''} | {corpus} | {license} |"
        for names, rows, corpus, license in families()
    ]
    return "\n".join(line.replace("|  |", "| |") for line in lines)


def with_table(readme):
    """README with the zoo's table as the cards make it."""
    table = f"<!-- zoo -->\n{zoo_table()}\n<!-- /zoo -->"
    return re.sub(
        r"<!-- zoo -->.*<!-- /zoo -->", lambda _: table, readme, flags=re.DOTALL
    )


def test_table_of_the_zoo_is_that_of_the_cards():
    # If not: python tests/test_readme.py writes it anew.
    assert with_table(README) == README


if __name__ == "__main__":
    (ROOT / "README.md").write_text(with_table(README))
