"""Pairs whose flow is a formula: both pictures are painted from one plane, and neither is resampled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genlock.tests.core.space.painted import Painting, bytes_of

Points = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]
PAINTING = Painting(3, 700)


@dataclass(frozen=True)
class Pair:
    """Two pictures and the truth between them."""

    clip: np.ndarray
    ref: np.ndarray
    truth: np.ndarray
    """(H, W, 2) float64: ref pixel -> clip point."""
    start: np.ndarray
    """(H, W, 2) float32: the identity."""

    def off_px(self, ref_to_clip: np.ndarray, border: int = 4) -> np.ndarray:
        """Distance from the truth, in clip pixels, of the ref pixels that the clip shows, a few at its border left out."""
        h, w = self.clip.shape[:2]
        x, y = self.truth[..., 0], self.truth[..., 1]
        seen = (x >= border) & (x <= w - 1 - border) & (y >= border) & (y <= h - 1 - border)
        return np.linalg.norm(ref_to_clip - self.truth, axis=-1)[seen]


def grid(wh: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.meshgrid(np.arange(wh[0], dtype=float), np.arange(wh[1], dtype=float))
    return x, y


def identity(wh: tuple[int, int]) -> np.ndarray:
    return np.stack(grid(wh), -1).astype(np.float32)


def pair(ref_of_clip: Points, wh: tuple[int, int] = (320, 180), clip_wh: tuple[int, int] | None = None) -> Pair:
    """ref_of_clip: the ref point that a clip point shows; near the identity, so that its inverse is found by going back and forth."""
    x, y = grid(wh)
    truth = np.stack([x, y], -1)
    for _ in range(60):
        u, v = ref_of_clip(truth[..., 0], truth[..., 1])
        truth = truth + np.stack([x - u, y - v], -1)
    clip = PAINTING.at(*ref_of_clip(*grid(clip_wh or wh)))
    return Pair(bytes_of(clip), bytes_of(PAINTING.at(x, y)), truth, identity(wh))


def shift(dx: float, dy: float) -> Points:
    return lambda x, y: (x - dx, y - dy)


def about(matrix: list[list[float]], wh: tuple[int, int] = (320, 180)) -> Points:
    """A 2 x 2 about the picture's middle."""
    cx, cy = (wh[0] - 1) / 2, (wh[1] - 1) / 2
    (a, b), (c, d) = matrix
    return lambda x, y: (a * (x - cx) + b * (y - cy) + cx, c * (x - cx) + d * (y - cy) + cy)


def rotation(degrees: float) -> Points:
    c, s = float(np.cos(np.radians(degrees))), float(np.sin(np.radians(degrees)))
    return about([[c, -s], [s, c]])


def zoom(across: float, down: float) -> Points:
    return about([[1 / across, 0.0], [0.0, 1 / down]])


def sine(amplitude_px: float, length_px: float) -> Points:
    k = 2 * np.pi / length_px
    return lambda x, y: (x + amplitude_px * np.sin(k * y), y + 0.6 * amplitude_px * np.cos(k * x))
