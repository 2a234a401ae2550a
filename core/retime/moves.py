"""What moves from one frame to the next, in small pictures: block by block, seen from the screen and from the camera.

A drawing that is held stands still on the screen; a background moves with the camera. Where neither explains a block, a new drawing is
there. So a figure on threes is seen to be held also before a camera that pans on ones.

Pictures are (h, w) uint8 or float32, levels of 8 bits; x right, y down.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

WIDE = 320
"""Pictures are brought to this width, where they are wider."""
BLOCK = 8
_LEAST = 3.0
"""Levels, after a blur, that are never taken for motion: rounding and compression."""
_NOISE_TIMES = 5.0
_REST_TIMES, _MOST_REST = 4.0, 8.0
"""What half of the picture changes by, times so much, is compression too, up to so many levels."""
_SHARE = 0.2
"""Of a block's pixels that have to change."""
_FLAT = 1.5
"""Levels, standard deviation, of a frame in which there is nothing."""
_PEAK = 12
"""Pixels that have to change for the frame as a whole not to be a repeat."""


@dataclass(frozen=True)
class Move:
    """From a frame to the next."""

    new: np.ndarray
    """(rows, columns) bool: blocks that neither stand still nor go with the camera."""
    change: np.ndarray
    """(rows, columns) float32: levels by which their pixels change on average, seen from whichever explains more."""
    peak: float
    """Levels by which the strongest few pixels change, from the last frame that was not this one again."""
    mean: float
    """Levels by which pixels change on average."""
    noise: float
    """Levels that grain alone would change pixels by, about the most of it."""
    camera: bool
    """The background moves."""
    empty: bool = False
    """One of the two frames shows nothing, black as a rule, and the other one does: there is nothing to follow."""


class Moves:
    """Looks at frames one after the other."""

    def __init__(self) -> None:
        self._last: np.ndarray | None = None
        self._shown: np.ndarray | None = None
        """The picture that those since then are no more than noise away from: what drifts slowly is not lost."""

    def step(self, picture: np.ndarray) -> Move | None:
        """What has moved since the picture before; None for the first one."""
        picture = np.asarray(picture, np.float32)
        last, self._last = self._last, picture
        if last is None or self._shown is None or last.shape != picture.shape:
            self._shown = picture
            return None
        move = moved(last, picture)
        if self._shown is not last:
            move = replace(move, peak=max(move.peak, _peak(self._shown, picture)))
        if move.peak > move.noise:
            self._shown = picture
        return move


def small_wh(width: int, height: int) -> tuple[int, int]:
    """The size at which frames are looked at."""
    wide = min(width, WIDE)
    return max(1, wide), max(1, round(height * wide / width))


def moved(a: np.ndarray, b: np.ndarray) -> Move:
    """What moves from a to b, (h, w) float32."""
    soft_a, soft_b = (cv2.blur(p, (3, 3)) for p in (a, b))
    still = np.abs(soft_b - soft_a)
    level = max(_LEAST, _NOISE_TIMES * 0.47 * max(grain(a), grain(b)))
    changed = still > level
    mean = float(still.mean())
    peak = _strongest(still)
    camera = False
    if changed.mean() > 0.02:
        place = camera_move(a, b)
        if place is not None:
            size_wh = a.shape[::-1]
            gone = np.abs(soft_b - cv2.warpAffine(soft_a, place, size_wh, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))
            steep = np.abs(cv2.Sobel(soft_b, cv2.CV_32F, 1, 0)) + np.abs(cv2.Sobel(soft_b, cv2.CV_32F, 0, 1))
            camera = bool((gone <= level + 0.05 * steep)[changed].mean() > 0.5)
            still = np.minimum(still, np.maximum(gone - 0.05 * steep, 0))
        changed = still > max(level, min(_REST_TIMES * float(np.median(still)), _MOST_REST))
    return Move(_blocks(changed) > _SHARE, _blocks(still), peak, mean, level, camera, _empty(a) != _empty(b))


def _empty(picture: np.ndarray) -> bool:
    return float(picture.std()) < _FLAT


def _peak(a: np.ndarray, b: np.ndarray) -> float:
    return _strongest(np.abs(cv2.blur(b, (3, 3)) - cv2.blur(a, (3, 3))))


def _strongest(change: np.ndarray) -> float:
    count = min(_PEAK, change.size)
    return float(np.partition(change.ravel(), -count)[-count])


def grain(picture: np.ndarray) -> float:
    """Standard deviation of the noise, in levels, where the picture is flattest (Immerkaer, Fast noise variance estimation, 1996)."""
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(picture, cv2.CV_32F, kernel, borderType=cv2.BORDER_REFLECT))
    blocks = _blocks(response)
    return float(np.percentile(blocks, 25) * np.sqrt(np.pi / 2) / 6) if blocks.size else 0.0


def camera_move(a: np.ndarray, b: np.ndarray) -> np.ndarray | None:
    """(2, 3) matrix that brings most of a onto b: shift, turn and zoom; None where nothing is found, or nothing moves."""
    grey_a, grey_b = (np.clip(p, 0, 255).astype(np.uint8) for p in (a, b))
    points = cv2.goodFeaturesToTrack(grey_a, 120, 0.01, 8)
    if points is None or len(points) < 8:
        return None
    there, found, _ = cv2.calcOpticalFlowPyrLK(grey_a, grey_b, points, points.copy(), winSize=(15, 15), maxLevel=3)
    seen = found.ravel() == 1
    if seen.sum() < 8:
        return None
    moving = seen & (np.linalg.norm((there - points).reshape(-1, 2), axis=1) > 0.15)
    if moving.sum() < max(8, 0.2 * seen.sum()):
        return None
    place, inliers = cv2.estimateAffinePartial2D(points[moving], there[moving], ransacReprojThreshold=0.7)
    return place if place is not None and inliers.sum() >= max(6, 0.3 * seen.sum()) else None


def _blocks(picture: np.ndarray) -> np.ndarray:
    """(h // BLOCK, w // BLOCK) means, the last ones a little larger."""
    rows, columns = max(1, picture.shape[0] // BLOCK), max(1, picture.shape[1] // BLOCK)
    return cv2.resize(np.asarray(picture, np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
