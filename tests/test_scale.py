"""The examples of more than one machine's work run, and give the right numbers."""

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from examples import corpus, sentiment
from keras_wembed import WordVectors, zoo

ROOT = Path(__file__).parents[1]
VECTORS = {"good": [1, 1], "film": [0, 1], "bad": [-1, 1], "the": [0, 0]}
LINES = ["good film", "bad", "", "the good", "film bad", "good good film"]
ROWS = [[0.5, 1], [-1, 1], [0, 0], [0.5, 0.5], [-0.5, 1], [2 / 3, 1]]


# No page of Spark's at a port of its own, and no name to look up.
QUIET = {
    "PYSPARK_SUBMIT_ARGS": "--conf spark.ui.enabled=false pyspark-shell",
    "SPARK_LOCAL_IP": "127.0.0.1",
}


def output(*command):
    """What a command prints, once it and all that it started have ended."""
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=ROOT,
        env=os.environ | QUIET | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.keras"
    vectors = WordVectors(list(VECTORS), np.array(list(VECTORS.values()), "float32"))
    corpus.model_of(sentiment.layer_of(vectors)).save(path)
    return str(path)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The lines 500 times in a text file, then as they are in a zipped one."""
    folder = tmp_path_factory.mktemp("files")
    folder.joinpath("long.txt").write_text("\n".join(LINES * 500))
    with gzip.open(folder / "short.txt.gz", "wt") as file:
        file.write("\n".join(LINES) + "\n")
    return [str(folder / "long.txt"), str(folder / "short.txt.gz")]


def test_corpus_has_a_row_for_each_line_in_order(model, files, tmp_path, capsys):
    corpus.main(tmp_path / "vectors.npy", model, *files)
    found = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    np.testing.assert_allclose(found, ROWS * 501, atol=1e-6)
    assert re.fullmatch(r"3006 texts, [\d,]+ per second\n", capsys.readouterr().out)


def test_corpus_takes_the_vectors_that_ship(files, tmp_path):
    corpus.main(tmp_path / "vectors.npy", files[1])
    found = np.load(tmp_path / "vectors.npy")
    assert found.shape == (6, 50)
    assert found.any(1).tolist() == [True, True, False, True, True, True]


def test_spark_gives_the_vectors_of_the_corpus(model, files, tmp_path):
    pytest.importorskip("pyspark")
    parquet = pytest.importorskip("pyarrow.parquet")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs Java, and none is installed")
    said = output("-m", "examples.spark", tmp_path / "vectors", model, *files)
    assert said.endswith("3006 texts\n")
    assert len(list(tmp_path.glob("vectors/*.parquet"))) == 2  # of two workers
    found = parquet.read_table(tmp_path / "vectors").to_pydict()
    assert sorted(found["text"]) == sorted(LINES * 501)
    expected = dict(zip(LINES, ROWS, strict=True))
    expected = [expected[text] for text in found["text"]]
    np.testing.assert_allclose(found["vector"], expected, atol=1e-6)


# Which ids have another vector than at first, once the servers are gone.
TRAINED = """
import sys
import keras
import numpy as np
from examples import corpus, parameter_server
from keras_wembed import zoo

if __name__ == "__main__":
    corpus.model_of(parameter_server.main(steps=20)).save(sys.argv[1])
    found = keras.models.load_model(sys.argv[1]).layers[0].embeddings.numpy()
    moved = (found != zoo.load().embeddings.numpy()).any(1)
    print(*np.flatnonzero(moved) + 1)
"""


def test_two_workers_train_a_table_on_two_servers(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(TRAINED)
    *parts, loss, moved = output(program, tmp_path / "model.keras").splitlines()
    assert parts == [
        "20001 of 40001 rows on /job:ps/replica:0/task:0/device:CPU:0",
        "20000 of 40001 rows on /job:ps/replica:0/task:1/device:CPU:0",
    ]
    first, last = map(float, re.findall(r"0\.\d+", loss))
    assert last < first - 0.03
    ids = np.unique(zoo.load().encoder(sentiment.reviews(sentiment.SMALL)[0]))
    assert moved.split() == list(map(str, ids[ids > 0]))


@pytest.mark.parametrize("name", ["cluster", "corpus", "parameter_server", "spark"])
def test_example_is_short(name):
    lines = (ROOT / "examples" / f"{name}.py").read_text().splitlines()
    assert len(lines) <= 60
