"""Both pictures drawn at a time, and laid together: what only one of them shows is taken from that one."""

from __future__ import annotations

import cv2
import numpy as np

from .looking import look, places

_FULL = 0.4
"""Pixels arrived at a place from which on the picture counts as showing what is there."""
_FAINT = 1e-3


def visible(flow: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(H, W) float32, 0..1: how far a picture shows what is at a place; nothing beyond its border.

    flow  where each place is in that picture, as a displacement; seen  the count of pixels that arrived there from it
    """
    height, width = seen.shape
    at = places(height, width) + flow
    beyond = cv2.max(*(cv2.absdiff(at[..., k], np.clip(at[..., k], 0, np.float32(n - 1))) for k, n in enumerate((width, height))))
    return np.asarray(np.minimum(seen / _FULL, 1) * np.maximum(1 - beyond, 0), np.float32)


def shares(visible_a: np.ndarray, visible_b: np.ndarray, time: float | np.ndarray) -> np.ndarray:
    """(H, W) float32, 0..1: how much of each pixel is taken from a. At the times 0 and 1 that is all and nothing."""
    from_a = (visible_a + _FAINT) * (1 - time)
    return np.asarray(from_a / (from_a + (visible_b + _FAINT) * time), np.float32)


def drawn(a: np.ndarray, b: np.ndarray, to_a: np.ndarray, to_b: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The picture, (H, W, C) float32. Where both show the same bits, those bits; where the share is 0 or 1, the one picture's."""
    from_a = look(np.ascontiguousarray(a, np.float32), to_a, cv2.INTER_CUBIC)
    from_b = look(np.ascontiguousarray(b, np.float32), to_b, cv2.INTER_CUBIC)
    rest = 1 - share
    out = cv2.subtract(from_b, from_a)
    cv2.multiply(out, cv2.merge([rest] * a.shape[2]), dst=out)
    cv2.add(out, from_a, dst=out)
    cv2.copyTo(from_b, (share == 0).view(np.uint8), out)
    return out
