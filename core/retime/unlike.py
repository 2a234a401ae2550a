"""How unlike two frames are once motion and light are allowed for: what moves, brightens or fades stays itself; another shot does not."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..dis import searcher
from .between.looking import look

_LONG_PX = 128
_SHORT_PX = 48
_BLOCK = (8, 8)
_FLAT = 3.0
"""Standard deviation of a block, in levels, under which it has nothing to be found again by but its colour."""
_FAR = 40.0
"""Levels of colour by which flat blocks differ wholly."""
_MOST_GAIN = 4.0
_SURE = 0.08
"""Lost blocks, of all, below which the other way is not looked at as well."""


@dataclass(frozen=True)
class Thumb:
    """A frame in small."""

    colour: np.ndarray
    """(h, w, 3) float32, levels of 8 bits."""
    grey: np.ndarray
    """(h, w) uint8."""

    @property
    def level(self) -> float:
        return float(self.grey.mean())

    @property
    def contrast(self) -> float:
        return float(self.grey.std())


def thumb(picture: np.ndarray) -> Thumb:
    """Of (H, W, 3) uint8, or float32 where 1 is white."""
    height, width = picture.shape[:2]
    scale = min(1.0, _LONG_PX / max(height, width))
    size = max(_SHORT_PX, round(width * scale)), max(_SHORT_PX, round(height * scale))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    if picture.dtype != np.uint8:
        small = np.clip(np.nan_to_num(small), 0, 1) * np.float32(255)
    return Thumb(small, cv2.convertScaleAbs(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)))


def unlike(a: Thumb, b: Thumb) -> float:
    """0, the same or the same moved and lit otherwise, to 1, nothing of one found in the other: the share of lost blocks, both ways."""
    if a.grey.shape != b.grey.shape:
        return 1.0
    there = _lost(a, b)
    return there if there < _SURE else max(there, _lost(b, a))


def _lost(a: Thumb, b: Thumb) -> float:
    """The share of a's blocks that are not in b."""
    lit = _as_lit(b, a)
    grey = cv2.convertScaleAbs(cv2.cvtColor(lit, cv2.COLOR_RGB2GRAY))
    search = searcher(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    search.setFinestScale(0)
    flow = np.asarray(search.calc(a.grey, grey, None), np.float32)  # type: ignore[call-overload]
    there = look(lit, flow)
    first, second = a.colour, there
    mean_a, mean_b = _blocks(first), _blocks(second)
    var_a, var_b = (np.maximum(_blocks(p * p) - m * m, 0).sum(-1) for p, m in ((first, mean_a), (second, mean_b)))
    together = (_blocks(first * second) - mean_a * mean_b).sum(-1)
    floor = 3 * _FLAT**2
    alike = (together + floor) / (np.sqrt((var_a + floor) * (var_b + floor)))
    apart = np.abs(mean_a - mean_b).max(-1) / _FAR
    return float(np.clip(np.maximum(1 - alike, apart), 0, 1).mean())


def _as_lit(b: Thumb, a: Thumb) -> np.ndarray:
    """b's colours with a's brightness and contrast."""
    gain = float(np.clip((a.contrast + 1) / (b.contrast + 1), 1 / _MOST_GAIN, _MOST_GAIN))
    return np.asarray(np.clip((b.colour - b.level) * np.float32(gain) + np.float32(a.level), 0, 255), np.float32)


def _blocks(values: np.ndarray) -> np.ndarray:
    """Means of blocks, (rows, columns, 3)."""
    height, width = values.shape[:2]
    return cv2.resize(values, (max(1, width // _BLOCK[0]), max(1, height // _BLOCK[1])), interpolation=cv2.INTER_AREA)
