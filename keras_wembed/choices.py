"""Arguments: names, positive integers, tokens, objects of a kind, layers with rows."""

import difflib
from collections.abc import Iterable
from typing import Any

import numpy as np


def one_of(argument: str, value: Any, choices: Iterable[str]) -> str:
    """`value`, which must be one of `choices`.

    Raises:
        ValueError: If it is not; the message lists the choices and the nearest.
    """
    choices = list(choices)
    if value in choices:
        return str(value)
    listed = ", ".join(map(repr, choices))
    near = difflib.get_close_matches(str(value), choices, n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"{argument} must be one of {listed}. Got {value!r}.{hint}")


def positive(argument: str, value: Any) -> int | None:
    """`value` as an int of 1 or more; None stays None.

    Raises:
        TypeError: If it is no integer.
        ValueError: If it is below 1.
    """
    return None if value is None else at_least(argument, value, 1)


def at_least(argument: str, value: Any, least: int) -> int:
    """`value` as an int.

    Raises:
        TypeError: If it is no integer.
        ValueError: If it is below `least`.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        kind = type(value).__name__
        raise TypeError(f"{argument} must be an integer. Got {value!r} ({kind}).")
    if value < least:
        raise ValueError(f"{argument} must be at least {least}. Got {value}.")
    return int(value)


def instance(argument: str, value: Any, kind: type) -> Any:
    """`value`, once it is known to be of a kind.

    Raises:
        TypeError: If it is of another.
    """
    if not isinstance(value, kind):
        got = f"{value!r:.40}" if isinstance(value, str) else type(value).__name__
        raise TypeError(f"{argument} must be {kind.__name__}. Got {got}.")
    return value


def listed(argument: str, tokens: Iterable[str]) -> list[str]:
    """The tokens, as a list.

    Args:
        argument: What the caller calls them.
        tokens: Any that can be gone through.

    Raises:
        TypeError: If this is one str, or holds something else.
    """
    if isinstance(tokens, str | bytes) or not isinstance(tokens, Iterable):
        raise TypeError(f"{argument} must be a list of tokens. Got {tokens!r}.")
    found = list(tokens)
    if odd := {type(token) for token in found if not isinstance(token, str)}:
        raise TypeError(f"{argument} must be str. Got {min(t.__name__ for t in odd)}.")
    return found


def check_utf8(argument: str, strings: Iterable[Any]) -> None:
    """Refuses strings that UTF-8 cannot hold.

    Args:
        argument: What the caller calls them.
        strings: str, or what is let pass.

    Raises:
        ValueError: If one holds half of a surrogate pair; it is named.
    """
    for string in strings:
        if (
            isinstance(string, str)
            and string != string.encode(errors="ignore").decode()
        ):
            raise ValueError(
                f"{argument} must be text that UTF-8 can hold. Got {string!r}, with "
                "half of a surrogate pair. Leave it out, or read its file as UTF-8."
            )


def check_has_rows(layer: Any, purpose: str) -> None:
    """Refuses a layer whose rows are not made yet.

    Args:
        layer: An `EmbeddingLayer`.
        purpose: What it needs them for, as in `"to be quantized"`.

    Raises:
        ValueError: If it has none.
    """
    if layer.embeddings is None:
        raise ValueError(
            f"A layer must have rows {purpose}. {layer.name!r} has none yet. Call it "
            "first, or make it from vectors."
        )
