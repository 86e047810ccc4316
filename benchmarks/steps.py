"""The time of a training step on a large table, ours and its peers' in one run.

    python -m benchmarks.steps [--torch PYTHON]

Each step looks up a batch of ids, takes the mean of each text and a dense layer of it,
and updates. Times are medians; peers take turns, so that a slow minute hits all.
"""

import argparse
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.claim import Claim

N, SIZE, BATCH, LENGTH = 400_000, 300, 64, 50
Step = Callable[[np.ndarray, np.ndarray], object]


def batches(n: int, seed: int = 0) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Ids 1..n with the frequencies of words (Zipf), and targets."""
    rng = np.random.default_rng(seed)
    target = np.zeros((BATCH, 1), "float32")
    while True:
        ranks = np.exp(rng.random((BATCH, LENGTH)) * np.log(n))
        yield np.clip(ranks.astype("int64"), 1, n), target


def keras_step(layer, optimizer, xla: bool = False) -> Step:
    import keras

    ids = keras.Input((LENGTH,), dtype="int64")
    hidden = keras.layers.GlobalAveragePooling1D()(layer(ids))
    model = keras.Model(ids, keras.layers.Dense(1)(hidden))
    model.compile(optimizer, "mse", jit_compile=xla)
    return model.train_on_batch


def ours(optimizer, n: int = N, xla: bool = False) -> Step:
    from keras_wembed import EmbeddingLayer
    from keras_wembed.optimizers import LazyOptimizer

    if optimizer != "sgd":
        optimizer = LazyOptimizer(optimizer)
    return keras_step(EmbeddingLayer(SIZE, n), optimizer, xla)


def kerass_own(optimizer: str, xla: bool = False) -> Step:
    import keras

    layer = keras.layers.Embedding(N + 1, SIZE, mask_zero=True)
    return keras_step(layer, optimizer, xla)


def by_hand() -> Step:
    """Lazy Adam written out in TensorFlow: what a wrapper could cost at best."""
    import tensorflow as tf

    table = tf.Variable(tf.random.uniform((N, SIZE), -0.05, 0.05))
    dense = tf.Variable(tf.random.uniform((SIZE, 1)))
    bias = tf.Variable(tf.zeros(1))
    slots = {
        v.ref(): [tf.Variable(tf.zeros_like(v)) for _ in "mv"]
        for v in (table, dense, bias)
    }
    count = tf.Variable(0.0)

    def rate():
        count.assign_add(1.0)
        return 0.001 * tf.sqrt(1 - 0.999**count) / (1 - 0.9**count)

    def update(variable, gradient, alpha):
        m, v = slots[variable.ref()]
        if not isinstance(gradient, tf.IndexedSlices):
            m.assign_add(0.1 * (gradient - m))
            v.assign_add(0.001 * (gradient**2 - v))
            variable.assign_sub(alpha * m / (tf.sqrt(v) + 1e-7))
            return
        rows, group = tf.unique(gradient.indices)
        g = tf.math.unsorted_segment_sum(gradient.values, group, tf.size(rows))
        new_m, new_v = tf.gather(m, rows), tf.gather(v, rows)
        new_m += 0.1 * (g - new_m)
        new_v += 0.001 * (g**2 - new_v)
        m.scatter_update(tf.IndexedSlices(new_m, rows))
        v.scatter_update(tf.IndexedSlices(new_v, rows))
        step = alpha * new_m / (tf.sqrt(new_v) + 1e-7)
        variable.scatter_sub(tf.IndexedSlices(step, rows))

    @tf.function(reduce_retracing=True)
    def train(ids, target):
        with tf.GradientTape() as tape:
            vectors = tf.gather(table, ids - 1)
            out = tf.reduce_mean(vectors, 1) @ dense + bias
            loss = tf.reduce_mean((out - target) ** 2)
        alpha = rate()
        variables = (table, dense, bias)
        for variable, gradient in zip(
            variables, tape.gradient(loss, variables), strict=True
        ):
            update(variable, gradient, alpha)
        return loss

    return lambda ids, target: float(train(tf.constant(ids), tf.constant(target)))


def torchs_sparse_adam() -> Step:
    import torch

    torch.set_num_threads(1)  # Of two, each waits for the other: 21 times slower.
    torch.manual_seed(0)
    table = torch.nn.EmbeddingBag(N, SIZE, mode="mean", sparse=True)
    dense = torch.nn.Linear(SIZE, 1)
    optimizers = [
        torch.optim.SparseAdam(table.parameters()),
        torch.optim.Adam(dense.parameters()),
    ]

    def step(ids, target):
        for optimizer in optimizers:
            optimizer.zero_grad()
        out = dense(table(torch.from_numpy(ids) - 1))
        loss = ((out - torch.from_numpy(target)) ** 2).mean()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        return float(loss.detach())

    return step


def medians(
    steps: dict[str, Step], ns: dict[str, int], rounds: int
) -> dict[str, float]:
    """Milliseconds of each step: the median over rounds in which they take turns."""
    data = {name: batches(ns.get(name, N)) for name in steps}
    times: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(rounds + 3):
        for name, step in steps.items():
            batch = next(data[name])
            start = time.perf_counter()
            step(*batch)
            if turn >= 3:  # The first ones compile.
                times[name].append(time.perf_counter() - start)
    return {name: 1000 * statistics.median(each) for name, each in times.items()}


def table(title: str, found: dict[str, float], base: str) -> None:
    print(f"\n{title}\n")
    print("| step | ms | ratio |\n|---|---|---|")
    for name, ms in found.items():
        print(f"| {name} | {ms:.1f} | {ms / found[base]:.2f} |")


def torch_in(python: str) -> dict[str, float]:
    """PyTorch's step, timed in another environment: the two do not share one well."""
    command = [python, "-m", "benchmarks.steps", "--only-torch"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {"PyTorch, SparseAdam": float(done.stdout)}


def claims(_: argparse.Namespace) -> Iterator[Claim]:
    for optimizer, by in {"adam": "`LazyOptimizer`", "sgd": "`EmbeddingLayer`"}.items():
        found = medians({"ours": ours(optimizer)}, {}, 60)
        found |= medians({"peer": kerass_own(optimizer)}, {}, 10)
        name = {"adam": "Adam", "sgd": "SGD"}[optimizer]
        what = f"a step of {name} on 400,000 x 300"
        yield Claim(what, found["ours"], by, found["peer"], "Keras's `Embedding`")


def main() -> None:
    parser = argparse.ArgumentParser(description="Times of training steps.")
    parser.add_argument("--torch", metavar="PYTHON", help="a Python that has PyTorch")
    parser.add_argument("--only-torch", action="store_true")
    options = parser.parse_args()
    if options.only_torch:
        print(medians({"torch": torchs_sparse_adam()}, {}, 60)["torch"])
        return
    lazy, hand = "EmbeddingLayer, LazyOptimizer('adam')", "written out in TensorFlow"
    found = medians({lazy: ours("adam"), hand: by_hand()}, {}, 100)
    found |= medians({"keras Embedding, 'adam'": kerass_own("adam")}, {}, 7)
    found |= torch_in(options.torch) if options.torch else {}
    table("Adam, 400,000 x 300, batch 64 x 50", found, lazy)
    sgd = "EmbeddingLayer, 'sgd'"
    found = medians({sgd: ours("sgd")}, {}, 60)
    found |= medians({"keras Embedding, 'sgd'": kerass_own("sgd")}, {}, 15)
    table("SGD, 400,000 x 300, batch 64 x 50", found, sgd)
    found = medians({lazy: ours("adam", xla=True)}, {}, 60)
    found |= medians({"keras Embedding, 'adam'": kerass_own("adam", xla=True)}, {}, 7)
    table("Adam, compiled by XLA", found, lazy)
    ns = {f"n = {n:,}": n for n in (10_000, 100_000, 1_000_000)}
    found = medians({name: ours("adam", n) for name, n in ns.items()}, ns, 100)
    table("LazyOptimizer('adam') by the size of the table", found, "n = 10,000")


if __name__ == "__main__":
    main()
