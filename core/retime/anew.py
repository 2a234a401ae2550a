"""What is drawn anew from one frame to the next, pixel by pixel: neither stands still nor goes with the camera.

As moves.py tells it block by block in small pictures; here outlines count. Pictures are (H, W, C) float32, of which the first three are
colours and 1 is white; x right, y down.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .camera import moved, within
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

    planes: tuple[np.ndarray, ...]
    """(2, 3) each, takes a's pixels to b's: the camera, and other planes that go on moving; none where all stands still."""
    anew: np.ndarray
    """What neither stood there before nor came there with a plane."""
    apart: np.ndarray
    """What came with no plane; where all stands still, what did not stand there."""
    stirred: np.ndarray
    """What did not stand there before."""


def change(a: np.ndarray, b: np.ndarray, planes: tuple[np.ndarray, ...]) -> Change:
    """What changes between two frames of one size, of which the planes are known."""
    grey_a, grey_b = levels(a), levels(b)
    level = max(_LEAST, _NOISE_TIMES * max(grain(grey_a), grain(grey_b)))
    still = differs(a, b) > level
    stirred = _clean(still)
    if not planes:
        return Change((), stirred, stirred, stirred)
    steep = cv2.blur(np.hypot(cv2.Sobel(grey_b, cv2.CV_32F, 1, 0), cv2.Sobel(grey_b, cv2.CV_32F, 0, 1)), (3, 3))
    apart = np.ones(still.shape, bool)
    for plane in planes:
        gone = differs(moved(a, plane), b)
        apart &= (gone - np.float32(_PER_STEP) * steep > level) & within(plane, a.shape)
    return Change(planes, _clean(apart & still), _clean(apart), stirred)


def levels(picture: np.ndarray) -> np.ndarray:
    """(H, W) float32, 0 to 255."""
    grey = cv2.cvtColor(np.ascontiguousarray(picture[..., :3], np.float32), cv2.COLOR_RGB2GRAY)
    return np.asarray(np.clip(np.nan_to_num(grey), 0, 1) * np.float32(255))


def differs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
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
