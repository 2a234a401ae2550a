"""Repeats dropped, and nothing made: each drawing once, for as long as it is held, or at a constant rate that the drawings had before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .beats import Beats

PULLDOWNS = ((2, 3), (1, 1, 1, 2))
"""Rhythms by which machines bring one rate to another; others are drawn."""


@dataclass(frozen=True)
class Kept:
    """What remains: each output frame is an input frame, untouched."""

    beats: Beats
    frames: tuple[int, ...]
    """Input frames, in order."""
    rate: Fraction | None
    """None: each is shown from when it was first shown until the next one."""

    @property
    def count(self) -> int:
        return len(self.frames)

    @property
    def time_base(self) -> Fraction:
        """In which every output time is a whole number."""
        if self.rate is not None:
            return 1 / self.rate
        return self.beats.time_base if self.beats.varies else 1 / self.beats.rate

    def pts(self, number: int) -> int:
        """When output frame `number` begins, in time_base; of `count`, when the last one ends."""
        if self.rate is not None:
            return number
        return int(self.beats.time_s(self.frames[number] if number < self.count else self.beats.frames) / self.time_base)

    @property
    def length_s(self) -> Fraction:
        """From the first output frame's begin to the last one's end."""
        return self.pts(self.count) * self.time_base


def kept(beats: Beats, repeats: Sequence[int], rate: Fraction | None = None) -> Kept:
    """Drop repeats.

    rate  None: every drawing keeps its time. Else the output has round(length x rate) frames, and drawings follow each other at that rate
          as long as none comes more than one input frame early or late: the inverse of a pulldown at its own rate, with no drawing lost
    """
    gone = set(repeats)
    drawings = [frame for frame in range(beats.frames) if frame not in gone]
    if rate is None:
        return Kept(beats, tuple(drawings), None)
    count = max(1, round(beats.length_s * rate))
    slack_s = beats.longest_s()
    shown, out = 0, []
    for k in range(count):
        time_s = k / rate
        if k and shown + 1 < len(drawings) and beats.time_s(drawings[shown + 1]) <= time_s + slack_s:
            shown += 1
        while shown + 1 < len(drawings) and beats.time_s(drawings[shown + 1]) <= time_s - slack_s:
            shown += 1
        out.append(drawings[shown])
    return Kept(beats, tuple(out), rate)


def native_rate(beats: Beats, pattern: Sequence[int]) -> Fraction | None:
    """The rate that drawings had before whole frames were repeated in this rhythm; None where there is none."""
    if not pattern or beats.varies:
        return None
    return beats.rate * len(pattern) / sum(pattern)
