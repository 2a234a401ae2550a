"""Respect: drawings keep their own times, and only what moves on every frame is made even: the camera, and figures on ones."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ..anew import Change, change
from ..contracts import Interpolator, Pair
from ..drawings import unredrawn
from ..plan import Stretch
from .contract import Boxes, Look, given


class Respect:
    """Between two frames lies the first one's drawings before a camera that goes on. Input frames go through untouched."""

    def __init__(self, interpolator: Interpolator) -> None:
        self._interpolator = interpolator
        self._changes: dict[int, Change] = {}
        self._pairs: dict[int, Pair | None] = {}

    def reach(self, boxes: Boxes) -> int:
        return 2

    def picture(self, look: Look, stretch: Stretch, boxes: Boxes, frame: int, share: Fraction) -> np.ndarray | int:
        untouched = given(stretch, frame, share)
        if untouched is not None:
            return untouched
        if frame not in self._pairs:
            self._pairs[frame] = self._pair(look, stretch, frame)
        pair = self._pairs[frame]
        return frame if pair is None else pair.at(share)

    def forget(self, before: int) -> None:
        for held in (self._changes, self._pairs):
            for frame in [k for k in held if k < before]:
                del held[frame]  # type: ignore[attr-defined]

    def _pair(self, look: Look, stretch: Stretch, frame: int) -> Pair | None:
        """A frame and the next one without its new drawings; None where nothing else changes."""
        a, b = look(frame), look(frame + 1)
        before = look(frame - 1) if frame > stretch.first else None
        after = look(frame + 2) if frame + 2 <= stretch.last else None
        around = (self._change(look, frame - 1) if before is not None else None, self._change(look, frame + 1) if after is not None else None)
        b = unredrawn(a, b, self._change(look, frame), around, before)
        return None if np.array_equal(a, b) else self._interpolator.pair(a, b)

    def _change(self, look: Look, frame: int) -> Change:
        if frame not in self._changes:
            self._changes[frame] = change(look(frame), look(frame + 1))
        return self._changes[frame]
