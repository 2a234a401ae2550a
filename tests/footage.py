"""Footage for tests, with a truth that can be read off the picture: a number in bars, and a few dots.

The made scenes of genlock.hosts.demo look like footage; this looks like a test chart, and says which frame it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from genlock.hosts.demo.scene import reel
from genlock.hosts.demo.sound import Sound
from genlock.hosts.demo.twin import Side, Twin

BITS = 9
BAR_PX = 14


@dataclass
class Chart:
    """Frames that carry their number in bars along the bottom, and three dots of different brightness."""

    frames: int = 60
    size_wh: tuple[int, int] = (160, 96)
    rate: Fraction = Fraction(24)
    shot: int = 20
    dots_xy: tuple[tuple[float, float], ...] = ((31.0, 20.0), (122.0, 25.0), (70.0, 55.0))

    @property
    def sound(self) -> Sound:
        return Sound(5)

    def shot_at(self, frame: int) -> tuple[int, int, int]:
        return frame // self.shot, frame % self.shot, self.shot

    def clean(self, frame: int) -> NDArray[np.uint8]:
        width, height = self.size_wh
        image = np.full((height, width, 3), 40, np.uint8)
        for n, (x, y) in enumerate(self.dots_xy):
            cv2.circle(image, (int(x), int(y)), 7, (120 + 60 * n,) * 3, -1)
        for bit in range(BITS):
            if frame >> bit & 1:
                image[height - 16 :, bit * BAR_PX + 8 : bit * BAR_PX + 8 + BAR_PX] = 230
        return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.2), np.uint8)

    def frame(self, frame: int) -> NDArray[np.uint8]:
        return self.clean(frame)


def number_on(image: NDArray[np.uint8]) -> int:
    """The number that a whole frame of a Chart carries."""
    row = image[-8, :, 0]
    return sum(1 << bit for bit in range(BITS) if row[bit * BAR_PX + 8 + BAR_PX // 2] > 130)


def dot_on(image: NDArray[np.uint8], near_xy: tuple[float, float], reach_px: int = 12) -> tuple[float, float]:
    """Centre of gravity of what is brighter than the ground around a place, in pixels."""
    x0, y0 = (max(0, round(n) - reach_px) for n in near_xy)
    window = image[y0 : y0 + 2 * reach_px + 1, x0 : x0 + 2 * reach_px + 1, 0].astype(np.float64) - 40
    weight = np.clip(window, 0, None)
    weight[weight < 4] = 0
    y, x = np.mgrid[: window.shape[0], : window.shape[1]]
    return float((x * weight).sum() / weight.sum()) + x0, float((y * weight).sum() / weight.sum()) + y0


def write_pair(folder: Path, clip: Side, ref: Side | None = None, seed: int = 3, lengths: tuple[int, ...] = (30, 24, 36)) -> dict[str, Any]:
    """A small pair of made footage, 240 x 136, as clip and ref in a folder; returns the truth."""
    return Twin("pair", reel(seed, lengths, size_wh=(240, 136)), clip, ref or Side()).write(folder)
