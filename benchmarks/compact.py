"""Bytes and times of a table of 400,000 x 300, kept small or adapted by LoRA.

    python -m benchmarks.compact [--n N] [--folder FOLDER]

Beside each of ours stands Keras's `Embedding`, with `quantize` and `enable_lora`. Each
is saved, exported and loaded in processes of their own; memory is what loading the
`.keras` file adds to a process, after it and at its peak. Times are medians; the layers
take turns.
"""

import argparse
import multiprocessing
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import bytes_of, watched
from benchmarks.steps import batches

SIZE, LENGTH, RANK, ROUNDS = 300, 50, 4, 50
OURS: dict[str, dict[str, Any]] = {
    "float32": {},
    "float16": {"dtype": "float16"},
    "int8": {"dtype": "int8"},
    "float32 + LoRA": {"lora_rank": RANK},
    "int8 + LoRA": {"dtype": "int8", "lora_rank": RANK},
}
PEERS = ("float32", "int8", "float32 + LoRA", "int8 + LoRA")


def rows(n: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((n, SIZE), np.float32)


def our_layer(name: str, n: int) -> Any:
    from keras_wembed import EmbeddingLayer

    return EmbeddingLayer(weights=rows(n), **OURS[name])


def keras_layer(name: str, n: int) -> Any:
    import keras

    layer = keras.layers.Embedding(n + 1, SIZE, mask_zero=True)
    layer.build(None)
    layer.embeddings.assign(np.concatenate([np.zeros((1, SIZE), "f4"), rows(n)]))
    if name.startswith("int8"):
        layer.quantize("int8")
    if name.endswith("LoRA"):
        layer.enable_lora(RANK)
    return layer


def model_of(layer: Any) -> Any:
    import keras

    ids = keras.Input((LENGTH,), dtype="int64")
    hidden = keras.layers.GlobalAveragePooling1D()(layer(ids))
    return keras.Model(ids, keras.layers.Dense(1)(hidden))


def write(make: Callable[[], Any], folder: Path, ours: bool) -> tuple[float, ...]:
    """MB of the `.keras` file, and of the SavedModel by each way to export one."""
    from keras_wembed import export

    model = model_of(make())
    model.save(folder / "model.keras")
    model.export(folder / "exported", verbose=False)
    sizes = [(folder / "model.keras").stat().st_size, bytes_of(folder / "exported")]
    if ours:
        sizes.append(bytes_of(export(model, folder / "served")))
    return tuple(size / 1e6 for size in sizes)


def load(folder: Path) -> tuple[float, float, float]:
    """Seconds to load the `.keras` file; MB that it adds, and at the peak."""
    import keras

    import keras_wembed  # noqa: F401  which registers our layer

    keras.layers.Embedding(2, 2)(np.ones(1))  # What TensorFlow does once only.
    _model, run = watched(lambda: keras.models.load_model(folder / "model.keras"))
    after, peak = (each - run.before for each in (run.after, run.peak))
    return run.seconds, after / 1e6, peak / 1e6


def alone(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function gives in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def milliseconds(calls: dict[str, Callable[[np.ndarray], Any]], n: int) -> Any:
    """The medians of calls that take turns."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    data = batches(n)
    for turn in range(ROUNDS + 3):
        ids, _ = next(data)
        for name, call in calls.items():
            start = time.perf_counter()
            call(ids)
            if turn >= 3:  # The first ones compile.
                times[name].append(time.perf_counter() - start)
    return {name: 1000 * statistics.median(each) for name, each in times.items()}


def forward(layers: dict[str, Any]) -> dict[str, Callable[[np.ndarray], Any]]:
    import tensorflow as tf

    functions = {name: tf.function(layer) for name, layer in layers.items()}
    return {
        name: lambda ids, call=call: call(tf.constant(ids)).numpy()
        for name, call in functions.items()
    }


def training(layers: dict[str, Any]) -> dict[str, Callable[[np.ndarray], Any]]:
    """A step of Adam: ours with the wrapper that spares rows out of the batch."""
    from keras_wembed import LazyOptimizer

    steps, target = {}, np.zeros((64, 1), "float32")
    for name, layer in layers.items():
        model = model_of(layer)
        lazy = name.startswith("ours")
        model.compile(LazyOptimizer("adam") if lazy else "adam", "mse")
        steps[name] = lambda ids, model=model: model.train_on_batch(ids, target)
    return steps


def worst_cosine(layer: Any, n: int) -> float:
    """The least likeness of a row and what became of it."""
    given, found = rows(n), np.asarray(layer.embeddings)
    lengths = np.linalg.norm(given, axis=1) * np.linalg.norm(found, axis=1)
    return float((np.einsum("ij,ij->i", given, found) / lengths).min())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--n", type=int, default=400_000)
    parser.add_argument("--folder", type=Path, default=Path("build/benchmarks"))
    options = parser.parse_args()
    n = options.n
    makers = {f"ours, {name}": partial(our_layer, name, n) for name in OURS}
    makers |= {f"Keras, {name}": partial(keras_layer, name, n) for name in PEERS}

    print(f"{n:,} x {SIZE}: MB, and seconds to load\n")
    print("| layer | .keras | model.export | kw.export | memory | peak | load |")
    print("|---|---|---|---|---|---|---|")
    for name, make in makers.items():
        folder = options.folder / "compact" / name.replace(" ", "")
        folder.mkdir(parents=True, exist_ok=True)
        saved, exported, *served = alone(write, make, folder, name.startswith("ours"))
        seconds, memory, peak = alone(load, folder)
        shown = f"{served[0]:.0f}" if served else "-"
        print(
            f"| {name} | {saved:.0f} | {exported:.0f} | {shown} | {memory:.0f} "
            f"| {peak:.0f} | {seconds:.2f} s |",
            flush=True,
        )

    layers = {name: make() for name, make in makers.items()}
    called = milliseconds(forward(layers), n)
    adapted = {name: layers[name] for name in layers if name.endswith("LoRA")}
    trained = milliseconds(training(adapted), n)
    print("\nBatches of 64 x 50: ms, and the ratio to Keras's layer of the same kind\n")
    print("| layer | forward | ratio | a step of Adam | ratio |\n|---|---|---|---|---|")
    for name in layers:
        kind = name.partition(", ")[2]
        peer = f"Keras, {kind if kind in PEERS else 'float32'}"
        cells = [f"{called[name]:.2f}", f"{called[peer] / called[name]:.1f}"]
        if name in trained:
            ratio = trained[peer] / trained[name]
            cells += [f"{trained[name]:.1f}", f"{ratio:.1f}"]
        else:
            cells += ["-", "-"]
        print(f"| {name} | {' | '.join(cells)} |")
    for name in ("float16", "int8"):
        cosine = worst_cosine(layers[f"ours, {name}"], n)
        print(f"\nleast cosine of a row kept as {name}: {cosine:.6f}")


if __name__ == "__main__":
    main()
