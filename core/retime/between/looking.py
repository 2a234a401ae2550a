"""Where a displacement leads, and what a picture shows there. Displacements are (H, W, 2) pixels, x right, y down."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np


@lru_cache(maxsize=4)
def places(height: int, width: int) -> np.ndarray:
    """(H, W, 2) float32: where each pixel is. Not to be written to."""
    out = np.empty((height, width, 2), np.float32)
    out[..., 0] = np.arange(width, dtype=np.float32)
    out[..., 1] = np.arange(height, dtype=np.float32)[:, None]
    out.setflags(write=False)
    return out


def look(picture: np.ndarray, flow: np.ndarray, kernel: int = cv2.INTER_LINEAR) -> np.ndarray:
    """The picture at each pixel plus its displacement, in the picture's own type; beyond the border its outermost pixels go on.

    Places are taken to a 32nd of a pixel. At whole pixels the values are those of the picture, bit for bit.
    """
    at = places(*flow.shape[:2]) + flow
    return cv2.remap(picture, at, None, kernel, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload,no-any-return]
