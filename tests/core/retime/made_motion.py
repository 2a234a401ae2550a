"""Pictures of motions that are known in closed form: the same drawing at any time, each time drawn anew."""

from __future__ import annotations

import cv2
import numpy as np

_OVER = 4
"""Drawn at this many times the size and averaged, so that every time is as sharp as any other."""


def texture(height: int, width: int, seed: int = 1) -> np.ndarray:
    """(height, width, 3) float32, 0..1: smooth patches with grain between 6 and 20 pixels."""
    rng = np.random.default_rng(seed)
    out = np.zeros((height, width, 3), np.float32)
    for sigma, gain in ((3.0, 0.5), (8.0, 1.0)):
        noise = cv2.GaussianBlur(rng.standard_normal((height, width, 3), dtype=np.float32), (0, 0), sigma)
        out += noise / noise.std() * gain
    return np.clip(0.5 + 0.16 * out, 0, 1).astype(np.float32)


def moved(world: np.ndarray, matrix: np.ndarray, wh: tuple[int, int]) -> np.ndarray:
    """The world (at _OVER times the pixels) through a camera: matrix takes world pixels, in picture units, to picture pixels."""
    up = np.array([[_OVER, 0, (_OVER - 1) / 2], [0, _OVER, (_OVER - 1) / 2], [0, 0, 1.0]])
    large_wh = wh[0] * _OVER, wh[1] * _OVER
    large = cv2.warpPerspective(world, up @ matrix @ np.linalg.inv(up), large_wh, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return cv2.resize(large, wh, interpolation=cv2.INTER_AREA)


def world(wh: tuple[int, int], seed: int = 1) -> np.ndarray:
    """What moved() takes for a picture of this size."""
    small = texture(wh[1], wh[0], seed)
    return np.asarray(cv2.resize(small, (wh[0] * _OVER, wh[1] * _OVER), interpolation=cv2.INTER_CUBIC), np.float32)


def shift(x: float, y: float) -> np.ndarray:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]])


def turn(degrees: float, zoom: float, about_xy: tuple[float, float]) -> np.ndarray:
    c, s = zoom * np.cos(np.radians(degrees)), zoom * np.sin(np.radians(degrees))
    return shift(*about_xy) @ np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]]) @ shift(-about_xy[0], -about_xy[1])


def disc(ground: np.ndarray, at_xy: tuple[float, float], radius: float, skin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A textured disc over the ground, and its coverage (H, W) 0..1; the skin goes along with it."""
    height, width = ground.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)
    covered = np.clip(radius + 0.5 - np.hypot(x - at_xy[0], y - at_xy[1]), 0, 1)
    there = shift(at_xy[0] - width / 2, at_xy[1] - height / 2)[:2]
    drawn = cv2.warpAffine(skin, there, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return ground * (1 - covered[..., None]) + drawn * covered[..., None], covered


def apart(a: np.ndarray, b: np.ndarray, margin: int = 0) -> float:
    """Mean difference in levels of 255, but for a margin."""
    inner = slice(margin, -margin or None)
    return float(np.abs(a - b)[inner, inner].mean() * 255)
