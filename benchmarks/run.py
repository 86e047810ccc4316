"""Measures all claims, and writes the table of them into README.

python -m benchmarks.run [--only NAME ...] [--tokens FILE] [--texts FILE ...]

Takes half an hour. Needs the extra `bench`. With --only it prints, and writes nothing.
"""

import argparse
import multiprocessing
import os
import platform
import re
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module, metadata
from pathlib import Path

from rich.console import Console
from rich.progress import track

from benchmarks.claim import Claim

README = Path(__file__).parents[1] / "README.md"
# In the order of README's table. Each has `claims`, which takes the options.
SCRIPTS = ("steps", "reading", "neighbours", "tokenizers", "saving", "serving")
ABOUT = (
    "Ours beside the peer, each pair in one run of `python -m benchmarks.run` "
    "(extra `bench`):"
)
PACKAGES = ("tensorflow", "keras", "numpy", "gensim", "nltk")


def options() -> argparse.ArgumentParser:
    """What the claims may be told; scripts that are run alone take the same."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=SCRIPTS)
    parser.add_argument("--tokens", type=Path, help="a file with one token a line")
    parser.add_argument("--texts", type=Path, nargs="+", help="files of texts, a line")
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"))
    return parser


def claims(script: str, chosen: argparse.Namespace) -> list[Claim]:
    """What a script measures, in a process of its own."""
    # Not a Pool: its processes may have none of their own, as some scripts need.
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn) as pool:
        return pool.submit(_claims, script, chosen).result()


def _claims(script: str, chosen: argparse.Namespace) -> list[Claim]:
    return list(import_module(f"benchmarks.{script}").claims(chosen))


def table(rows: list[str]) -> str:
    return "\n".join(["| claim | ours | peer | ratio |", "|---|---|---|---|", *rows])


def machine() -> str:
    """Where and on what the claims were measured."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    cores = len(os.sched_getaffinity(0))
    return (
        f"{cores} cores, {platform.machine()}, Python {platform.python_version()}; "
        f"{versions}."
    )


def with_table(readme: str, text: str) -> str:
    """README with another table of claims."""
    marked = f"<!-- speed -->\n{text}\n<!-- /speed -->"
    return re.sub(
        r"<!-- speed -->.*<!-- /speed -->", lambda _: marked, readme, flags=re.DOTALL
    )


def main() -> None:
    chosen = options().parse_args()
    rows = []
    console = Console(stderr=True)
    for script in track(chosen.only or SCRIPTS, "Measuring", console=console):
        found = [claim.row(script) for claim in claims(script, chosen)]
        console.print("\n".join(found), markup=False)
        rows += found
    print(machine(), "", table(rows), sep="\n")
    if not chosen.only:
        text = f"{ABOUT} {machine()}\n\n{table(rows)}"
        README.write_text(with_table(README.read_text(), text))


if __name__ == "__main__":
    main()
