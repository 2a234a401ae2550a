"""What is drawn anew from one frame to the next, pixel by pixel: neither stands still nor goes with the camera.

As moves.py tells it block by block in small pictures; here outlines count. Pictures are (H, W, C) float32, of which the first three are
colours and 1 is white; x right, y down.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .camera import camera_between, moved, within
from .moves import grain

_LEAST = 5.0
"""Levels of 255, after a blur, that are never taken for a drawing: rounding and compression."""
_NOISE_TIMES = 0.47 * 6
_PER_STEP = 0.08
"""Of how steep the picture is: what a camera found to a tenth of a pixel leaves at edges."""
_SPECK = 5
"""Pixels a side: less than this that changes by itself is grain or ringing."""


@dataclass(frozen=True)
class Change:
    """From a frame a to the next, b. Masks are (H, W) bool on b's pixels."""

    camera: np.ndarray | None
    """(2, 3), takes a's pixels to b's; None where it stands still, or none is found."""
    anew: np.ndarray
    """What neither stood there before nor came there with the camera."""
    apart: np.ndarray
    """What did not come with the camera."""
    stirred: np.ndarray
    """What did not stand there before."""


def change(a: np.ndarray, b: np.ndarray) -> Change:
    """What changes between two frames of one size."""
    grey_a, grey_b = levels(a), levels(b)
    camera = camera_between(grey_a, grey_b)
    level = max(_LEAST, _NOISE_TIMES * max(grain(grey_a), grain(grey_b)))
    still = _differs(a, b)
    if camera is None:
        anew = _clean(still > level)
        return Change(None, anew, anew, anew)
    gone = _differs(moved(a, camera), b)
    steep = cv2.blur(np.hypot(cv2.Sobel(grey_b, cv2.CV_32F, 1, 0), cv2.Sobel(grey_b, cv2.CV_32F, 0, 1)), (3, 3))
    apart = (gone - np.float32(_PER_STEP) * steep > level) & within(camera, a.shape)
    return Change(camera, _clean(apart & (still > level)), _clean(apart), _clean(still > level))


def levels(picture: np.ndarray) -> np.ndarray:
    """(H, W) float32, 0 to 255."""
    grey = cv2.cvtColor(np.ascontiguousarray(picture[..., :3], np.float32), cv2.COLOR_RGB2GRAY)
    return np.asarray(np.clip(np.nan_to_num(grey), 0, 1) * np.float32(255))


def _differs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(H, W) float32: levels by which two pictures differ, in the colour that differs most, softened."""
    colours = cv2.blur(np.ascontiguousarray(np.clip(a[..., :3], 0, 1) - np.clip(b[..., :3], 0, 1)), (3, 3))
    return np.asarray(np.abs(colours).max(-1) * np.float32(255))


def _clean(mask: np.ndarray) -> np.ndarray:
    """Without specks."""
    kernel = np.ones((3, 3), np.uint8)
    kept = cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_OPEN, kernel)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(kept)
    large = stats[:, cv2.CC_STAT_AREA] >= _SPECK * _SPECK
    large[0] = False
    seed = large[labels]
    return np.asarray(cv2.dilate(seed.view(np.uint8), kernel).astype(bool) & mask)
