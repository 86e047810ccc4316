"""Other processes that use the zoo."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

# The package without its `__init__`, which takes seconds to import TensorFlow.
BARE = f"""
import sys, types
package = types.ModuleType("keras_wembed")
package.__path__ = [{str(ROOT / "keras_wembed")!r}]
sys.modules["keras_wembed"] = package
from keras_wembed import zoo
"""


def run(code, home):
    """A process that runs `code`, in which `zoo` is imported."""
    return subprocess.Popen(
        [sys.executable, "-c", BARE + code],
        env=os.environ | {"KERAS_WEMBED_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
