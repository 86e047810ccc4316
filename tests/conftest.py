"""What all tests share: an empty cache, no network, fixed seeds, real data if any."""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it at import.

import keras
import pytest
import tensorflow as tf

# Where a GPU is: in float32 throughout, as results are compared.
tf.config.experimental.enable_tensor_float_32_execution(False)

SHARED = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def fresh(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_WEMBED_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KERAS_WEMBED_MIRROR", raising=False)
    monkeypatch.delenv("KERAS_WEMBED_OFFLINE", raising=False)
    keras.utils.set_random_seed(1)
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")  # pages and examples leave them


@pytest.fixture(scope="session")
def shared():
    """The folder of real data that may lie beside a checkout."""
    if not SHARED.is_dir():
        pytest.skip("needs the real data that lies beside some checkouts")
    return SHARED
