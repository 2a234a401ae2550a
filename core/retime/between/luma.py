"""What the motion is looked for in: one plane of 8 bits, stretched alike for both pictures."""

from __future__ import annotations

import cv2
import numpy as np

LEAST_PX = 48
"""Smaller pictures are continued to this size: the search needs a few patches a side."""
_WEIGHTS = np.array([[0.299, 0.587, 0.114]], np.float32)
_DARK = 0.3
"""Pictures whose brightest part is darker than this are brightened to it. Brightening more made noise pull."""
_DARKEST = 0.04
"""Nor is any brightened more than from here."""


def lumas(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two pictures (H, W, 3) float32 as (H, W) uint8: both dark, and both beyond white, are scaled alike."""
    planes = [_finite(cv2.transform(np.ascontiguousarray(picture, np.float32), _WEIGHTS)) for picture in (a, b)]
    some = np.concatenate([plane[::4, ::4].ravel() for plane in planes])
    last = len(some) - 1 - len(some) // 1000
    brightest = max(float(np.partition(some, last)[last]), _DARKEST)
    gain = min(max(1.0, _DARK / brightest), 1 / brightest)
    first, second = (cv2.convertScaleAbs(np.maximum(plane, 0), alpha=255 * gain) for plane in planes)
    return first, second


def _finite(plane: np.ndarray) -> np.ndarray:
    plane = plane.reshape(plane.shape[:2])
    return plane if np.isfinite(plane.sum(dtype=np.float64)) else np.nan_to_num(plane, nan=0.0, posinf=1.0, neginf=0.0)


def continued(luma: np.ndarray) -> np.ndarray:
    """The plane, its outermost pixels repeated right and below up to the least size."""
    height, width = luma.shape
    right, below = max(0, LEAST_PX - width), max(0, LEAST_PX - height)
    return np.pad(luma, ((0, below), (0, right)), mode="edge") if right or below else luma
