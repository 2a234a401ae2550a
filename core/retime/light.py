"""Scene-linear light is shown to interpolators on a curve, and brought back: they know display pictures."""

from __future__ import annotations

import numpy as np

_GAMMA = np.float32(2.4)


class Light:
    """Of one piece of footage. linear: its pictures are scene-linear."""

    def __init__(self, linear: bool) -> None:
        self._linear = linear

    def display(self, rgb: np.ndarray) -> np.ndarray:
        """As an interpolator wants it. Below 0 the curve is mirrored, so that nothing is lost."""
        return np.copysign(np.abs(rgb) ** (1 / _GAMMA), rgb) if self._linear else rgb

    def back(self, rgb: np.ndarray) -> np.ndarray:
        """As the footage has it."""
        return np.copysign(np.abs(rgb) ** _GAMMA, rgb) if self._linear else rgb
