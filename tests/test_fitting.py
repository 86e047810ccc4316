"""A training that is stopped, resumed and watched."""

import re
import signal
import threading

import numpy as np
import pytest
from small_training import FRUIT, LINES, PEOPLE, trained, whole

from keras_wembed.training import fitting
from keras_wembed.training.interruption import interruption


@pytest.fixture
def losses(monkeypatch):
    """The mean loss of a pair in each iteration trained."""
    found = []

    class Recorder(fitting.Watch):
        def on_epoch_end(self, epoch, logs=None):
            found.append(logs["loss"] * self._scale)

    monkeypatch.setattr(fitting, "Watch", Recorder)
    return found


def test_loss_falls(losses):
    trained(LINES, iterations=6)
    assert len(losses) == 6
    assert losses[-1] < losses[0] / 2


def test_more_iterations_go_on_from_the_folder(tmp_path, losses):
    trained(LINES, iterations=1, folder=tmp_path / "kept")
    resumed = trained(LINES, iterations=3, folder=tmp_path / "kept")
    assert len(losses) == 3  # before `whole()` trains
    assert (resumed.matrix == whole().matrix).all()


def test_resumed_training_repeats_no_phase(tmp_path):
    def folders():
        return [(tmp_path / name).stat().st_ino for name in ("stream", "cooccurrence")]

    trained(LINES, iterations=1, folder=tmp_path)
    before = folders()
    again = trained((line for line in []), iterations=1, folder=tmp_path)
    assert set(again.tokens) == {*PEOPLE, *FRUIT}
    assert folders() == before


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


def test_interruption_keeps_what_is_there(tmp_path, interrupted):
    vectors = trained(LINES, folder=tmp_path)
    assert vectors.matrix.shape == (6, 4)
    with np.load(tmp_path / "state.npz") as state:
        assert 41 in [int(state[name]) for name in state if state[name].ndim == 0]


def test_interrupted_training_ends_as_if_it_never_was(
    tmp_path, interrupted, monkeypatch
):
    stopped = trained(LINES, folder=tmp_path)
    monkeypatch.undo()
    resumed = trained(LINES, folder=tmp_path)
    assert (stopped.matrix != whole().matrix).any()
    assert (resumed.matrix == whole().matrix).all()


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


def test_refused_settings_leave_no_trace(tmp_path):
    with pytest.raises(ValueError, match=r"^split must be one of "):
        trained(LINES, folder=tmp_path, split="letters")
    assert list(tmp_path.iterdir()) == []


def test_folder_of_other_settings_is_refused(tmp_path):
    trained(LINES, folder=tmp_path, iterations=1)
    message = (
        f"window must be 10, as in the training that {tmp_path} holds. Got 3. "
        "Take another folder to start anew."
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        trained(LINES, folder=tmp_path, window=3)
