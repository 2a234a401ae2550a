"""From the masked pixels of one frame to the frames that show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from .camera import Camera
from .sampling import at_points, moved
from .views import Views, disc

PAD_PX = 28
"""Of the view, kept around the hole: the ring that seams and tone are judged by."""
CLOSE, MIDDLE = 3, 16
"""Every frame as near as CLOSE may be a source; up to MIDDLE every fourth, beyond every eighth, by their own numbers: neighbouring frames then take
one pixel from one source, and nothing crawls."""


@dataclass(frozen=True, eq=False)
class Region:
    """Part of one frame's view around its hole."""

    frame: int
    origin_xy: tuple[int, int]
    hole: np.ndarray
    """(rh, rw) bool: blocked."""
    grid: np.ndarray
    """(rh, rw, 2) float64: view pixels, x then y."""

    def part(self, view: np.ndarray) -> np.ndarray:
        """The region of a whole view (h, w, ...)."""
        (x, y), (h, w) = self.origin_xy, self.hole.shape
        return view[y : y + h, x : x + w]

    def local(self, view_points: np.ndarray) -> np.ndarray:
        """View pixels (N, 2) as pixels of the region."""
        return view_points - np.array(self.origin_xy, float)


@dataclass(frozen=True, eq=False)
class Way:
    """Where the pixels of a region are in another frame."""

    source: int
    matrix: np.ndarray
    """3x3: view pixel of the region's frame -> view pixel of the source."""
    rest: np.ndarray | None
    """(rh, rw, 2) float32: to add to where the matrix takes each pixel of the region; None: nothing."""
    fits: np.ndarray
    """(rh, rw) bool: the source shows this pixel."""

    def places(self, region: Region, view_points: np.ndarray) -> np.ndarray:
        """View pixels (N, 2) of the region's frame -> view pixels of the source."""
        to = moved(self.matrix, view_points)
        return to if self.rest is None else to + at_points(self.rest, region.local(view_points))


Ways = Callable[[Region], Iterator[Way]]
"""The ways from a region to frames that may show it. Which of them is used, and for which pixel, is decided in choosing.py."""


def region_of(views: Views, frame: int, hole: np.ndarray | None = None, pad_px: int = PAD_PX) -> Region | None:
    """The region around a frame's hole, or around a given part of it ((h, w) view mask); None where there is none."""
    blocked = views.blocked(frame) if hole is None else hole
    x, y, w, h = cv2.boundingRect(blocked)
    if w == 0:
        return None
    x0, y0 = max(0, x - pad_px), max(0, y - pad_px)
    x1, y1 = min(views.view_wh[0], x + w + pad_px), min(views.view_wh[1], y + h + pad_px)
    grid = np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), -1).astype(float)
    return Region(frame, (x0, y0), blocked[y0:y1, x0:x1] > 0, grid)


def sources(views: Views, frame: int, reach: int) -> list[int]:
    """Frames that may be sampled for this one, the nearest first."""
    found = []
    for other in range(max(views.first, frame - reach), min(views.end, frame + reach + 1)):
        away = abs(other - frame)
        if away and (away <= CLOSE or other % (4 if away <= MIDDLE else 8) == 0):
            found.append(other)
    return sorted(found, key=lambda other: (abs(other - frame), other))


def seen(views: Views, source: int, places: np.ndarray) -> np.ndarray:
    """(...) bool: view pixels (..., 2) of a source that lie in its picture, and not in its hole."""
    w, h = views.view_wh
    inside = (places[..., 0] >= 0) & (places[..., 1] >= 0) & (places[..., 0] <= w - 1) & (places[..., 1] <= h - 1)
    blocked = views.blocked(source)
    if not blocked.any():
        return np.asarray(inside)
    p = places.astype(np.float32)
    return np.asarray(inside & (cv2.remap(blocked, p[..., 0], p[..., 1], cv2.INTER_LINEAR) == 0))


def by_camera(views: Views, camera: Camera, reach: int) -> Ways:
    """All that moves, moves with the camera."""

    def ways(region: Region) -> Iterator[Way]:
        for source in sources(views, region.frame, reach):
            yield camera_way(views, camera, region, source)

    return ways


def camera_way(views: Views, camera: Camera, region: Region, source: int) -> Way:
    """To one frame, by the camera alone."""
    matrix = camera.matrix(region.frame, source)
    places = moved(matrix, region.grid)
    return Way(source, matrix, None, seen(views, source, places))


def ring(hole: np.ndarray, gap_px: int, width_px: int) -> np.ndarray:
    """(H, W) bool: what surrounds a hole, a gap away from it."""
    inner = cv2.dilate(hole.astype(np.uint8), disc(gap_px)) if gap_px else hole.astype(np.uint8)
    return np.asarray((cv2.dilate(inner, disc(width_px)) > 0) & (inner == 0))
