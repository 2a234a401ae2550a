"""Which moment of the input each output frame shows, and when: known for all of them before the first one is made.

A position is a frame of the input and a share of the way to the next one, exact. Nothing here has seen a picture but for the cuts, so the
number of frames and their times depend on time stamps alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..errors import UsageError
from .beats import Beats

NOTHING = -1
"""In place of a frame: none is shown."""
MOST = 1 << 31
"""Output frames; more is a slip of the pen."""


@dataclass(frozen=True)
class Moment:
    """One output frame."""

    number: int
    time_s: Fraction
    """After the first output frame."""
    frame: int
    """The input frame that is shown at this time; NOTHING of an alignment's plan where there is none."""
    share: Fraction
    """Of the way to the next input frame: 0 to 1, without 1."""


@dataclass(frozen=True)
class Plan:
    """Every output frame, by its number."""

    beats: Beats
    count: int
    rate: Fraction | None
    """None where the output's rate varies as the input's does."""
    times: int = 0
    """Output frames for each input frame; 0 where a rate was asked for."""

    def moment(self, number: int) -> Moment:
        """Output frame `number`, 0 … count - 1."""
        if self.times:
            frame, step = divmod(number, self.times)
            share = Fraction(step, self.times)
            begin = self.beats.time_s(frame)
            return Moment(number, begin + share * (self.beats.time_s(frame + 1) - begin), frame, share)
        assert self.rate is not None
        time_s = number / self.rate
        frame = self.beats.frame_at(time_s)
        begin = self.beats.time_s(frame)
        return Moment(number, time_s, frame, (time_s - begin) / (self.beats.time_s(frame + 1) - begin))

    def moments(self, first: int = 0, end: int | None = None) -> Iterator[Moment]:
        """Output frames first … end - 1, in order."""
        return (self.moment(number) for number in range(first, self.count if end is None else end))

    @property
    def time_base(self) -> Fraction:
        """In which every output time is a whole number."""
        if self.rate is not None:
            return 1 / self.rate
        return self.beats.time_base / max(1, self.times)

    def pts(self, number: int) -> int:
        """When output frame `number` begins, in time_base; of `count`, when the last one ends."""
        if self.rate is not None:
            return number
        if number == self.count:
            return int(self.beats.length_s / self.time_base)
        return int(self.moment(number).time_s / self.time_base)

    @property
    def length_s(self) -> Fraction:
        """From the first output frame's begin to the last one's end."""
        return self.pts(self.count) * self.time_base


def plan(beats: Beats, rate: Fraction | None = None, times: int = 0) -> Plan:
    """The plan of a conversion to a rate, or to `times` frames for each one; neither keeps every frame's time.

    At a rate the output has round(length x rate) frames, at least one; with `times`, exactly frames x times.
    Raises UsageError where both are given, or for a number that makes no sense.
    """
    if rate is not None and times:
        raise UsageError("both a rate and a number of times are asked for", "leave out --fps or --times")
    if rate is None:
        times = times or 1
        count = beats.frames * times
        out = None if beats.varies else beats.rate * times
    else:
        if rate <= 0:
            raise UsageError(f"a rate of {rate} frames a second", "write a rate above 0")
        out, count = rate, max(1, round(beats.length_s * rate))
    if count > MOST:
        raise UsageError(f"the output would have {count} frames", "ask for a lower rate")
    return Plan(beats, count, out, times)


@dataclass(frozen=True)
class Stretch:
    """Frames first … end - 1, within which motion is followed; at its ends it is not."""

    first: int
    end: int

    @property
    def last(self) -> int:
        return self.end - 1


def stretches(frames: int, ways: Sequence[str]) -> tuple[Stretch, ...]:
    """Cut the film wherever motion does not go on from one frame to the next.

    ways  for each frame but the last, how what lies between it and the next may be made: flow, hold or blend
    """
    out, first = [], 0
    for k in range(frames - 1):
        if ways[k] != "flow":
            out.append(Stretch(first, k + 1))
            first = k + 1
    return (*out, Stretch(first, frames))
