"""The axes that a picture is drawn in, and tokens written on them."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from keras_wembed.plot.colours import luminance
from keras_wembed.plot.writing import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

# A token is no formula: `$` and `_` stand for themselves.
PLAIN: dict[str, Any] = {"parse_math": False, "usetex": False}

LARGEST = 14.0  # inches that a new figure is high or wide
SMALLEST = 5.0  # points of a label; where these have no room labels are left out
LINE = 1.2  # height of a line of text, in sizes of its font
CELL = 0.6  # mean width of a character


def axes_of(ax: "Axes | None", width: float, height: float) -> "Axes":
    """The axes given, or those of a new figure of a size in inches.

    Raises:
        ModuleNotFoundError: If Matplotlib is missing.
        TypeError: If `ax` is something else.
    """
    try:
        from matplotlib.axes import Axes
    except ModuleNotFoundError as error:
        if not str(error.name).startswith("matplotlib"):
            raise
        raise ModuleNotFoundError(
            "Matplotlib must be installed to draw pictures. Run: "
            'pip install "keras-wembed[plot]"',
            name="matplotlib",
        ) from None
    if ax is None:
        from matplotlib import pyplot

        size = min(width, LARGEST), min(height, LARGEST)
        return pyplot.figure(figsize=size, layout="constrained").add_subplot()
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be Axes of Matplotlib. Got {type(ax).__name__}.")
    return ax


def is_dark(ax: "Axes") -> bool:
    """Whether the background is dark: of the axes, or of the figure behind."""
    from matplotlib.colors import to_rgba

    paper = to_rgba(ax.get_facecolor())
    if paper[3] == 0:
        paper = to_rgba(ax.figure.get_facecolor())
    return luminance(paper) < 0.18  # where black and white stand out alike


def write_tokens(axis: "Axis", tokens: Sequence[str]) -> float:
    """Writes tokens at 0, 1, ... of an axis: smaller, then fewer, if room is short.

    Returns:
        The size of their font in points.
    """
    from keras_wembed.plot.fonts import families

    ax = axis.axes
    across = axis is ax.xaxis
    box = ax.get_window_extent()
    length = (box.width if across else box.height) / ax.figure.dpi * 72
    room = max(length / len(tokens), 0.01)  # points
    step = math.ceil(SMALLEST * LINE / room)
    given = float(axis.get_major_ticks(1)[0].label1.get_fontsize())
    size = min(given, room * step / LINE)
    labels = [short(token) for token in tokens[::step]]
    turned = {}
    if across and max(map(len, labels)) * CELL * size > room * step:
        turned = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    style = PLAIN | turned | {"fontsize": size, "fontfamily": families(labels)}
    axis.set_ticks(range(0, len(tokens), step), labels=labels, **style)
    axis.set_tick_params(length=0)
    return size
