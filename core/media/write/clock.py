"""When each picture is written: exact, in ticks from the first one."""

from __future__ import annotations

from fractions import Fraction

from ...errors import UsageError
from ..plates.info import PictureInfo


class Clock:
    """Turns the times that pictures are given into ticks of the written file.

    The unit is chosen by the first picture: without a time, one tick a frame; with one, the source's own time base.
    """

    def __init__(self, info: PictureInfo) -> None:
        self._info = info
        self.time_base: Fraction = Fraction(0)
        self.count = 0
        self._start: Fraction = Fraction(0)
        self._last = -1
        self._step: Fraction = 1 / info.rate

    def begin(self, pts: int | Fraction | None) -> None:
        """Choose the unit, by the time of the picture that comes first here; where it is the film's first one, times count from it."""
        info = self._info
        self.time_base = 1 / info.rate if pts is None else info.time_base
        if not self.count:
            self._start = self._seconds(pts) or Fraction(0)

    def tick(self, pts: int | Fraction | None) -> int:
        """Of the next picture. Raises UsageError where its time does not lie after the one before."""
        time_s = self._seconds(pts)
        if time_s is None:
            ticks = round(self.count / self._info.rate / self.time_base) if self.time_base != 1 / self._info.rate else self.count
        else:
            ticks = round((time_s - self._start) / self.time_base)
        if ticks <= self._last:
            what = f"picture {self.count} is due at {float(ticks * self.time_base):.4f} s, not after the one before"
            raise UsageError(what, "write pictures in rising time")
        self._last = ticks
        self.count += 1
        return ticks

    def go_on(self, time_base: Fraction, start_s: Fraction, count: int, last: int) -> None:
        """As a clock that has counted so many pictures: what its time_base, start_s, count and last were."""
        self.time_base, self._start, self.count, self._last = time_base, start_s, count, last

    def turn_to(self, count: int) -> None:
        """As a clock that has counted so many pictures, the first of them at time 0, and has not begun: the next one chooses the unit."""
        self.go_on(Fraction(0), Fraction(0), count, -1)

    @property
    def begun(self) -> bool:
        """Whether the unit is chosen."""
        return self.time_base != 0

    @property
    def start_s(self) -> Fraction:
        """What the first picture was told as its time."""
        return self._start

    @property
    def last(self) -> int:
        """Of the picture that came last, in ticks."""
        return self._last

    @property
    def now_s(self) -> Fraction:
        """When the picture written last begins, after the first one."""
        return max(0, self._last) * self.time_base

    @property
    def frame_ticks(self) -> int:
        """Of one frame at the nominal rate."""
        return max(1, round(self._step / self.time_base)) if self.time_base else 1

    def _seconds(self, pts: int | Fraction | None) -> Fraction | None:
        if pts is None:
            return None
        return pts if isinstance(pts, Fraction) else pts * self._info.time_base
