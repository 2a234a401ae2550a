"""Where one shot becomes another, and what a frame in between may be made of there.

A cut is a join of two frames of which little is found again in each other, wherever it has moved to and however it is lit (unlike.py), and
which stands out from the joins before and after it: so a whip of the camera is none. A flash comes back to what was there before it. In a
dissolve and in a fade every frame is a mixture of two others (mixing.py). The other method is the likeness (SSIM) of very small pictures,
with a threshold, as users of frame interpolation know it; it takes pans for cuts, and misses those that leave half of the picture alone.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from ..errors import UsageError
from .likeness import small_ssim
from .mixing import FLAT, LENGTHS, Glance, glance, mixture
from .unlike import Thumb, thumb, unlike

KINDS = ("same", "cut", "fade", "dissolve", "flash")
METHODS = ("auto", "ssim")
_AHEAD = max(LENGTHS)
_CUT = 0.6
_CUT_APART, _TIMES = 0.4, 3.0
"""Less is a cut as well where it is so many times what the joins on both sides are: half of the picture stayed. More is one where it is that
of the joins on one side: a camera that whips speeds up and slows down."""
_AROUND = 3
_COMES_BACK = 8
"""Frames that a flash lasts, at most."""
_LIGHT = 20.0
"""Levels by which the light jumps in a flash."""


@dataclass(frozen=True)
class CutSettings:
    """How cuts are found."""

    method: str = "auto"
    threshold: float = 0.3
    """Of the method "ssim" only: frames less alike than this are of two shots."""

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise UsageError(f"cuts are found by {self.method!r}", f"choose {' or '.join(METHODS)}")
        if not -1 <= self.threshold <= 1:
            raise UsageError(f"the scene threshold is {self.threshold}", "give a likeness between -1 and 1; usual is 0.3")


@dataclass(frozen=True)
class Join:
    """Between a frame and the next."""

    kind: str
    """same, cut, fade, dissolve or flash."""
    score: float
    """How unlike the two frames are, 0..1."""

    @property
    def crosses(self) -> bool:
        """The shot goes on."""
        return self.kind != "cut"

    @property
    def how(self) -> str:
        """What a frame in between may be: made along the motion (flow), the nearer one of the two (hold), or a mixture of both (blend).

        Where next to nothing is found again the nearer one is held, whatever the reason: there is no motion to go along.
        """
        if self.kind in ("cut", "flash") or self.score > _CUT:
            return "hold"
        return "blend" if self.kind == "dissolve" else "flow"


def joins(frames: Iterable[np.ndarray], settings: CutSettings = CutSettings()) -> Iterator[Join]:
    """One for each two neighbours, in order; n frames have n - 1.

    frames  (H, W, 3) RGB, uint8 or float32 where 1 is white; small ones will do. Up to 48 are looked at ahead, of which thumbnails are kept.
    """
    if settings.method == "ssim":
        return _by_likeness(frames, settings.threshold)
    return _by_eye(frames)


def shots(found: Iterable[Join]) -> list[tuple[int, int]]:
    """First frame and end (one beyond the last) of every shot."""
    first, out, number = 0, [], 0
    for number, join in enumerate(found, 1):
        if not join.crosses:
            out.append((first, number))
            first = number
    return [*out, (first, number + 1)]


def _by_likeness(frames: Iterable[np.ndarray], threshold: float) -> Iterator[Join]:
    for a, b in itertools.pairwise(frames):
        likeness = small_ssim(a, b)
        yield Join("cut" if likeness < threshold else "same", min(1.0, max(0.0, 1 - likeness)))


def _by_eye(frames: Iterable[np.ndarray]) -> Iterator[Join]:
    watch = Watch()
    for picture in frames:
        watch.see(picture)
        if watch.waiting > _AHEAD:
            yield watch.decide()
    while watch.waiting:
        yield watch.decide()


class Watch:
    """The frames around the join that is decided next: those that are ahead, and a few behind."""

    def __init__(self) -> None:
        self._thumbs: list[Thumb] = []
        self._glances: list[Glance] = []
        self._scores: list[float] = []
        """Of the join of frames k and k + 1."""
        self._mixed: dict[int, str] = {}
        self._next = 0
        """The join to be decided, as an index into the lists."""
        self._flash_until = 0

    @property
    def waiting(self) -> int:
        """Joins that are seen and not decided."""
        return len(self._scores) - self._next

    def see(self, picture: np.ndarray) -> None:
        """The next frame."""
        self._thumbs.append(thumb(picture))
        self._glances.append(glance(self._thumbs[-1]))
        if len(self._thumbs) > 1:
            self._scores.append(unlike(*self._thumbs[-2:]))
        for length in LENGTHS:
            self._look_for_mixture(len(self._thumbs) - 1 - length)

    def decide(self) -> Join:
        """The kind of the join whose turn it is."""
        k = self._next
        kind = self._mixture(k) or self._flash(k) or ("cut" if self._stands_out(k) else "same")
        join = Join(kind, self._scores[k])
        self._next += 1
        if self._next > 4 * _AHEAD:
            self._forget(self._next - _AHEAD)
        return join

    def _mixture(self, k: int) -> str:
        """dissolve or fade. Two neighbours that have nothing in common are in neither, but next to a picture of one colour."""
        one_colour = min(self._glances[k].contrast, self._glances[k + 1].contrast) < FLAT
        return self._mixed.get(k, "") if one_colour or self._scores[k] < _CUT else ""

    def _look_for_mixture(self, first: int) -> None:
        """Frames from there to the last one: is each a mixture of the outermost two?"""
        if first < 0:
            return
        found = mixture(self._glances[first:])
        if found is None or all(first + k in self._mixed for k in found.changing):
            return
        a, b = self._thumbs[first], self._thumbs[-1]
        if unlike(a, b) > _CUT:
            for k in found.changing:
                self._mixed[first + k] = found.kind

    def _flash(self, k: int) -> str:
        if k < self._flash_until:
            return "flash"
        a, b = self._thumbs[k], self._thumbs[k + 1]
        jump = abs(b.level - a.level)
        if jump < _LIGHT and self._scores[k] < _CUT_APART:
            return ""
        for end in range(k + 2, min(k + 2 + _COMES_BACK, len(self._thumbs))):
            back = self._thumbs[end]
            if abs(back.level - a.level) < max(jump / 2, 4) and unlike(a, back) < min(_CUT_APART, self._scores[k] / 2 + 0.1):
                self._flash_until = end
                return "flash"
        return "flash" if jump >= _LIGHT and not self._stands_out(k) else ""

    def _stands_out(self, k: int) -> bool:
        score = self._scores[k]
        before = max(self._scores[max(0, k - _AROUND) : k], default=0)
        after = max(self._scores[k + 1 : k + 1 + _AROUND], default=0)
        if score > _CUT:
            return score > _TIMES * min(before, after)
        return score > _CUT_APART and score > _TIMES * max(before, after)

    def _forget(self, count: int) -> None:
        del self._thumbs[:count], self._glances[:count], self._scores[:count]
        self._mixed = {k - count: kind for k, kind in self._mixed.items() if k >= count}
        self._next -= count
        self._flash_until -= count
