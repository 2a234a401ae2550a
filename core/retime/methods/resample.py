"""Spatiotemporal resampling: frames are averaged in motion two by two, and what lies between the averages is shown.

The idea is that of a known tool for anime; that one repeats a frame every so often, runs half a frame late and loses frames at cuts.
Here the averages lie where they belong, at 2 j + 1/2, counted from a stretch's first frame, and its ends are shown as they are.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ..contracts import Interpolator
from ..plan import Stretch
from .contract import Boxes, Look, inside

HALF = Fraction(1, 2)


class Resample:
    """Averages of pairs, two frames apart."""

    def __init__(self, interpolator: Interpolator) -> None:
        self._interpolator = interpolator
        self._held: dict[int, np.ndarray] = {}
        self._of: Stretch | None = None

    def reach(self, boxes: Boxes) -> int:
        return 4

    def picture(self, look: Look, stretch: Stretch, boxes: Boxes, frame: int, share: Fraction) -> np.ndarray | int:
        as_it_is = inside(stretch, frame, share)
        if as_it_is is not None:
            return as_it_is
        if self._of != stretch:
            self._held.clear()
            self._of = stretch
        at = (frame - stretch.first + share - HALF) / 2
        low = at.__floor__()
        for k in [k for k in self._held if k < low]:
            del self._held[k]
        (a, a_at), (b, b_at) = (self._average(look, stretch, k) for k in (low, low + 1))
        place = frame - stretch.first + share
        return a if place <= a_at or a is b else b if place >= b_at else self._interpolator.middle(a, b, (place - a_at) / (b_at - a_at))

    def forget(self, before: int) -> None:
        """What is kept goes by itself."""

    def _average(self, look: Look, stretch: Stretch, k: int) -> tuple[np.ndarray, Fraction]:
        """The average of frames 2 k and 2 k + 1 of the stretch, and where it lies; where one of them is missing, the last or first frame."""
        low, last = stretch.first + 2 * k, stretch.last
        if low < stretch.first:
            return look(stretch.first), Fraction(0)
        if low >= last:
            return look(last), Fraction(last - stretch.first)
        if k not in self._held:
            self._held[k] = self._interpolator.middle(look(low), look(low + 1), HALF)
        return self._held[k], 2 * k + HALF
