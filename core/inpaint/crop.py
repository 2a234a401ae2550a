"""The crop that a painter sees: around the mask of a whole group, the same for all of its frames, scaled to the model's size, and back.

Pixel centres on integers: crop pixel (x, y) shows the frame's point (left + (x + 0.5) * width / w - 0.5, …). Lanczos up, area averages down.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from ..errors import GenlockError

MULTIPLE = 8
"""Sides that models take."""
MOST_SIDE = 1 << 20
LEAST = 64
"""Pixels a side: what a painter sees is not made smaller than this."""


@dataclass(frozen=True)
class Crop:
    """A rectangle of the frame, and the size at which a painter sees it."""

    top: int
    left: int
    height: int
    width: int
    size_hw: tuple[int, int]
    """Of the painter's picture, multiples of 8."""

    def to_json(self) -> dict[str, Any]:
        return {"top": self.top, "left": self.left, "height": self.height, "width": self.width, "size": list(self.size_hw)}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Crop:
        size: list[int] = list(body["size"])
        sides: list[int] = [body[name] for name in ("top", "left", "height", "width")]
        if len(size) != 2 or not all(type(side) is int and 0 <= side <= MOST_SIDE for side in (*sides, *size)):
            raise ValueError("a crop of no sizes")
        top, left, height, width = sides
        return cls(top, left, height, width, (size[0], size[1]))

    @property
    def window(self) -> tuple[slice, slice]:
        """Where it lies, to index a frame with."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)


Box = tuple[int, int, int, int]
"""top, left, bottom, right; the last two one beyond."""


def box_of(mask: np.ndarray) -> Box | None:
    """The least rectangle that holds the mask; None where it is empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return (int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1) if rows.size else None


def union(boxes: Iterable[Box | None]) -> Box | None:
    """The least rectangle that holds all of them."""
    found = [box for box in boxes if box is not None]
    if not found:
        return None
    return min(b[0] for b in found), min(b[1] for b in found), max(b[2] for b in found), max(b[3] for b in found)


def crop_around(box: Box | None, hw: tuple[int, int], padding: int, size: int) -> Crop:
    """The crop of a group.

    box      that holds the masks of all of its frames; None is the middle of the picture
    padding  pixels on each side that the painter sees as well, as far as the picture goes
    size     longer side of what the painter sees, in its pixels
    The shorter side follows the crop's shape, rounded to a multiple of 8; the crop itself is widened so that the two scales agree
    as far as the picture allows.
    """
    top, left, bottom, right = box or (hw[0] // 2, hw[1] // 2, hw[0] // 2 + 1, hw[1] // 2 + 1)
    top, bottom = max(0, top - padding), min(hw[0], bottom + padding)
    left, right = max(0, left - padding), min(hw[1], right + padding)
    longest = max(LEAST, size // MULTIPLE * MULTIPLE)
    scale = longest / max(bottom - top, right - left)
    size_hw = _side((bottom - top) * scale), _side((right - left) * scale)
    top, bottom = _widened(top, bottom, round(size_hw[0] / scale), hw[0])
    left, right = _widened(left, right, round(size_hw[1] / scale), hw[1])
    return Crop(top, left, bottom - top, right - left, size_hw)


def cut(picture: np.ndarray, crop: Crop) -> np.ndarray:
    """What the painter sees of a frame: (h, w, 3), the frame's own type."""
    return _resized(picture[crop.window], crop.size_hw)


def cut_mask(mask: np.ndarray, crop: Crop) -> np.ndarray:
    """The mask over it, (h, w) uint8, 0 or 255: every painter's pixel that touches a masked one is in it."""
    part = (mask[crop.window] > 0).astype(np.uint8) * 255
    h, w = crop.size_hw
    if h >= crop.height and w >= crop.width:
        return cv2.resize(part, (w, h), interpolation=cv2.INTER_NEAREST_EXACT)
    return np.asarray(cv2.resize(part.astype(np.float32), (w, h), interpolation=cv2.INTER_AREA) > 0).astype(np.uint8) * 255


def back(picture: np.ndarray, crop: Crop) -> np.ndarray:
    """A painter's picture at the crop's place in the frame: (height, width, 3). Raises GenlockError where it is of another size."""
    if picture.shape[:2] != crop.size_hw:
        said = f"a painted picture is {picture.shape[1]} x {picture.shape[0]}, and {crop.size_hw[1]} x {crop.size_hw[0]} was asked for"
        raise GenlockError(said, "have it painted again")
    return _resized(picture, (crop.height, crop.width))


def _side(pixels: float) -> int:
    return max(LEAST, math.ceil(pixels / MULTIPLE - 1e-9) * MULTIPLE)


def _widened(first: int, end: int, wanted: int, limit: int) -> tuple[int, int]:
    """A stretch of `wanted` pixels around this one, shifted where the picture ends."""
    missing = min(max(wanted, end - first), limit) - (end - first)
    first = max(0, min(first - missing // 2, limit - (end - first) - missing))
    return first, end if missing <= 0 else first + min(max(wanted, 0), limit)


def _resized(picture: np.ndarray, hw: tuple[int, int]) -> np.ndarray:
    if picture.shape[:2] == hw:
        return np.ascontiguousarray(picture)
    smaller = hw[0] < picture.shape[0] or hw[1] < picture.shape[1]
    out = cv2.resize(picture, hw[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4)
    return np.asarray(out)
