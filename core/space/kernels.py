"""The three curves that weigh clip pixels by their distance: linear, bicubic (Catmull-Rom) and Lanczos with three lobes.

All three pass through the clip's own values at whole pixels. Sources: C. E. Duchon, "Lanczos Filtering in One and Two
Dimensions" (1979); E. Catmull and R. Rom, "A Class of Local Interpolating Splines" (1974), R. G. Keys' cubic with a = -1/2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..errors import UsageError

PHASES = 1 << 14
"""Steps a pixel in phase_table(): a place is off by at most 1/32768 px, what float32 coordinates of a 4K map are good for.
OpenCV's remap has 32 steps with Lanczos, before 5.0 with every kernel, and its bicubic (a = -3/4) bends a straight ramp by 0.05;
bench/warp.py prints what that costs."""
STEPS = 1 << 12
"""Steps a pixel in distance_table()."""


@dataclass(frozen=True)
class Kernel:
    """A resampling curve, even, 1 at 0, and 0 at every other whole number."""

    name: str
    radius: int
    """Nothing further away counts, in pixels (of the coarser of the two pictures)."""
    curve: Callable[[np.ndarray], np.ndarray]
    """Weight by distance >= 0, float64; only asked within the radius."""

    def at(self, distance: np.ndarray) -> np.ndarray:
        """Weights by signed distance, float64; 0 outside the radius."""
        away = np.abs(np.asarray(distance, float))
        return np.where(away < self.radius, self.curve(np.minimum(away, self.radius)), 0.0)


def _linear(d: np.ndarray) -> np.ndarray:
    return 1 - d


def _catmull_rom(d: np.ndarray) -> np.ndarray:
    inner = (1.5 * d - 2.5) * d * d + 1
    outer = ((-0.5 * d + 2.5) * d - 4) * d + 2
    return np.where(d < 1, inner, outer)


def _lanczos(d: np.ndarray) -> np.ndarray:
    return np.asarray(np.sinc(d) * np.sinc(d / 3))


_ALL = {k.name: k for k in (Kernel("lanczos", 3, _lanczos), Kernel("bicubic", 2, _catmull_rom), Kernel("linear", 1, _linear))}
KERNELS = tuple(_ALL)


def kernel_of(name: str) -> Kernel:
    """The kernel of this name. Raises UsageError for another one."""
    if name not in _ALL:
        raise UsageError(f"{name!r} is no resampling kernel", f"choose one of {', '.join(KERNELS)}")
    return _ALL[name]


@lru_cache(maxsize=4)
def phase_table(name: str) -> np.ndarray:
    """(2 * radius, PHASES + 1) float32: weights of the pixels floor(x) - radius + 1 and on, for each fraction of x; they add up to 1.

    Lanczos' own weights add up to 1 within a percent only; divided by their sum, a plain area stays plain.
    """
    kernel = kernel_of(name)
    fraction = np.arange(PHASES + 1) / PHASES
    place = np.arange(1 - kernel.radius, kernel.radius + 1)[:, None]
    weights = kernel.at(fraction - place)
    return np.asarray(weights / weights.sum(0), np.float32)


@lru_cache(maxsize=4)
def distance_table(name: str) -> np.ndarray:
    """(radius * STEPS + 2,) float32: weight at distance n / STEPS; the last one is 0, for everything further away."""
    kernel = kernel_of(name)
    weights = kernel.at(np.arange(kernel.radius * STEPS + 2) / STEPS)
    weights[-2:] = 0
    return np.asarray(weights, np.float32)
