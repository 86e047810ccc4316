"""Training: from text to vectors, stopped and resumed."""

import gzip
import re
import signal
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf

from keras_wembed.encoders.splitting import NAMES
from keras_wembed.encoders.tokens import TokenEncoder
from keras_wembed.training import fitting, train
from keras_wembed.training.batches import batches, order
from keras_wembed.training.cooccurrence import Cooccurrence
from keras_wembed.training.frequency import without_frequency
from keras_wembed.training.interruption import interruption
from keras_wembed.training.model import GloVe, SquaredError
from keras_wembed.training.tiling import Tiling

PEOPLE = ["king", "queen", "prince"]
FRUIT = ["apple", "pear", "plum"]


@pytest.fixture(scope="module")
def lines():
    """Sentences that are about people or about fruit."""
    draw = np.random.default_rng(0)
    return [" ".join(draw.choice(draw.choice([PEOPLE, FRUIT]), 8)) for _ in range(300)]


@pytest.fixture(scope="module")
def whole(lines):
    """What an uninterrupted training of them gives."""
    return trained(lines)


def trained(lines, **changes):
    options = {
        "size": 4,
        "iterations": 3,
        "x_max": 20.0,
        "split": "whitespace",
        "remove_frequency": False,  # which would leave little of six tokens
    }
    return train(lines, **{**options, **changes})


@pytest.fixture
def losses(monkeypatch):
    """The mean loss of a pair in each iteration trained."""
    found = []

    class Recorder(fitting.Watch):
        def on_epoch_end(self, epoch, logs=None):
            found.append(logs["loss"] * self._scale)

    monkeypatch.setattr(fitting, "Watch", Recorder)
    return found


def test_tokens_are_the_most_frequent_first():
    vectors = trained(["b a b", "c b a"], min_count=2, iterations=1)
    assert vectors.tokens == ("b", "a")
    assert vectors.matrix.shape == (2, 4)
    assert vectors.matrix.dtype == np.float32
    assert vectors.unknown.tolist() == vectors.matrix.mean(0).tolist()


def test_tokens_that_stand_together_are_neighbours(lines):
    vectors = trained(lines, iterations=12, learning_rate=1.0)
    for group in (PEOPLE, FRUIT):
        nearest = {token for token, _ in vectors.most_similar(group[0], k=2)}
        assert nearest == set(group[1:])


def test_loss_falls(lines, losses):
    trained(lines, iterations=6)
    assert len(losses) == 6
    assert losses[-1] < losses[0] / 2


def test_seed_repeats_the_vectors(lines, whole, tmp_path):
    same, other = trained(lines), trained(lines, seed=4, folder=tmp_path)
    assert (
        Cooccurrence.open(tmp_path / "cooccurrence").tiling.blocks
        == Tiling.of(6, seed=4).blocks
    ).all()
    assert (same.matrix == whole.matrix).all()
    assert (other.matrix != whole.matrix).any()


def test_capitals_are_made_small_unless_they_count():
    assert set(trained(["É é"] * 5, iterations=1).tokens) == {"é"}
    assert set(trained(["É é"] * 5, iterations=1, ignore_case=False).tokens) == {
        "É",
        "é",
    }


@pytest.mark.parametrize("ignore_case", [True, False])
def test_tokens_are_those_of_the_encoder(ignore_case):
    text = "\"I don't\", said DR. O'CLOCK of the U.S. in ΤΗΣ Dog's İzmir: US$3.88..."
    vectors = train(
        [text] * 5, size=2, iterations=1, split="treebank", ignore_case=ignore_case
    )
    encoder = TokenEncoder(["a"], split="treebank", ignore_case=ignore_case)
    assert {token.encode() for token in vectors.tokens} == set(
        encoder.tokenize(text).numpy()
    )


def test_frequency_is_removed_as_asked(lines, whole):
    counts = np.array(
        [sum(line.split().count(t) for line in lines) for t in whole.tokens]
    )
    found = trained(lines, remove_frequency=True)
    assert (found.matrix == without_frequency(whole.matrix, counts)).all()


def test_gzip_file_trains_as_its_lines(lines, whole, tmp_path):
    path = tmp_path / "corpus.txt.gz"
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    assert (trained(path).matrix == whole.matrix).all()


def test_more_iterations_go_on_from_the_folder(lines, whole, tmp_path, losses):
    trained(lines, iterations=1, folder=tmp_path / "kept")
    resumed = trained(lines, iterations=3, folder=tmp_path / "kept")
    assert (resumed.matrix == whole.matrix).all()
    assert len(losses) == 3


def test_resumed_training_reads_no_corpus(lines, tmp_path):
    trained(lines, iterations=1, folder=tmp_path)
    again = trained((line for line in []), iterations=1, folder=tmp_path)
    assert set(again.tokens) == {*PEOPLE, *FRUIT}


