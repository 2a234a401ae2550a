"""A hole filled from chosen sources: each sampled once, brought to the frame's tone, and settled into what surrounds it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from .choosing import Pick
from .membrane import spread
from .sampling import at_points, moved
from .tone import POINTS, SAME, Tone, fitted
from .views import Views
from .ways import Region, Way, ring

RING_PX = 5
"""Of the view: what around the hole has to be met."""
SEEN = 0.3
"""A pixel with less weight than this counts as unseen."""
MOST_STEP = 0.12
"""Of the frame's range: what the settling may change at the most; more is not a matter of tone, the fill shows something else there."""


LEAST_RING = 0.3
"""Of the ring: what is believed however far off it is."""


@dataclass(frozen=True, eq=False)
class Canvas:
    """The part of a frame that is worked on, in the frame's own pixels."""

    top: int
    left: int
    hole: np.ndarray
    """(H, W) bool of the part."""
    ring: np.ndarray
    """(H, W) bool: known pixels around it."""
    picture: np.ndarray
    """(H, W, 3) float32: the frame, and the fill as it comes."""

    def part(self, picture: np.ndarray) -> np.ndarray:
        """The canvas's part of a whole frame (H, W, ...)."""
        h, w = self.hole.shape
        return picture[self.top : self.top + h, self.left : self.left + w]

    def points(self, where: np.ndarray) -> np.ndarray:
        """(N, 2) frame pixels, x then y, where a (H, W) bool is set."""
        y, x = np.nonzero(where)
        return np.stack([x + self.left, y + self.top], 1).astype(float)


@dataclass(frozen=True)
class Scale:
    """What is filled: the frames themselves, or their views."""

    get: Callable[[int], np.ndarray]
    to_view: np.ndarray
    """3x3: its pixel -> view pixel."""
    from_view: np.ndarray
    stretch: float
    """Its pixels a view pixel."""
    range: float
    """From black to white."""

    def places(self, region: Region, way: Way, points: np.ndarray) -> np.ndarray:
        """Its pixels (N, 2) of the region's frame -> its pixels of the source."""
        return moved(self.from_view, way.places(region, moved(self.to_view, points)))


def full_scale(views: Views) -> Scale:
    """Fill the frames."""
    brightest = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0}.get(views.dtype, 1.0)
    return Scale(views.full, views.to_view, views.to_full, float(views.to_full[0, 0]), brightest)


def view_scale(views: Views) -> Scale:
    """Fill the views."""
    return Scale(views.view, np.eye(3), np.eye(3), 1.0, 255.0)


def canvas_of(picture: np.ndarray, hole: np.ndarray, margin_px: int, ring_px: int, blocked: np.ndarray | None = None) -> Canvas:
    """The part of a picture (H, W, 3) around a hole (H, W) bool.

    margin_px  gap between hole and ring
    blocked    (H, W) bool: more that the ring keeps off
    """
    pad = margin_px + ring_px + 1
    x, y, w, h = cv2.boundingRect(hole.astype(np.uint8))
    top, left = max(0, y - pad), max(0, x - pad)
    part = np.s_[top : y + h + pad, left : x + w + pad]
    around = ring(hole[part], margin_px, ring_px)
    if blocked is not None:
        around &= ~blocked[part]
    return Canvas(top, left, hole[part], around, picture[part].astype(np.float32))


def gather(scale: Scale, region: Region, picks: list[Pick], points: np.ndarray, tones: dict[int, Tone], sharp: bool) -> tuple[np.ndarray, np.ndarray]:
    """Values (N, 3) of pixels (N, 2) from their sources, and how much weight stood behind them, 0 to 1."""
    values, total = np.zeros((len(points), 3), np.float32), np.zeros(len(points), np.float32)
    local = region.local(moved(scale.to_view, points))
    for pick in picks:
        weight = at_points(pick.weight, local)[:, 0]
        use = weight > 0.01
        if use.any():
            found = at_points(scale.get(pick.way.source), scale.places(region, pick.way, points[use]), sharp)
            values[use] += weight[use, None] * tones.get(pick.way.source, SAME)(found)
            total[use] += weight[use]
    return values / np.maximum(total, 1e-6)[:, None], total


def tone_of(scale: Scale, region: Region, way: Way, blocked: np.ndarray) -> Tone:
    """From the source to the region's frame, by the known part of the region.

    blocked  (rh, rw) bool of the region: what of its frame is not known
    """
    y, x = np.nonzero(way.fits & ~blocked)
    if len(y) > POINTS:
        some = np.random.default_rng(1).choice(len(y), POINTS, replace=False)
        y, x = y[some], x[some]
    if not len(y):
        return SAME
    here = scale.get(region.frame)
    h, w = here.shape[:2]
    points = np.clip(np.rint(moved(scale.from_view, np.stack([x, y], 1) + np.array(region.origin_xy, float))), 0, [w - 1, h - 1])
    target = here[points[:, 1].astype(int), points[:, 0].astype(int)].astype(np.float32)
    return fitted(target, at_points(scale.get(way.source), scale.places(region, way, points)))


def settled(
    canvas: Canvas, at_hole: np.ndarray, at_ring: np.ndarray, ring_known: np.ndarray, step_px: float, most: float, all_of_it: bool = True
) -> tuple[np.ndarray, float]:
    """Values for the hole, shifted smoothly so that they meet the ring; and how far off the ring they were, as a median.

    at_hole, at_ring  (N, 3), (M, 3): the fill there;  ring_known (M,) bool: whether it has anything there
    all_of_it         False: parts of the ring that are far off are left out, something passes there
    step_px           pixels of the coarse grid on which the shift is found: texture that does not match is no tone
    """
    y, x = np.nonzero(canvas.ring)
    y, x, off = y[ring_known], x[ring_known], (canvas.picture[canvas.ring] - at_ring)[ring_known]
    good = np.isfinite(off).all(1)
    y, x, off = y[good], x[good], off[good]
    if len(off) < 12:
        return at_hole, float("nan")
    wrong = float(np.median(np.abs(off).mean(1)))
    size = np.abs(off).max(1)
    same = np.ones(len(size), bool) if all_of_it else size <= max(min(most, 5 * float(np.median(size))), float(np.quantile(size, LEAST_RING)))
    y, x, off = y[same], x[same], np.clip(off[same], -most, most)
    h, w = (int(np.ceil(side / step_px)) for side in canvas.hole.shape)
    cell = (y / step_px).astype(int) * w + (x / step_px).astype(int)
    count = np.bincount(cell, minlength=h * w).reshape(h, w).astype(np.float32)
    sums = np.stack([np.bincount(cell, off[:, c], h * w).reshape(h, w) for c in range(3)], -1).astype(np.float32)
    count, sums = _blurred(count, 1.5), _blurred(sums, 1.5)
    known = count > 0.5
    shift = spread(sums / np.maximum(count, 1e-6)[..., None], known)
    y, x = np.nonzero(canvas.hole)
    return at_hole + at_points(shift, np.stack([(x + 0.5) / step_px - 0.5, (y + 0.5) / step_px - 0.5], 1)), wrong


def _blurred(values: np.ndarray, sigma_px: float) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(values, (0, 0), sigma_px))
