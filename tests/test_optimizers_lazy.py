"""LazyOptimizer against the plain Keras optimizer on the dense gradient."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_wembed.optimizers import LazyOptimizer

N, SIZE = 6, 4
ACCUMULATION = "accumulation, overwrite, clip"

OPTIMIZERS = {
    "sgd": (keras.optimizers.SGD, {"learning_rate": 0.01}),
    "momentum": (keras.optimizers.SGD, {"learning_rate": 0.01, "momentum": 0.9}),
    "nesterov": (
        keras.optimizers.SGD,
        {"learning_rate": 0.01, "momentum": 0.9, "nesterov": True},
    ),
    "adam": (keras.optimizers.Adam, {}),
    "amsgrad": (keras.optimizers.Adam, {"amsgrad": True}),
    "adamw": (keras.optimizers.AdamW, {"weight_decay": 0.1}),
    "adagrad": (keras.optimizers.Adagrad, {}),
    "rmsprop": (keras.optimizers.RMSprop, {}),
    "centered": (keras.optimizers.RMSprop, {"centered": True, "momentum": 0.9}),
    "adadelta": (keras.optimizers.Adadelta, {"learning_rate": 1.0}),
    "adamax": (keras.optimizers.Adamax, {}),
    "nadam": (keras.optimizers.Nadam, {}),
    "lion": (keras.optimizers.Lion, {}),
    "ftrl": (keras.optimizers.Ftrl, {"l1_regularization_strength": 0.01}),
    "muon": (keras.optimizers.Muon, {}),
    "schedule free": (keras.optimizers.ScheduleFreeAdamW, {}),
}
OPTIONS = {
    "alone": {},
    "clipnorm": {"clipnorm": 0.05},
    "clipvalue": {"clipvalue": 0.1},
    "global clipnorm": {"global_clipnorm": 0.05},
    "weight decay": {"weight_decay": 0.1},
    "average": {"use_ema": True, "ema_momentum": 0.8},
    "overwrite": {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 2},
    "accumulation": {"gradient_accumulation_steps": 2},
    ACCUMULATION: {
        "gradient_accumulation_steps": 2,
        "use_ema": True,
        "ema_overwrite_frequency": 2,
        "global_clipnorm": 0.05,
    },
    "schedule": {
        "learning_rate": keras.optimizers.schedules.ExponentialDecay(0.01, 2, 0.5)
    },
}


def plain(name, **options):
    optimizer, arguments = OPTIMIZERS[name]
    return optimizer(**arguments | options)


def gradients(steps=4):
    """Sparse gradients that name every row, some several times, and dense ones."""
    rng = np.random.default_rng(0)
    for _ in range(steps):
        ids = rng.permutation([*range(N), *rng.integers(0, N, 6)]).astype("int32")
        values = rng.normal(size=(12, SIZE)).astype("float32")
        slices = tf.IndexedSlices(tf.constant(values), tf.constant(ids), (N, SIZE))
        yield slices, tf.constant(rng.normal(size=SIZE).astype("float32"))


def train(optimizer, *, dense=False, compiled=False):
    """A table and a dense weight after four steps."""
    start = np.random.default_rng(1).normal(size=(N, SIZE)).astype("float32")
    variables = [
        keras.Variable(start, name="embeddings"),
        keras.Variable(start[0], name="scale"),
    ]

    def step(values, ids, other):
        slices = tf.IndexedSlices(values, ids, (N, SIZE))
        table = tf.convert_to_tensor(slices) if dense else slices
        optimizer.apply([table, other], variables)

    optimizer.build(variables)
    run = tf.function(step, jit_compile=True) if compiled else step
    for slices, other in gradients():
        run(slices.values, slices.indices, other)
    optimizer.finalize_variable_values(variables)
    return [v.numpy() for v in variables]


def assert_close(got, expected):
    for g, e in zip(got, expected, strict=True):
        np.testing.assert_allclose(g, e, atol=1e-6)


PAIRS = [
    *((name, option) for name in OPTIMIZERS for option in ("alone", ACCUMULATION)),
    *((name, option) for name in ("momentum", "adamw", "nadam") for option in OPTIONS),
]


@pytest.mark.parametrize(("name", "option"), dict.fromkeys(PAIRS))
def test_equals_the_plain_optimizer_where_all_rows_are_touched(name, option):
    options = OPTIONS[option]
    lazy = train(LazyOptimizer(plain(name, **options)))
    assert_close(lazy, train(plain(name, **options), dense=True))


@pytest.mark.parametrize("options", ["alone", "clipvalue", ACCUMULATION])
@pytest.mark.parametrize("name", ["sgd", "adam", "ftrl"])
def test_xla_changes_nothing(name, options):
    options = OPTIONS[options]
    lazy = train(LazyOptimizer(plain(name, **options)), compiled=True)
    assert_close(lazy, train(plain(name, **options), dense=True))


RESTING = {name: OPTIONS[name] for name in OPTIONS if name != "weight decay"}


@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("options", RESTING.values(), ids=RESTING)
def test_sgd_equals_the_plain_one_also_where_rows_rest(options, compiled):
    """It has no memory of its own, so what it sums and averages must be exact."""
    start = np.random.default_rng(1).normal(size=(N, SIZE)).astype("float32")
    tables = [keras.Variable(start, name="embeddings") for _ in range(2)]
    lazy, dense = LazyOptimizer(plain("sgd", **options)), plain("sgd", **options)
    lazy.build(tables[:1])

    def step(values, ids):
        slices = tf.IndexedSlices(values, ids, (N, SIZE))
        lazy.apply([slices], tables[:1])

    run = tf.function(step, jit_compile=True) if compiled else step
    rng = np.random.default_rng(0)
    for ids in ([0, 1, 1], [2, 2, 2], [1, 3, 0], [4, 3, 4], [0, 1, 3], [2, 0, 0]):
        values = tf.constant(rng.normal(size=(3, SIZE)), tf.float32)
        run(values, tf.constant(ids))
        slices = tf.IndexedSlices(values, tf.constant(ids), (N, SIZE))
        dense.apply([tf.convert_to_tensor(slices)], tables[1:])
        np.testing.assert_allclose(tables[0], tables[1], atol=1e-6)
    for optimizer, table in zip((lazy, dense), tables, strict=True):
        optimizer.finalize_variable_values([table])
    np.testing.assert_allclose(tables[0], tables[1], atol=1e-6)


CONSTRAINTS = [
    (keras.constraints.UnitNorm(axis=1), [0, 1]),
    (keras.constraints.MaxNorm(0.5, axis=-1), [0, 1]),
    (keras.constraints.NonNeg(), [0, 1]),
    (keras.constraints.UnitNorm(axis=0), range(N)),
    (lambda w: w * 2, range(N)),
]


@pytest.mark.parametrize(("constraint", "rows"), CONSTRAINTS)
def test_constraint_acts_on_the_rows_of_the_batch_or_on_all(constraint, rows):
    start = np.random.default_rng(1).normal(size=(N, SIZE)).astype("float32")
    tables = [keras.Variable(start, name="embeddings") for _ in range(2)]
    slices = tf.IndexedSlices(tf.ones((3, SIZE)), [0, 1, 1], (N, SIZE))
    for table in tables:
        table.constraint = constraint
    LazyOptimizer("sgd").apply([slices], tables[:1])
    keras.optimizers.SGD().apply([tf.convert_to_tensor(slices)], tables[1:])
    rows = list(rows)
    np.testing.assert_allclose(
        tables[0].numpy()[rows], tables[1].numpy()[rows], atol=1e-6
    )
    rest = np.setdiff1d(range(N), rows)
    np.testing.assert_array_equal(tables[0].numpy()[rest], start[rest])


@pytest.mark.parametrize("widths", [[2, 4, 4, 2], [1, 3, 1, 5, 5, 1, 1, 1]])
def test_xla_sums_batches_of_any_width(widths):
    rng = np.random.default_rng(0)
    named = [rng.permutation(N)[:width] for width in widths]

    def trained(jit_compile):
        table = keras.Variable(np.ones((N, SIZE), "float32"), name="embeddings")
        lazy = LazyOptimizer(plain("adam", gradient_accumulation_steps=2))
        lazy.build([table])

        @tf.function(jit_compile=jit_compile)
        def step(values, ids):
            lazy.apply([tf.IndexedSlices(values, ids, (N, SIZE))], [table])

        for ids in named:
            step(tf.ones((len(ids), SIZE)) * ids[:, np.newaxis], tf.constant(ids))
        return table.numpy()

    np.testing.assert_allclose(trained(True), trained(False), atol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_rows_that_rest_are_not_written(name):
    lazy = LazyOptimizer(plain(name))
    table = keras.Variable(np.ones((N, SIZE), "float32"), name="embeddings")
    everything = tf.IndexedSlices(tf.ones((N, SIZE)), tf.range(N), (N, SIZE))
    lazy.apply([everything], [table])
    inner = [v for v in lazy.inner_optimizer.variables if v.shape == (N, SIZE)]
    before = [v.numpy() for v in [table, *inner]]
    some = tf.IndexedSlices(tf.ones((3, SIZE)), [1, 4, 1], (N, SIZE))
    lazy.apply([some], [table])
    for old, new in zip(before, [table, *inner], strict=True):
        np.testing.assert_array_equal(
            np.delete(old, [1, 4], 0), np.delete(new, [1, 4], 0)
        )
    assert (before[0][[1, 4]] != table.numpy()[[1, 4]]).all()


@pytest.mark.parametrize(
    "options", [{}, {"global_clipnorm": 0.1}, {"weight_decay": 0.1}]
)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_rows_that_are_touched_step_as_in_the_dense_optimizer(name, options):
    """From any state: the lazy step is the dense one, restricted to some rows."""
    start = np.random.default_rng(0).normal(size=(N, SIZE)).astype("float32")
    tables = [keras.Variable(start, name="embeddings") for _ in range(2)]
    lazy, dense = LazyOptimizer(plain(name, **options)), plain(name, **options)
    for optimizer, table in zip([lazy, dense], tables, strict=True):
        optimizer.build([table])
    for ids in ([0, 1, 1], [2, 0, 3], [1, 5, 5]):
        slices = tf.IndexedSlices(tf.random.normal((3, SIZE), seed=1), ids, (N, SIZE))
        dense.set_weights([v.numpy() for v in lazy.inner_optimizer.variables])
        tables[1].assign(tables[0])
        lazy.apply([slices], tables[:1])
        dense.apply([tf.convert_to_tensor(slices)], tables[1:])
        kept = zip(
            [tables[0], *lazy.inner_optimizer.variables],
            [tables[1], *dense.variables],
            strict=True,
        )
        for one, other in kept:
            rows = ids if one.shape == (N, SIZE) else ...
            np.testing.assert_allclose(
                one.numpy()[rows], other.numpy()[rows], rtol=1e-5, atol=1e-6
            )


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("name", ["momentum", "adamw"])
def test_no_step_makes_a_tensor_of_the_size_of_the_table(name, options):
    n = 997
    table = keras.Variable(np.ones((n, SIZE), "float32"), name="embeddings")
    optimizer = LazyOptimizer(plain(name, **options))
    optimizer.build([table])

    @tf.function
    def step(values, ids):
        optimizer.apply([tf.IndexedSlices(values, ids, (n, SIZE))], [table])

    graph = step.get_concrete_function(tf.ones((3, SIZE)), tf.constant([1, 2, 1])).graph
    assert largest(graph) < n * SIZE


def largest(graph):
    """The size of the largest tensor in a graph, as far as shapes are known."""
    graphs = [
        graph,
        *(f.graph for f in graph._functions.values() if hasattr(f, "graph")),
    ]
    tensors = [t for g in graphs for op in g.get_operations() for t in op.outputs]
    return max(t.shape.num_elements() or 0 for t in tensors)


def test_a_plain_step_makes_one():
    table = keras.Variable(np.ones((997, SIZE), "float32"), name="embeddings")
    optimizer = keras.optimizers.Adam()
    optimizer.build([table])

    @tf.function
    def step(values, ids):
        optimizer.apply([tf.IndexedSlices(values, ids, (997, SIZE))], [table])

    graph = step.get_concrete_function(tf.ones((3, SIZE)), tf.constant([1, 2, 1])).graph
    assert largest(graph) == 997 * SIZE
