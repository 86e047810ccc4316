"""How vectors are to be trained."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from keras_wembed.choices import positive

FILE = "settings.json"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How vectors are to be trained; the words are those of `train`."""

    size: int
    min_count: int
    max_tokens: int | None
    window: int
    x_max: float
    alpha: float
    iterations: int
    learning_rate: float
    accumulator: float
    split: str
    ignore_case: bool
    seed: int

    def __post_init__(self) -> None:
        for name in ("size", "min_count", "max_tokens", "window", "iterations"):
            positive(name, getattr(self, name))
        if not isinstance(self.seed, int) or not 0 <= self.seed < 2**31:
            raise ValueError(
                f"seed must be an integer in 0..{2**31 - 1}. Got {self.seed}."
            )
        for name in ("x_max", "alpha", "learning_rate", "accumulator"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be above 0. Got {getattr(self, name)}.")

    def keep(self, folder: Path, corpus: list[Any] | None) -> None:
        """Writes the settings into a folder, or checks that they are those in it.

        Raises:
            ValueError: If the folder holds a training with others.
        """
        now = {**asdict(self), "corpus": corpus}
        path = folder / FILE
        if path.exists():
            _check_same(_read(path), now, folder)
        fresh = path.with_suffix(".fresh")
        fresh.write_text(json.dumps(now, indent=1))
        fresh.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text()))
    except ValueError as error:
        raise ValueError(
            f"{path.parent} must hold a training. Its settings are damaged: {error}. "
            "Delete it to start anew."
        ) from error


def _check_same(before: dict[str, Any], now: dict[str, Any], folder: Path) -> None:
    """A training may go on for more iterations; all else stays."""
    if now["iterations"] < before.get("iterations", 0):
        raise ValueError(
            f"iterations must be at least {before['iterations']}, as in the training "
            f"that {folder} holds. Got {now['iterations']}."
        )
    if now["corpus"] is None:  # lines that come only once: nobody can tell
        now["corpus"] = before.get("corpus")
    for name, value in now.items():
        if name != "iterations" and before.get(name) != value:
            raise ValueError(
                f"{name} must be {before.get(name)!r}, as in the training that "
                f"{folder} holds. Got {value!r}. Take another folder to start anew."
            )