@pytest.fixture
def foreground():
    """Ctrl-C acts as in a terminal, also where the tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def interrupted(monkeypatch, foreground):
    """Presses Ctrl-C during the 40th step."""

    class Interrupter(fitting.Watch):
        def on_train_batch_begin(self, batch, logs=None):
            if self.model.optimizer.iterations == 40:
                signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(fitting, "Watch", Interrupter)


def test_interruption_keeps_what_is_there(lines, tmp_path, interrupted):
    vectors = trained(lines, folder=tmp_path)
    assert vectors.matrix.shape == (6, 4)
    with np.load(tmp_path / "state.npz") as state:
        assert 41 in [int(state[name]) for name in state if state[name].ndim == 0]


def test_interrupted_training_ends_as_if_it_never_was(
    lines, whole, tmp_path, interrupted, monkeypatch
):
    stopped = trained(lines, folder=tmp_path)
    monkeypatch.undo()
    resumed = trained(lines, folder=tmp_path)
    assert (stopped.matrix != whole.matrix).any()
    assert (resumed.matrix == whole.matrix).all()


def test_second_interruption_acts_as_usual(foreground):
    before = signal.getsignal(signal.SIGINT)
    with interruption() as stopped:
        signal.raise_signal(signal.SIGINT)
        assert stopped.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_ignored_interruption_stays_ignored(foreground):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interruption() as stopped:
        signal.raise_signal(signal.SIGINT)
        assert not stopped.is_set()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_interruption_outside_the_main_thread_is_left_alone(foreground):
    def enter():
        with interruption() as stopped:
            found.append((signal.getsignal(signal.SIGINT), stopped.is_set()))

    found, before = [], signal.getsignal(signal.SIGINT)
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert found == [(before, False)]


def test_folder_of_other_settings_is_refused(lines, tmp_path):
    trained(lines, folder=tmp_path, iterations=1)
    message = (
        f"window must be 10, as in the training that {tmp_path} holds. Got 3. "
        "Take another folder to start anew."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        trained(lines, folder=tmp_path, window=3)


REFUSED = [
    ({"size": 0}, ValueError, "size must be at least 1. Got 0."),
    ({"window": 1.5}, TypeError, "window must be an integer. Got 1.5 (float)."),
    ({"iterations": -1}, ValueError, "iterations must be at least 1. Got -1."),
    ({"max_tokens": 0}, ValueError, "max_tokens must be at least 1. Got 0."),
    ({"x_max": 0.0}, ValueError, "x_max must be above 0. Got 0.0."),
    ({"seed": -1}, ValueError, "seed must be at least 0. Got -1."),
    (
        {"split": "letters"},
        ValueError,
        f"split must be one of {', '.join(map(repr, NAMES))}. Got 'letters'.",
    ),
    (
        {"min_count": 9},
        ValueError,
        "Some token must stand in the corpus min_count times, 9. "
        "Got 1 tokens, the most frequent one 2 times.",
    ),
]


@pytest.mark.parametrize(("changes", "kind", "message"), REFUSED)
def test_bad_argument_is_refused(changes, kind, message):
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        trained(["a a"], **changes)


def test_nothing_is_shown_in_a_pipe(lines, capfd):
    capfd.readouterr()
    trained(lines, iterations=1)
    assert capfd.readouterr() == ("", "")


def cooccurrence():
    """One block of two tokens beside each other 4 times, the second one alone once."""
    return Cooccurrence(
        Tiling(np.array([[1, 2]], np.int32)),
        starts=np.array([0, 2]),
        cells=np.array([1, 3], np.int32),
        counts=np.array([4, 0.5], np.float32),
    )


def test_batch_holds_logarithms_and_weights():
    ((rows, columns, cells), logs, weights), *rest = batches(
        cooccurrence(), [0], x_max=2.0, alpha=0.75
    )
    assert not rest
    assert rows.numpy().tolist() == columns.numpy().tolist() == [1, 2]
    assert cells.numpy().tolist() == [1, 3, 2]
    np.testing.assert_allclose(logs, np.log([4, 1, 4]), rtol=1e-6)
    np.testing.assert_allclose(weights, [1, 0.5**0.75, 1], rtol=1e-6)


def test_order_of_an_iteration_repeats():
    first, same, next_one, other = (
        order(100, seed=seed, iteration=iteration).tolist()
        for seed, iteration in [(1, 1), (1, 1), (1, 2), (2, 1)]
    )
    assert first == same
    assert sorted(first) == list(range(100))
    assert first != next_one
    assert first != other


def test_model_gives_products_and_biases():
    model = GloVe(3, 2, seed=1)
    ids = tf.constant([2, 3]), tf.constant([1, 0])
    found = model((*ids, tf.constant([0, 2, 3])))
    rows, columns, row_biases, column_biases = (
        layer.embeddings.numpy()
        for layer in (model.rows, model.columns, model.row_biases, model.column_biases)
    )
    first, second = (
        rows[row] @ columns[0] + row_biases[row, 0] + column_biases[0, 0]
        for row in (1, 2)
    )
    np.testing.assert_allclose(found, [first, second, row_biases[2, 0]], rtol=1e-5)
    assert np.abs(rows).max() <= 0.25


def test_seed_decides_where_a_model_starts():
    def tables(seed):
        model = GloVe(3, 2, seed=seed)
        model([tf.zeros(1, tf.int32)] * 3)
        return [variable.numpy().tolist() for variable in model.variables]

    first, same, other = tables(1), tables(1), tables(2)
    assert first == same
    assert all(table not in first for table in other)
    assert len({str(table) for table in first}) == 4


def test_model_comes_back_from_its_config():
    model = keras.saving.deserialize_keras_object(
        keras.saving.serialize_keras_object(GloVe(3, 2, seed=5))
    )
    inputs = [tf.ones(1, tf.int32), tf.ones(1, tf.int32), tf.zeros(1, tf.int32)]
    assert model(inputs) == GloVe(3, 2, seed=5)(inputs)


def test_loss_is_half_the_weighted_squared_error():
    y_true, y_pred = tf.constant([1.0, 2.0]), tf.constant([3.0, 5.0])
    loss = SquaredError()(y_true, y_pred, sample_weight=tf.constant([1.0, 0.5]))
    assert float(loss) == (4 + 0.5 * 9) / 2
