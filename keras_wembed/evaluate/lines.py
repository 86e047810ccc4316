"""The lines of a file of judgements or analogies."""

from collections.abc import Iterator
from os import PathLike
from pathlib import Path

from keras_wembed.errors import FormatError
from keras_wembed.formats.opening import opened

COMMENTS = ("#", "//")


def lines(path: str | PathLike[str]) -> Iterator[tuple[int, str]]:
    """The lines that say something, with their numbers; of .gz and .zip files too.

    Raises:
        FormatError: If a line is no UTF-8, or an archive is damaged.
    """
    with opened(Path(path)) as file:
        for number, line in enumerate(file, start=1):
            try:
                text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            except UnicodeDecodeError as error:
                name = Path(path).name
                raise FormatError(
                    f"{name}, line {number}, must be UTF-8. Got {line!r}."
                ) from error
            if text and not text.startswith(COMMENTS):
                yield number, text


def holds_analogies(path: str | PathLike[str]) -> bool:
    """Whether a file starts with a section, as those of analogies do."""
    return next((text.startswith(":") for _, text in lines(path)), False)
