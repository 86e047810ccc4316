"""From an archive of 400,000 x 50 on disk to vectors: ours, and how others do it.

python -m benchmarks.reading [--tokens FILE] [--folder FOLDER]

Ours verifies the digest of the archive, reads it and writes the cached table. The peers
read the text into memory, without a digest. Needs the extra `bench`.
"""

import argparse
import functools
import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.archive import COUNT, MEMBER, NAME, SIZE, archive, card
from benchmarks.claim import Claim
from benchmarks.measuring import measured

Work = Callable[[], object]


def inflating(path: Path) -> Work:
    def work() -> None:
        with zipfile.ZipFile(path).open(MEMBER) as member:
            while member.read(1 << 20):
                pass

    return work


def ours(path: Path) -> Work:
    """The digest, the table, and the vectors mapped from it."""
    home = Path(tempfile.mkdtemp(dir=path.parent))
    os.environ["KERAS_WEMBED_HOME"] = str(home)
    from keras_wembed import zoo

    card(path, home)

    def work() -> None:
        zoo.add(NAME, path)
        assert len(zoo.vectors(NAME)) == COUNT
        shutil.rmtree(home)

    return work


def gensim(path: Path) -> Work:
    from gensim.models import KeyedVectors

    def work() -> None:
        text = path.with_suffix(".txt")
        KeyedVectors.load_word2vec_format(text, binary=False, no_header=True)

    return work


def pandas(path: Path) -> Work:
    import pandas as reader

    def work() -> None:
        frame = reader.read_csv(
            path.with_suffix(".txt"),
            sep=" ",
            header=None,
            index_col=0,
            quoting=3,
            na_filter=False,
            dtype=dict.fromkeys(range(1, SIZE + 1), np.float32),
        )
        assert frame.to_numpy().shape == (COUNT, SIZE)

    return work


def polars(path: Path) -> Work:
    import polars as reader

    def work() -> None:
        frame = reader.read_csv(
            path.with_suffix(".txt"),
            separator=" ",
            has_header=False,
            quote_char=None,
            schema={
                f"c{at}": reader.Float32 if at else reader.String
                for at in range(SIZE + 1)
            },
        )
        assert frame.drop("c0").to_numpy().shape == (COUNT, SIZE)

    return work


def keras_example(path: Path) -> Work:
    """The loop of keras.io's example of pretrained word embeddings."""

    def work() -> None:
        index = {}
        with path.with_suffix(".txt").open(encoding="utf-8") as file:
            for line in file:
                word, coefs = line.split(maxsplit=1)
                index[word] = np.fromstring(coefs, "f", sep=" ")
        matrix = np.zeros((len(index) + 2, SIZE))
        for at, vector in enumerate(index.values()):
            matrix[at + 2] = vector

    return work


def hashing(path: Path) -> Work:
    return functools.partial(lambda: hashlib.sha256(path.read_bytes()).hexdigest())


def unpacked(options: argparse.Namespace) -> Path:
    """The archive, its member beside it for those who cannot read a zip."""
    path = archive(options.folder.absolute(), options.tokens)
    with zipfile.ZipFile(path) as packed:
        path.with_suffix(".txt").write_bytes(packed.read(MEMBER))
    return path


def claims(chosen: argparse.Namespace) -> Iterator[Claim]:
    path = unpacked(chosen)
    mine, peers = (
        min(measured(work, path).seconds for _ in range(2)) for work in (ours, gensim)
    )
    what = "from a zip of 400,000 x 50 to a verified table"
    yield Claim(what, mine, "`zoo`", peers, "gensim, without a digest", "s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tokens", type=Path, help="a file with one token a line")
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"))
    options = parser.parse_args()
    path = unpacked(options)
    base = measured(ours, path).seconds
    print(f"{'':15}{'seconds':>9}{'/ ours':>8}{'of CPU':>8}{'peak MiB':>10}")
    for work in (ours, inflating, hashing, gensim, pandas, polars, keras_example):
        seconds, cpu, peak = min(measured(work, path) for _ in range(3))
        base = seconds if work is ours else base
        ratio = seconds / base
        print(f"{work.__name__:15}{seconds:9.2f}{ratio:8.2f}{cpu:8.2f}{peak:10.0f}")
    print(f"The table itself takes {COUNT * SIZE * 4 / 2**20:.0f} MiB.")


if __name__ == "__main__":
    main()
