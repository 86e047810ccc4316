"""Where labels go, so that none hides another, a point, or leaves the frame."""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]  # (n, 4): left, bottom, right, top

# Of a label around its point: right, left, above, below, and between these.
_ANGLES = np.deg2rad([0, 180, 90, 270, 30, 150, 210, 330, 60, 120, 240, 300])
_STEPS = 24  # distances that are tried, each half a label's height further out


def places(
    points: NDArray[np.float64],
    sizes: NDArray[np.float64],
    frame: NDArray[np.float64],
    gap: float,
) -> Boxes:
    """The box of each label; NaN for one that finds no room.

    One after the other takes the nearest free place that is nearer to its own point
    than to any other; or, if there is none, the nearest free place.

    Args:
        points: What the labels belong to.
        sizes: The width and height of each label.
        frame: Left, bottom, right and top of what labels must not leave.
        gap: The least distance of a label from points.

    Shapes:
        points: `(n, 2)`
        sizes: `(n, 2)`
        frame: `(4,)`
        returns: `(n, 4)`
    """
    taken = np.concatenate([points - gap / 2, points + gap / 2], 1)
    found = np.full((len(sizes), 4), np.nan)
    for row, size in enumerate(sizes):
        boxes = _around(points[row], size, gap)
        inside = (boxes[:, :2] >= frame[:2]).all(1) & (boxes[:, 2:] <= frame[2:]).all(1)
        free = inside & ~_overlap(boxes, taken)
        plain = free & (_distances(boxes, points).argmin(1) == row)
        if free.any():
            found[row] = boxes[(plain if plain.any() else free).argmax()]
            taken = np.concatenate([taken, found[row : row + 1]])
    return found


def _around(point: NDArray[np.float64], size: NDArray[np.float64], gap: float) -> Boxes:
    """Boxes of a size around a point, the nearest first."""
    distances = gap + size[1] / 2 * np.arange(_STEPS)[:, np.newaxis, np.newaxis]
    towards = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], 1)
    # A box touches the circle with the side, or the corner, that faces the point.
    facing = np.where(np.abs(towards) < 0.01, 0, np.sign(towards))
    centres = (point + distances * towards + facing * size / 2).reshape(-1, 2)
    return np.concatenate([centres - size / 2, centres + size / 2], 1)


def _distances(boxes: Boxes, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each box is from each point, squared."""
    nearest = np.clip(points, boxes[:, np.newaxis, :2], boxes[:, np.newaxis, 2:])
    return np.square(nearest - points).sum(2)


def _overlap(boxes: Boxes, others: Boxes) -> NDArray[np.bool_]:
    """Which boxes share room with any of some others."""
    low = np.maximum(boxes[:, np.newaxis, :2], others[:, :2])
    high = np.minimum(boxes[:, np.newaxis, 2:], others[:, 2:])
    return np.any(np.all(low < high, axis=2), axis=1)
