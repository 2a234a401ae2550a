"""Respect: drawings keep their own times, and only what moves on every frame is made even: the camera, and figures on ones."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ..anew import Change, change, levels
from ..camera import Moves, moves_between, planes_of
from ..contracts import Interpolator, Pair
from ..drawings import unredrawn
from ..plan import Stretch
from .contract import Boxes, Look, given


class Respect:
    """Between two frames lies the first one's drawings before a camera that goes on. Input frames go through untouched."""

    def __init__(self, interpolator: Interpolator) -> None:
        self._interpolator = interpolator
        self._moves: dict[int, Moves] = {}
        self._changes: dict[int, Change] = {}
        self._pairs: dict[int, Pair | None] = {}

    def reach(self, boxes: Boxes) -> int:
        return 3

    def picture(self, look: Look, stretch: Stretch, boxes: Boxes, frame: int, share: Fraction) -> np.ndarray | int:
        untouched = given(stretch, frame, share)
        if untouched is not None:
            return untouched
        if frame not in self._pairs:
            self._pairs[frame] = self._pair(look, stretch, frame)
        pair = self._pairs[frame]
        return frame if pair is None else pair.at(share)

    def forget(self, before: int) -> None:
        for held in (self._moves, self._changes, self._pairs):
            for frame in [k for k in held if k < before]:
                del held[frame]  # type: ignore[attr-defined]

    def _pair(self, look: Look, stretch: Stretch, frame: int) -> Pair | None:
        """A frame and the next one without its new drawings; None where nothing else changes."""
        a, b = look(frame), look(frame + 1)
        before = look(frame - 1) if frame > stretch.first else None
        steps = [self._change(look, stretch, k) if stretch.first <= k < stretch.last else None for k in (frame - 1, frame, frame + 1)]
        now = steps[1]
        assert now is not None
        b = unredrawn(a, b, now, (steps[0], steps[2]), before)
        return None if np.array_equal(a, b) else self._interpolator.pair(a, b)

    def _change(self, look: Look, stretch: Stretch, frame: int) -> Change:
        """Of a frame and the next."""
        if frame not in self._changes:
            a, b = look(frame), look(frame + 1)
            beside = [self._move(look, k) for k in (frame - 1, frame + 1) if stretch.first <= k < stretch.last]
            self._changes[frame] = change(a, b, planes_of(self._move(look, frame), beside, (a.shape[1], a.shape[0])))
        return self._changes[frame]

    def _move(self, look: Look, frame: int) -> Moves:
        if frame not in self._moves:
            self._moves[frame] = moves_between(levels(look(frame)), levels(look(frame + 1)))
        return self._moves[frame]
