"""Two pictures and the motion between them: any time between costs a projection and two looks."""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from ...errors import UsageError
from ..contracts import Between, Time
from .drawing import drawn, shares, visible
from .importance import contradicted, importance
from .luma import lumas
from .motion import both_ways
from .project import carried, filled
from .settings import BetweenSettings

_WHOLE_PX = 400
"""Pictures up to this wide or high carry their motion pixel by pixel; larger ones every other, which is as fine as it is found."""


@dataclass(frozen=True)
class FlowBetween:
    """Makes frames in between from the motion alone: an Interpolator. Nothing is remembered from pair to pair."""

    settings: BetweenSettings = field(default_factory=BetweenSettings)
    name: str = "flow"

    def pair(self, a: np.ndarray, b: np.ndarray) -> FlowPair:
        """Find the motion between two pictures (H, W, 3) float32 of one size. Raises UsageError."""
        return FlowPair(a, b, self.settings)

    def middle(self, a: np.ndarray, b: np.ndarray, t: Time = 0.5) -> np.ndarray:
        """The picture at a time between two."""
        return self.pair(a, b).at(t)


class FlowPair:
    """Two pictures with the motion both ways.

    flow_ab, flow_ba  (H, W, 2) float32: displacements from a to b on a's pixels, from b to a on b's
    """

    def __init__(self, a: np.ndarray, b: np.ndarray, settings: BetweenSettings = BetweenSettings()) -> None:
        if a.ndim != 3 or a.shape[2] != 3 or a.shape != b.shape or a.size == 0:
            raise UsageError(f"two pictures of one size are needed, (H, W, 3); these are {a.shape} and {b.shape}", "scale one to the other's size")
        self._given = a, b
        luma_a, luma_b = lumas(a, b)
        self.flow_ab, self.flow_ba = both_ways(luma_a, luma_b, settings.quality)
        self._halved = max(a.shape[:2]) > _WHOLE_PX
        self._ab, self._ba = self._coarse(self.flow_ab), self._coarse(self.flow_ba)
        seen_a, seen_b = self._coarse(luma_a), self._coarse(luma_b)
        self._known_a = importance(seen_a, seen_b, self._ab, self._ba)
        self._known_b = importance(seen_b, seen_a, self._ba, self._ab)

    @property
    def doubt(self) -> float:
        """Share of both pictures, 0..1, where the two motions contradict each other. Beyond a half, frames in between come out torn."""
        return (contradicted(self._ab, self._ba) + contradicted(self._ba, self._ab)) / 2

    def at(self, t: Time) -> np.ndarray:
        """The picture at a time, (H, W, 3) float32; at 0 and 1 the given picture itself. Raises UsageError for a time before 0 or after 1."""
        end = _end_of(self._checked(t))
        return self.between(t).picture if end is None else self._given[end]

    def between(self, t: Time) -> Between:
        """The picture and the motion at a time."""
        time = self._checked(t)
        end = _end_of(time)
        to_a, to_b, share = self._motion(time)
        picture = drawn(*self._given, to_a, to_b, share) if end is None else self._given[end]
        return Between(picture, to_a, to_b, share)

    def _motion(self, time: float | np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Displacements to a and to b from each pixel at the time, and the share that a has in it."""
        coarse = self._coarse(time) if isinstance(time, np.ndarray) else time
        there = carried(self._ab, self._known_a, coarse)
        back = carried(self._ba, self._known_b, 1 - coarse)
        by_a, by_b = filled(there, back)
        seen_a, seen_b = visible(by_a * -_each(coarse), there.count), visible(by_b * (1 - _each(coarse)), back.count)
        share = shares(self._fine(seen_a), self._fine(seen_b), time)
        return self._fine(by_a) * -_each(time), self._fine(by_b) * (1 - _each(time)), share

    def _coarse(self, field: np.ndarray) -> np.ndarray:
        """On the grid that motion is carried on; displacements, which have two numbers a pixel, become those of that grid."""
        if not self._halved:
            return field
        height, width = field.shape[:2]
        small = cv2.resize(field, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_AREA)
        return small * np.float32(0.5) if field.ndim == 3 else small

    def _fine(self, field: np.ndarray) -> np.ndarray:
        """Back on the pictures' own grid."""
        if not self._halved:
            return field
        height, width = self._given[0].shape[:2]
        large = cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR)
        return large * np.float32(2) if field.ndim == 3 else large

    def _checked(self, t: Time) -> float | np.ndarray:
        if isinstance(t, np.ndarray) and t.shape != self._given[0].shape[:2]:
            raise UsageError(f"a time for each pixel is {self._given[0].shape[:2]}; this one is {t.shape}", "give one number, or one a pixel")
        time = np.ascontiguousarray(t, np.float32) if isinstance(t, np.ndarray) else float(t)
        if not np.all((time >= np.float32(0)) & (time <= np.float32(1))):
            raise UsageError("a time between two pictures lies from 0 to 1", "ask the next pair for what lies after it")
        return time


def _each(time: float | np.ndarray) -> np.ndarray | np.float32:
    """The time, as displacements are multiplied by it."""
    return time[..., None] if isinstance(time, np.ndarray) else np.float32(time)


def _end_of(time: float | np.ndarray) -> int | None:
    """0 or 1 where the time is that everywhere."""
    for end in (0, 1):
        if np.all(time == end):
            return end
    return None
