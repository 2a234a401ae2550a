"""Frames in between by a model that genlock does not know: an Interpolator round one call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...core.retime.contracts import Between, Time
from ..asking import end_of, require_pair, require_time
from ..errors import ModelError

Ask = Callable[[np.ndarray, np.ndarray, float], np.ndarray]
"""From two pictures (H, W, 3) float32 and a time to the picture there. H and W are multiples of what the model was said to need."""


@dataclass(frozen=True)
class DoorInterpolator:
    """Asks the model, and believes only pictures."""

    ask: Ask
    name: str
    multiple_of: int = 1

    def pair(self, a: np.ndarray, b: np.ndarray) -> DoorPair:
        """Prepare two pictures (H, W, 3) float32 of one size. Raises UsageError."""
        require_pair(a, b)
        return DoorPair(self, a, b)

    def middle(self, a: np.ndarray, b: np.ndarray, t: Time = 0.5) -> np.ndarray:
        """The picture at a time between two. Raises UsageError, ModelError."""
        return self.pair(a, b).at(t)


@dataclass(frozen=True)
class DoorPair:
    """Two pictures; nothing can be prepared for a model that is only asked for pictures."""

    _door: DoorInterpolator
    _a: np.ndarray
    _b: np.ndarray

    def at(self, t: Time) -> np.ndarray:
        """The picture at a time. Raises ModelError where the model takes no map of times, or gives what is no picture of this size."""
        height, width = self._a.shape[:2]
        require_time(t, (height, width))
        end = end_of(t)
        if end is not None:
            return (self._a, self._b)[end]
        if isinstance(t, np.ndarray):
            raise ModelError(f"{self._door.name} takes one time for the whole picture", "choose a model with a card of its own, such as rife")
        pad = (0, -height % self._door.multiple_of), (0, -width % self._door.multiple_of), (0, 0)
        got = self._door.ask(np.pad(self._a, pad, "edge"), np.pad(self._b, pad, "edge"), float(t))
        wanted = (height + pad[0][1], width + pad[1][1], 3)
        if got.shape != wanted or got.dtype.kind != "f" or not np.isfinite(got).all():
            what = f"{got.dtype} of shape {got.shape}" if got.shape != wanted or got.dtype.kind != "f" else "numbers that are not finite"
            raise ModelError(f"{self._door.name} gives {what} where float of shape {wanted} is due", "docs/models.md tells what it has to give")
        return np.ascontiguousarray(got[:height, :width], np.float32)

    def between(self, t: Time) -> Between:
        """Raises ModelError: such a model gives pictures, and no motion."""
        raise ModelError(f"{self._door.name} gives pictures and no motion", "choose a model with a card of its own, such as rife")
