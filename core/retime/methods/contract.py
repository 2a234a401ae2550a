"""What a method of retiming is given and gives."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

import numpy as np

from ..contracts import Interpolator, Pair
from ..plan import Stretch

Boxes = tuple[int, ...]
"""Motion is averaged over so many frames, one average after another: (2, 3) makes drawings on twos and on threes move evenly."""

Look = Callable[[int], np.ndarray]
"""An input frame by its number: (H, W, 3) float32, display-referred."""


class Method(Protocol):
    """Makes what is seen at a position within one stretch of frames."""

    def reach(self, boxes: Boxes) -> int:
        """How many frames before and after the position are looked at, at most."""
        ...

    def picture(self, look: Look, stretch: Stretch, boxes: Boxes, frame: int, share: Fraction) -> np.ndarray | int:
        """The picture at `share` of the way from `frame` to the next, or the number of the input frame that is it, untouched.

        stretch  nothing outside of it is looked at; its first and last frame are shown as they are
        boxes    over how many frames motion is averaged
        """
        ...

    def forget(self, before: int) -> None:
        """Frames before this one are not asked for any more."""
        ...


def inside(stretch: Stretch, frame: int, share: Fraction) -> int | None:
    """The input frame that is shown as it is whatever the method: at the ends of a stretch, and in the time after its last frame."""
    if frame >= stretch.last:
        return stretch.last
    if frame == stretch.first and share == 0:
        return frame
    return None


def given(stretch: Stretch, frame: int, share: Fraction) -> int | None:
    """The same, and at the input's own times as well: for methods that let its frames through."""
    return frame if share == 0 and frame < stretch.last else inside(stretch, frame, share)


class Pairs:
    """Pairs of neighbouring input frames, prepared once each."""

    def __init__(self, interpolator: Interpolator) -> None:
        self.interpolator = interpolator
        self._held: dict[int, Pair] = {}

    def of(self, look: Look, frame: int) -> Pair:
        """Of a frame and the next."""
        if frame not in self._held:
            self._held[frame] = self.interpolator.pair(look(frame), look(frame + 1))
        return self._held[frame]

    def forget(self, before: int) -> None:
        for frame in [k for k in self._held if k < before]:
            del self._held[frame]


def mixed(a: np.ndarray, b: np.ndarray, share: float) -> np.ndarray:
    """A cross-fade, (H, W, 3) float32."""
    return np.asarray(a * np.float32(1 - share) + b * np.float32(share), np.float32)
