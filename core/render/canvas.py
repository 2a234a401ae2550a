"""What a composite shows: a rectangle of one picture's pixel grid, and where the two pictures lie in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ..errors import UsageError
from ..space.geometry import apply, corners
from .place import SNAP_PX

MOST_PX = 32768
"""A side of a picture that is composited."""


@dataclass(frozen=True)
class Canvas:
    """A rectangle of whole pixels of the grid."""

    origin_xy: tuple[int, int]
    """Grid pixel that is the canvas's first."""
    size_wh: tuple[int, int]

    @property
    def from_grid(self) -> np.ndarray:
        """3x3: grid pixel to canvas pixel."""
        x, y = self.origin_xy
        return np.array([[1.0, 0, -x], [0, 1.0, -y], [0, 0, 1.0]])


Box = tuple[float, float, float, float]
"""Left, top, right, bottom edges; pixel x reaches from x - 0.5 to x + 0.5."""


def box_of(wh: tuple[int, int]) -> Box:
    """Of a picture in its own grid."""
    return -0.5, -0.5, wh[0] - 0.5, wh[1] - 0.5


def outline_box(matrices: Iterable[np.ndarray], wh: tuple[int, int]) -> Box | None:
    """The smallest upright box round a picture of this size, wherever the matrices (3x3, to the grid) put it; None without any."""
    found = [apply(matrix, corners(wh)) for matrix in matrices]
    if not found:
        return None
    points = np.concatenate(found)
    (left, top), (right, bottom) = points.min(0), points.max(0)
    return float(left), float(top), float(right), float(bottom)


def canvas_for(crop: str, own: Box, other: Box | None, own_is: str, steps_wh: tuple[int, int]) -> Canvas:
    """The canvas of a crop.

    crop      clip, ref, both or union
    own       box of the picture whose grid it is; other: of the one that is warped into it, None where it never shows
    own_is    clip or ref
    steps_wh  corner and size are multiples of these where the picture is cut, so that chroma is not resampled
    Raises UsageError where nothing is left, or it is larger than any picture.
    """
    if crop == own_is or other is None:
        return _around(own, (1, 1), inwards=False)
    if crop == "both":
        return _around((max(own[0], other[0]), max(own[1], other[1]), min(own[2], other[2]), min(own[3], other[3])), steps_wh, inwards=True)
    if crop == "union":
        return _around((min(own[0], other[0]), min(own[1], other[1]), max(own[2], other[2]), max(own[3], other[3])), steps_wh, inwards=False)
    return _around(other, steps_wh, inwards=False)


def _around(box: Box, steps_wh: tuple[int, int], inwards: bool) -> Canvas:
    if not np.isfinite(box).all() or max(box[2] - box[0], box[3] - box[1]) > MOST_PX:
        raise UsageError(f"the crop is larger than {MOST_PX} pixels, since the clip's transform stretches it so far", "crop to the ref")
    spans = [_span(box[k] + 0.5, box[k + 2] + 0.5, steps_wh[k], inwards) for k in (0, 1)]
    if any(end <= begin for begin, end in spans):
        raise UsageError("the crop leaves nothing: the two pictures do not overlap", "crop to the ref, the clip, or the union")
    return Canvas((spans[0][0], spans[1][0]), (spans[0][1] - spans[0][0], spans[1][1] - spans[1][0]))


def _span(begin: float, end: float, step: int, inwards: bool) -> tuple[int, int]:
    """First pixel and one past the last, of edges; a hair's breadth of a pixel does not count."""
    lead, trail = (begin - SNAP_PX, end + SNAP_PX) if inwards else (begin + SNAP_PX, end - SNAP_PX)
    if inwards:
        return int(np.ceil(lead / step)) * step, int(np.floor(trail / step)) * step
    return int(np.floor(lead / step)) * step, int(np.ceil(trail / step)) * step
