"""Places of a picture continued from what lies around them."""

from __future__ import annotations

import cv2
import numpy as np

_SIDES = (5, 11, 25, 61, 151, 401)


def continued(picture: np.ndarray, bare: np.ndarray, unknown: np.ndarray) -> np.ndarray:
    """(H, W, C) float32 with the bare pixels filled by the mean of what is known around, the nearer the better.

    bare, unknown  (H, W) bool: what is filled, and what nothing is taken from. What lies too far from anything known stays.
    """
    if not bare.any():
        return picture
    out = picture.copy()
    sure = (~unknown).astype(np.float32)
    seen = picture * sure[..., None]
    left = bare.copy()
    for side in _SIDES:
        count = cv2.blur(sure, (side, side), borderType=cv2.BORDER_CONSTANT)
        found = left & (count > 1.5 / side**2)
        if found.any():
            out[found] = cv2.blur(seen, (side, side), borderType=cv2.BORDER_CONSTANT)[found] / count[found][:, None]
            left &= ~found
        if not left.any():
            break
    return out
