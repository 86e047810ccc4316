"""Labels of points, which find their places whenever the figure is drawn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.transforms import IdentityTransform
from numpy.typing import NDArray

from keras_wembed.plot.axes import PLAIN
from keras_wembed.plot.fonts import families
from keras_wembed.plot.placing import places
from keras_wembed.plot.writing import short

GAP = 4.0  # points between a point and its label
FAR = 8.0  # points from which on a line shows what a label belongs to


def label_points(ax: Axes, points: NDArray[np.float64], tokens: Sequence[str]) -> None:
    """Writes tokens beside the first points, as many as there are tokens."""
    labels = [short(token) for token in tokens]
    style = PLAIN | {
        "fontfamily": families(labels),
        "fontsize": "small",
        "verticalalignment": "bottom",
        "path_effects": [withStroke(linewidth=2, foreground=ax.get_facecolor())],
    }
    texts = [_Label(text=label, **style) for label in labels]
    for text in texts:
        ax.add_artist(text)
    lines = LineCollection([], linewidths=0.5, colors=[texts[0].get_color()])
    lines.set_transform(IdentityTransform())
    lines.set_in_layout(False)
    ax.add_collection(lines, autolim=False)
    ax.add_artist(_Placing(texts, lines, points[: len(texts)]))


class _Label(Text):
    """A text at pixels of the figure, or nothing."""

    def __init__(self, **style: Any):
        super().__init__(**style)
        self.set_transform(IdentityTransform())
        self.set_in_layout(False)
        # Not `visible`: what is not visible has no size.
        self.fits = True

    def draw(self, renderer: Any) -> None:
        if self.fits:
            super().draw(renderer)


class _Placing(Artist):
    """Draws nothing, but puts labels in their places before they are drawn.

    Only then is it known how large they and the axes are.
    """

    def __init__(
        self, texts: list[_Label], lines: LineCollection, points: NDArray[np.float64]
    ):
        super().__init__()
        self._texts, self._lines, self._points = texts, lines, points
        self._seen: NDArray[np.float64] | None = None
        self.set_zorder(-np.inf)  # before all others
        self.set_in_layout(False)

    def draw(self, renderer: Any) -> None:
        axes = self.axes
        assert axes is not None
        points = axes.transData.transform(self._points)
        extents = [text.get_window_extent(renderer) for text in self._texts]
        sizes = np.array([extent.size for extent in extents])
        frame = np.array(axes.bbox.extents)
        seen = np.concatenate([points.ravel(), sizes.ravel(), frame])
        # A label that moves asks for the figure to be drawn again. What is smaller than
        # a pixel is noise.
        if self._seen is None or not np.allclose(seen, self._seen, rtol=0, atol=0.1):
            self._seen = seen
            boxes = places(points, sizes, frame, renderer.points_to_pixels(GAP))
            self._put(points, boxes, renderer.points_to_pixels(FAR))
        self.stale = False

    def _put(self, points: Any, boxes: Any, far: float) -> None:
        for text, box in zip(self._texts, boxes, strict=True):
            text.fits = bool(np.isfinite(box).all())
            if text.fits:
                text.set_position(box[:2])
        nearest = np.clip(points, boxes[:, :2], boxes[:, 2:])
        is_far = np.hypot(*(nearest - points).T) > far
        self._lines.set_segments(np.stack([points, nearest], 1)[is_far])
