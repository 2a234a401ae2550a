"""When each frame of the input is shown: exact, from its time stamps."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from ..errors import MediaError
from ..media.clock import rising, steady_rate


@dataclass(frozen=True)
class Beats:
    """Times of the input's frames, counted from the first one."""

    frames: int
    rate: Fraction
    """Frames a second; of a variable rate, the header's."""
    stamps: tuple[int, ...] | None = None
    """Where the rate varies: each frame's time in time_base, the first one 0, rising."""
    time_base: Fraction = Fraction(1)
    last: int = 0
    """How long the last frame is shown, in time_base; where the rate varies."""

    @classmethod
    def of(cls, pts: tuple[int, ...], time_base: Fraction, header_rate: Fraction, last: int = 0) -> Beats:
        """From the time stamps of all frames. Stamps that fall are mended as everywhere; raises MediaError where there is no frame."""
        if not pts:
            raise MediaError("there is no picture to retime", "name footage with pictures")
        step = max(1, round(1 / (header_rate * time_base)))
        pts = rising(pts, step)
        rate = steady_rate(pts, time_base, header_rate)
        if rate is not None:
            return cls(len(pts), rate)
        stamps = tuple(p - pts[0] for p in pts)
        return cls(len(pts), header_rate, stamps, time_base, last or stamps[-1] - stamps[-2])

    @property
    def varies(self) -> bool:
        """Whether the rate varies."""
        return self.stamps is not None

    def time_s(self, frame: int) -> Fraction:
        """When a frame begins; of `frames`, when the last one ends."""
        if self.stamps is None:
            return frame / self.rate
        return (self.stamps[frame] if frame < self.frames else self.stamps[-1] + self.last) * self.time_base

    @property
    def length_s(self) -> Fraction:
        """From the first frame's begin to the last one's end."""
        return self.time_s(self.frames)

    def frame_at(self, time_s: Fraction) -> int:
        """The frame that is shown at a time; before the first and after the last, that one."""
        if self.stamps is None:
            frame = (time_s * self.rate).__floor__()
        else:
            frame = bisect_right(self.stamps, time_s / self.time_base) - 1
        return min(max(frame, 0), self.frames - 1)

    def longest_s(self) -> Fraction:
        """How long the frame that is shown longest is shown."""
        if self.stamps is None:
            return 1 / self.rate
        return max([self.last, *(b - a for a, b in pairwise(self.stamps))]) * self.time_base
