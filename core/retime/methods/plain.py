"""Plain: the frames as they are, and between two of them what lies between."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ..contracts import Interpolator
from ..plan import Stretch
from .contract import Boxes, Look, Pairs, given


class Plain:
    """Input frames go through untouched; drawings that are held stay so, and move within one frame."""

    def __init__(self, interpolator: Interpolator) -> None:
        self._pairs = Pairs(interpolator)

    def reach(self, boxes: Boxes) -> int:
        return 1

    def picture(self, look: Look, stretch: Stretch, boxes: Boxes, frame: int, share: Fraction) -> np.ndarray | int:
        untouched = given(stretch, frame, share)
        return self._pairs.of(look, frame).at(share) if untouched is None else untouched

    def forget(self, before: int) -> None:
        self._pairs.forget(before)
