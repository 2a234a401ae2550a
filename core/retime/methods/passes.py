"""Passes: every frame is replaced by what lies between it and those after it, so that motion is averaged over time and not pictures.

With an ideal interpolator a pass over w frames averages each object's position over w frames: a moving average, whose zero lies at a period
of w frames. Drawings held for w frames then move evenly. The multi-pass forward deduplication that anime is retimed with is n
averages over two, (2,) * n; twos are even after one, but threes keep half of their judder with each. An average over three takes
two interpolations, halfway and then a third of the way, and makes them even at once. Averages lag by (w - 1) / 2 frames each;
the lag is taken out here, and beyond the ends of a stretch its first and last frames are held.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ..contracts import Interpolator, Pair
from ..plan import Stretch
from .contract import Boxes, Look, inside

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


def lag(boxes: Boxes) -> Fraction:
    """How many frames these averages come late."""
    return sum((Fraction(w - 1, 2) for w in boxes), Fraction(0))


class Passes:
    """Averages over two, three or four frames, one after the other."""

    def __init__(self, interpolator: Interpolator) -> None:
        self._interpolator = interpolator
        self._held: dict[tuple[int, int, str], np.ndarray] = {}
        self._last: tuple[int, Pair] | None = None
        self._of: tuple[Stretch, Boxes] | None = None

    def reach(self, boxes: Boxes) -> int:
        return 1 + sum(w - 1 for w in boxes)

    def picture(self, look: Look, stretch: Stretch, boxes: Boxes, frame: int, share: Fraction) -> np.ndarray | int:
        as_it_is = inside(stretch, frame, share)
        if as_it_is is not None:
            return as_it_is
        if self._of != (stretch, boxes):
            self._held.clear()
            self._last = None
            self._of = (stretch, boxes)
        at = frame + share - lag(boxes)
        low = at.__floor__()
        for key in [key for key in self._held if key[1] < low]:
            del self._held[key]
        if not boxes and at == low:
            return low
        chain = _Chain(self._interpolator, self._held, look, stretch, boxes)
        return self._between(chain, len(boxes), low, at - low)

    def _between(self, chain: _Chain, level: int, low: int, share: Fraction) -> np.ndarray:
        """Between two frames of the last level; several output frames may lie between the same two."""
        a = chain.at(level, low)
        if share == 0:
            return a
        b = chain.at(level, low + 1)
        if a is b:
            return a
        if self._last is None or self._last[0] != low:
            self._last = (low, self._interpolator.pair(a, b))
        return self._last[1].at(share)

    def forget(self, before: int) -> None:
        """What is kept goes by itself."""


class _Chain:
    """The averages as sequences: level 0 is the input."""

    def __init__(self, interpolator: Interpolator, held: dict[tuple[int, int, str], np.ndarray], look: Look, stretch: Stretch, boxes: Boxes) -> None:
        self._interpolator, self._held, self._look, self._stretch, self._boxes = interpolator, held, look, stretch, boxes

    def at(self, level: int, k: int) -> np.ndarray:
        """Frame k of a level: the average of k … k + w - 1 of the level below."""
        if level == 0:
            return self._look(min(max(k, self._stretch.first), self._stretch.last))
        if (level, k, "") not in self._held:
            self._held[level, k, ""] = self._averaged(level - 1, k, self._boxes[level - 1])
        return self._held[level, k, ""]

    def _averaged(self, below: int, k: int, width: int) -> np.ndarray:
        if width == 2:
            return self._half(below, k)
        if width == 3:
            return self._mid(self._half(below, k), self.at(below, k + 2), THIRD)
        if width == 4:
            return self._mid(self._half(below, k), self._half(below, k + 2), HALF)
        raise ValueError(f"no average over {width} frames")

    def _half(self, below: int, k: int) -> np.ndarray:
        if (below, k, "half") not in self._held:
            self._held[below, k, "half"] = self._mid(self.at(below, k), self.at(below, k + 1), HALF)
        return self._held[below, k, "half"]

    def _mid(self, a: np.ndarray, b: np.ndarray, share: Fraction) -> np.ndarray:
        return a if a is b else self._interpolator.middle(a, b, share)
