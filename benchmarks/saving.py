"""A text model of 400,000 x 300 in a `.keras` file: its size, to save it, to load it.

python -m benchmarks.saving [--tokens FILE] [--folder FOLDER]

Beside it Keras's own layers; the least that loading can take, to read the file's bytes
and to build TensorFlow's table of the tokens; and the least that it takes in Keras: a
layer that has such a matrix and nothing else.
"""

import argparse
import functools
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.archive import COUNT
from benchmarks.claim import Claim

SIZE, REPEATS = 300, 3


def seconds(function: Callable[[], object], repeats: int = REPEATS) -> float:
    """The median of some runs."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def words(path: Path | None) -> list[str]:
    if path is None:
        return [f"token{at}" for at in range(COUNT)]
    return path.read_bytes().decode().split("\n")[:COUNT]


def model(tokens: list[str], ours: bool):
    """Text in, a vector for each token out."""
    import keras

    from keras_wembed import EmbeddingLayer, TokenEncoder

    text = keras.Input((), dtype="string")
    rows = np.random.default_rng(0).normal(size=(len(tokens) + 2, SIZE)).astype("f4")
    if ours:
        encoder = TokenEncoder(tokens, split="whitespace")
        layer = EmbeddingLayer(weights=rows[1:], input=encoder)
        return keras.Model(text, layer(text))
    split = keras.layers.TextVectorization(vocabulary=tokens)
    embedding = keras.layers.Embedding(len(tokens) + 2, SIZE, mask_zero=True)
    whole = keras.Model(text, embedding(split(text)))
    embedding.set_weights([rows])
    return whole


def least(path: Path, tokens: list[str]) -> float:
    """The seconds of reading the bytes and of building TensorFlow's table."""
    import tensorflow as tf

    def build() -> None:
        ids = tf.range(1, len(tokens) + 1, dtype=tf.int64)
        entries = tf.lookup.KeyValueTensorInitializer(tf.constant(tokens), ids)
        tf.lookup.StaticHashTable(entries, len(tokens) + 1)

    return seconds(path.read_bytes) + seconds(build)


def bare(folder: Path) -> float:
    """The seconds in which Keras loads a matrix of that size, first zeros, alone."""
    import keras

    @keras.saving.register_keras_serializable("benchmarks")
    class Matrix(keras.layers.Layer):
        def build(self, input_shape):
            self.matrix = self.add_weight(shape=(COUNT + 1, SIZE), initializer="zeros")

        def call(self, inputs):
            return inputs

    path = folder / "bare.keras"
    keras.Sequential([keras.Input((1,)), Matrix()]).save(path)
    return seconds(lambda: keras.models.load_model(path))


def measured(folder: Path, tokens: list[str], ours: bool) -> tuple[Path, float, float]:
    """The file, and the seconds of saving and of loading it."""
    import keras

    path = folder / f"{'ours' if ours else 'keras'}.keras"
    saving = seconds(functools.partial(model(tokens, ours).save, path), 1)
    return path, saving, seconds(lambda: keras.models.load_model(path))


def claims(chosen: argparse.Namespace) -> Iterator[Claim]:
    yield everything(chosen)[1]


def everything(chosen: argparse.Namespace) -> list[Claim]:
    """Of saving, of loading, and of loading beside the least."""
    folder, tokens = chosen.folder.absolute(), words(chosen.tokens)
    folder.mkdir(parents=True, exist_ok=True)
    path, saving, loading = measured(folder, tokens, ours=True)
    bound, in_keras = least(path, tokens), bare(folder)
    _, peer_saving, peer_loading = measured(folder, tokens, ours=False)
    by, peer = "`EmbeddingLayer`", "Keras's layers"
    saved = "saving a text model of 400,000 x 300"
    loaded = "loading a text model of 400,000 x 300"
    bytes_and_table = "its bytes and TensorFlow's table"
    return [
        Claim(saved, saving, by, peer_saving, peer, "s"),
        Claim(loaded, loading, by, peer_loading, peer, "s"),
        Claim(loaded, loading, by, bound, bytes_and_table, "s"),
        Claim(loaded, loading, by, in_keras, "a bare Keras variable", "s"),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tokens", type=Path, help="a file with one token a line")
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"))
    for claim in everything(parser.parse_args()):
        print(claim.row("saving"))


if __name__ == "__main__":
    main()
