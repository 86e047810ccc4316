"""README tells the truth: its programs run, its table is the cards'."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from keras_wembed import zoo

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PROGRAMS = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
COMMANDS = re.search(r"^```bash\n(.*?)^```", README, re.DOTALL | re.MULTILINE)[1]


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_program_runs(program, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said = re.findall(r"^print\(.*\) +# (\(.*?\))", program, re.MULTILINE)
    assert done.stdout.splitlines()[: len(said)] == said


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
    """The zoo as README shows it: a line for each download, from the cards."""
    lines = ["| models | rows | made from | licence |", "|---|---|---|---|"]
    downloads = {}
    for name in zoo.names():
        downloads.setdefault(zoo.card(name).family_key, []).append(name)
    return "\n".join(lines)
