"""How much a pixel's motion is to be believed where several arrive at one place."""

from __future__ import annotations

import cv2
import numpy as np

from .looking import look

_PER_LEVEL = 0.1
_MOST = 8.0
_LEAST = -12.0


def importance(a: np.ndarray, b: np.ndarray, there: np.ndarray, back: np.ndarray) -> np.ndarray:
    """(H, W) float32, 0..1, on a's pixels: near 1 where b shows the same and its own motion leads back here.

    a, b  (H, W) uint8; there, back  the displacements from a to b and from b to a
    """
    unlike = cv2.blur(cv2.absdiff(a, look(b, there)).astype(np.float32), (3, 3))
    astray, length = _returned(there, back)
    unlike = np.float32(_PER_LEVEL) * unlike + np.minimum(astray / (0.01 * length + 0.5), _MOST)
    return np.asarray(np.exp(np.maximum(-unlike, _LEAST)), np.float32)


def contradicted(there: np.ndarray, back: np.ndarray) -> float:
    """Share of the pixels, 0..1, whose motion does not lead back to where it came from: what is hidden, and what was not found."""
    astray, length = _returned(there, back)
    return float((astray > 1 + 0.05 * length).mean())


def _returned(there: np.ndarray, back: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Square of the distance between a pixel and where going there and back leads, and of the way."""
    home = look(back, there)
    gap = there + home
    return np.einsum("yxc,yxc->yx", gap, gap), np.einsum("yxc,yxc->yx", there, there) + np.einsum("yxc,yxc->yx", home, home)
