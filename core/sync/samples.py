"""Larger pictures of a few frames, evenly spread over footage whose length is not known beforehand."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..media.footage import Frame
from ..media.frame import resized
from .kept import Kept

AREA = 480 * 270
MOST = 24


class Samples:
    """Pictures of at most MOST frames: every first, every second, every fourth, … as more of them come."""

    def __init__(self, width: int, height: int) -> None:
        scale = min(1.0, (AREA / (width * height)) ** 0.5)
        self.size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
        self.step = 1
        self.held: dict[int, np.ndarray] = {}
        self.later: dict[int, Frame | None] = {}
        """Chosen so far, and not made smaller yet; None where the frame's luma is kept anyway."""

    def see(self, frame: Frame, kept: Kept | None) -> None:
        """The next frame."""
        if frame.number % self.step:
            return
        self.later[frame.number] = frame if kept is None else None
        if len(self.later) + len(self.held) > MOST:
            self.step *= 2
            self.later = {n: f for n, f in self.later.items() if n % self.step == 0}
            self.held = {n: p for n, p in self.held.items() if n % self.step == 0}
        if self.step >= 16 and kept is None:
            self.settle(None)

    def settle(self, kept: Kept | None) -> None:
        """Make those chosen so far smaller."""
        for number, frame in self.later.items():
            self.held[number] = frame.luma(self.size_wh) if frame is not None else resized(kept[number], self.size_wh)  # type: ignore[index]
        self.later = {}

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Numbers, ascending, and pictures (N, h, w) uint8, of what has been settled."""
        numbers = sorted(self.held)
        return np.array(numbers), np.stack([self.held[n] for n in numbers])

    def write(self, path: Path) -> None:
        """As Analysis.samples() reads them."""
        numbers, pictures = self.arrays()
        np.savez(path, numbers=numbers, pictures=pictures)

    def restore(self, step: int, numbers: np.ndarray, pictures: np.ndarray) -> None:
        """What another pass had settled."""
        self.step = step
        self.held = {int(n): picture for n, picture in zip(numbers, pictures, strict=True)}
