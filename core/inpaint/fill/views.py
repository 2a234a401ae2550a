"""What is looked at of a shot: its frames as they are, as many as memory is given for, and small 8-bit views of them.

Convention: full pixels and view pixels both have their centres on integers; a view shares its edges with the frame, so view pixel v shows
full pixel (v + 0.5) * stretch - 0.5.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import cv2
import numpy as np

from ...errors import UsageError
from ...space.geometry import resize_matrix

Frames = Callable[[int], np.ndarray]
"""A frame by its number: (H, W, 3) RGB uint8, uint16 or float32."""
Masks = Callable[[int], np.ndarray]
"""A mask by its frame's number: (H, W) uint8; what is not 0 is filled."""
LONG_PX = 640
"""Longer side of a view. Motion is found in it; a homography fitted to all of it is good to a hundredth of its pixel."""
BRIGHT = 4.0
"""Scene-linear value that a view of a float picture shows as white."""


class Kept:
    """The most recently used of what can be made again, by its number, within so many bytes."""

    def __init__(self, make: Callable[[int], np.ndarray], most_bytes: float) -> None:
        self._make, self._most, self._held = make, most_bytes, 0
        self._items: OrderedDict[int, np.ndarray] = OrderedDict()

    def __call__(self, number: int) -> np.ndarray:
        if number in self._items:
            self._items.move_to_end(number)
            return self._items[number]
        made = self._make(number)
        self._items[number] = made
        self._held += made.nbytes
        while self._held > self._most and len(self._items) > 1:
            self._held -= self._items.popitem(last=False)[1].nbytes
        return made


class Views:
    """One shot, frames first to end - 1."""

    def __init__(self, frames: Frames, masks: Masks, first: int, end: int, margin_px: int, memory_mb: float) -> None:
        self.first, self.end = first, end
        sample = _checked(frames(first), None, first)
        self.hw, self.dtype = (int(sample.shape[0]), int(sample.shape[1])), sample.dtype
        height, width = self.hw
        shrink = min(1.0, LONG_PX / max(height, width))
        self.view_wh = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        self.to_full = resize_matrix(self.view_wh, (width, height))
        self.to_view = resize_matrix((width, height), self.view_wh)
        self.margin_px = margin_px if margin_px >= 0 else max(1, round(0.002 * width))
        self._masks = masks
        share = memory_mb * 2**20
        self.full = Kept(lambda n: _checked(frames(n), sample, n), share)
        self.view = Kept(self._view, share / 4)
        self.grey = Kept(lambda n: cv2.cvtColor(self.view(n), cv2.COLOR_RGB2GRAY), share / 8)
        self._packed = Kept(lambda n: np.packbits(self._hole(n)), share / 16)
        self.blocked = Kept(self._blocked, share / 8)

    def hole(self, number: int) -> np.ndarray:
        """(H, W) bool: what is to be filled."""
        height, width = self.hw
        return np.unpackbits(self._packed(number), count=height * width).reshape(height, width).astype(bool)

    def _hole(self, number: int) -> np.ndarray:
        mask = self._masks(number)
        if mask.shape != self.hw:
            raise UsageError(f"the mask of frame {number} is of shape {mask.shape}, its frame {self.hw}", "bring masks of the frames' size")
        return mask > 0

    def _blocked(self, number: int) -> np.ndarray:
        """(h, w) uint8: 255 where a view pixel touches the hole or its margin."""
        hole = self.hole(number)
        return in_view(self, grown(hole, self.margin_px) if hole.any() else hole)

    def _view(self, number: int) -> np.ndarray:
        return np.ascontiguousarray(shown(cv2.resize(self.full(number), self.view_wh, interpolation=cv2.INTER_AREA)))


def disc(radius_px: int) -> np.ndarray:
    """For cv2.dilate."""
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius_px + 1, 2 * radius_px + 1)))


def grown(where: np.ndarray, by_px: int) -> np.ndarray:
    """(H, W) bool made larger on all sides."""
    return np.asarray(cv2.dilate(where.astype(np.uint8), disc(by_px)) > 0)


def in_view(views: Views, where: np.ndarray) -> np.ndarray:
    """(h, w) uint8: 255 where a view pixel touches what is set in a frame's (H, W) bool."""
    small = cv2.resize(where * np.uint8(255), views.view_wh, interpolation=cv2.INTER_AREA)
    return np.asarray((small > 0) * np.uint8(255))


def shown(picture: np.ndarray) -> np.ndarray:
    """Any picture as uint8. Float is taken for scene-linear and goes through a logarithm, the same for every frame."""
    if picture.dtype == np.uint8:
        return picture
    if picture.dtype == np.uint16:
        return (picture >> 8).astype(np.uint8)
    safe = np.nan_to_num(picture, nan=0.0, posinf=BRIGHT, neginf=0.0)
    return np.asarray(255 * np.log1p(16 * np.clip(safe, 0, BRIGHT)) / np.log1p(16 * BRIGHT), np.float32).round().astype(np.uint8)


def _checked(picture: np.ndarray, like: np.ndarray | None, number: int) -> np.ndarray:
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype not in (np.uint8, np.uint16, np.float32):
        raise UsageError(f"frame {number} is {picture.dtype} of shape {picture.shape}", "give (height, width, 3) of uint8, uint16 or float32")
    if like is not None and (picture.shape != like.shape or picture.dtype != like.dtype):
        raise UsageError(f"frame {number} differs in size or depth from the first of its shot", "fill shots of different size one by one")
    return picture
