"""What a person says about one frame: a box around the thing, or strokes on it and beside it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...errors import UsageError

INSIDE, UNKNOWN, OUTSIDE = 255, 128, 0


@dataclass(frozen=True)
class Box:
    """A rectangle around the thing, in pixels of the frame; edges lie between pixels, so that a box of width 1 holds one column."""

    left: int
    top: int
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class Strokes:
    """(H, W) uint8: 255 on the thing, 0 beside it, 128 where it is to be found out. A finished mask has no 128 and is taken as it is."""

    picture: np.ndarray

    @property
    def finished(self) -> bool:
        return not bool((self.picture == UNKNOWN).any())


Key = Box | Strokes


def scaled(key: Key, hw: tuple[int, int], small_hw: tuple[int, int], frame: int) -> np.ndarray:
    """(h, w) uint8 of a key, as Strokes has it, on a smaller picture: a box is unknown within, and outside without.

    Raises UsageError where the key is not on the picture.
    """
    (height, width), (h, w) = hw, small_hw
    if isinstance(key, Strokes):
        if key.picture.shape != hw or key.picture.dtype != np.uint8:
            said = f"the strokes of frame {frame} are {key.picture.dtype} of shape {key.picture.shape}"
            raise UsageError(said, f"give 8 bit of the frame's size, {height} x {width}")
        return cv2.resize(_three(key.picture), (w, h), interpolation=cv2.INTER_NEAREST)
    left, top = max(key.left, 0), max(key.top, 0)
    right, bottom = min(key.left + key.width, width), min(key.top + key.height, height)
    if right <= left or bottom <= top:
        raise UsageError(f"the box of frame {frame} lies outside its {width} x {height} pixels", "give LEFT,TOP,WIDTH,HEIGHT in pixels of the frame")
    out = np.zeros(small_hw, np.uint8)
    x0, y0 = int(left * w / width), int(top * h / height)
    out[y0 : max(-(-bottom * h // height), y0 + 1), x0 : max(-(-right * w // width), x0 + 1)] = UNKNOWN
    return out


def _three(picture: np.ndarray) -> np.ndarray:
    """Soft edges of strokes count by the side they lie on."""
    return np.where(picture == UNKNOWN, UNKNOWN, np.where(picture > UNKNOWN, INSIDE, OUTSIDE)).astype(np.uint8)
