"""An interpolator that is never wrong, for pictures that are numbers: what it makes is exact, so methods can be judged by themselves.

A picture of 2 x 2 pixels holds (shot, position, place) in its three channels; what lies between two pictures of one shot lies between their
positions. Asked across a cut it fails, as it must never be asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from genlock.core.retime.contracts import Between, Pair
from genlock.core.retime.methods.contract import Boxes, Method
from genlock.core.retime.plan import Moment, Stretch


def picture(shot: float, position: float) -> np.ndarray:
    return np.ones((2, 2, 3)) * (shot, position, 0)


class ExactPair:
    def __init__(self, owner: Exact, a: np.ndarray, b: np.ndarray) -> None:
        self._owner, self._a, self._b = owner, a, b

    def at(self, t) -> np.ndarray:
        return self._owner.middle(self._a, self._b, t)

    def between(self, t) -> Between:
        raise NotImplementedError


class Exact:
    name = "exact"

    def __init__(self) -> None:
        self.asked = 0

    def pair(self, a: np.ndarray, b: np.ndarray) -> Pair:
        return ExactPair(self, a, b)

    def middle(self, a: np.ndarray, b: np.ndarray, t=0.5) -> np.ndarray:
        assert a[0, 0, 0] == b[0, 0, 0], "asked across a cut"
        self.asked += 1
        return a + (b - a) * float(t)


def run(
    method: Method, tracks: Sequence[Sequence[float]], moments: Sequence[Moment], boxes: Boxes, first: int = 0
) -> list[tuple[int, float]]:
    """(shot, position) of each output frame; each track is one shot."""
    shots, begin = [], first
    frames = {}
    for n, track in enumerate(tracks):
        shots.append(Stretch(begin, begin + len(track)))
        for k, position in enumerate(track):
            frames[begin + k] = picture(n, position)
        begin += len(track)
    out = []
    for moment in moments:
        stretch = next(s for s in shots if s.first <= moment.frame + first < s.end)
        frame = moment.frame + first

        def look(number: int, stretch: Stretch = stretch, frame: int = frame) -> np.ndarray:
            assert stretch.first <= number < stretch.end
            assert abs(number - frame) <= method.reach(boxes)
            return frames[number]

        made = method.picture(look, stretch, boxes, frame, moment.share)
        seen = frames[made] if isinstance(made, int) else made
        out.append((int(seen[0, 0, 0]), float(seen[0, 0, 1])))
    return out


def held(hold: int, frames: int, phase: int = 0) -> list[float]:
    """Positions of something that goes one unit a frame and is drawn every `hold` frames."""
    return [float((k + phase) // hold * hold - phase) for k in range(frames)]


def judder(positions: Sequence[float]) -> float:
    """Deviation of the steps over their mean."""
    steps = np.diff(positions)
    return float(steps.std() / steps.mean())


def every(count: int, times: int) -> list[Moment]:
    """Moments of --times."""
    return [Moment(k, Fraction(k, times), *_split(Fraction(k, times))) for k in range(count * times)]


def _split(at: Fraction) -> tuple[int, Fraction]:
    return at.__floor__(), at - at.__floor__()
