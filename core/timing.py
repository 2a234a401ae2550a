"""Frame rates and timecode, exactly. The only place that knows 1001.

Timecode follows SMPTE ST 12-1: frames are counted, not clock time; drop frame (29.97 and 59.94 only)
leaves out the first two (four) frame numbers of each minute that is not a tenth one.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from .errors import UsageError

_NTSC = {Fraction(n * 1000, 1001) for n in (12, 15, 24, 30, 48, 60, 72, 90, 96, 120, 144, 240)}
_WHOLE = {Fraction(n) for n in (1, 2, 5, 6, 8, 10, 12, 15, 16, 18, 20, 24, 25, 30, 48, 50, 60, 72, 75, 90, 96, 100, 120, 144, 240)}
_TIMECODE = re.compile(r"^(\d{1,2}):([0-5]\d):([0-5]\d)([:;.])(\d{2,3})$")


@dataclass(frozen=True)
class FrameRate:
    """Frames per second as an exact fraction: 24000/1001, never 23.976."""

    fps: Fraction

    def __post_init__(self) -> None:
        if self.fps <= 0:
            raise UsageError(f"a frame rate is above zero; this one is {self.fps}")

    @classmethod
    def parse(cls, value: str | float | int | Fraction) -> FrameRate:
        """Read "24000/1001", "23.976", 25 or 29.97; what lies within 0.02 % of a usual rate is that rate.

        Raises UsageError where it is not a number above zero.
        """
        try:
            fps = Fraction(value) if not isinstance(value, float) else Fraction(value).limit_denominator(100_000)
        except (ValueError, ZeroDivisionError) as error:
            raise UsageError(f"{value!r} is not a frame rate", "write it as 25, 23.976 or 24000/1001") from error
        return cls(usual(fps))

    @property
    def nominal(self) -> int:
        """The whole number that timecode counts by: 24 for 24000/1001."""
        return max(1, round(self.fps))

    @property
    def drops(self) -> bool:
        """Whether drop-frame timecode exists at this rate: 29.97 and 59.94 alone."""
        return self.fps in (Fraction(30000, 1001), Fraction(60000, 1001))

    def frame_at(self, time_s: Fraction) -> int:
        """The frame on screen at a time. Frame 0 begins at 0 s; before that, numbers are negative."""
        return math.floor(time_s * self.fps)

    def time_of(self, frame: int) -> Fraction:
        """When a frame begins, in seconds."""
        return frame / self.fps

    def __str__(self) -> str:
        text = f"{float(self.fps):.3f}".rstrip("0").rstrip(".")
        return text


def usual(fps: Fraction) -> Fraction:
    """The usual rate within 0.02 % of this one, or this one unchanged. Exact usual rates win."""
    if fps in _WHOLE or fps in _NTSC:
        return fps
    near = [rate for rate in _WHOLE | _NTSC if abs(fps / rate - 1) < Fraction(2, 10_000)]
    return min(near, key=lambda rate: abs(rate - fps)) if near else fps


def timecode(frame: int, rate: FrameRate, drop: bool = False) -> str:
    """Timecode of a frame number. Wraps at 24 hours; negative frames wrap from the day's end.

    drop  count in drop frame, marked by ";"; raises UsageError at rates that have none
    """
    fps = rate.nominal
    if drop:
        if not rate.drops:
            raise UsageError(f"{rate} frames a second has no drop-frame timecode")
        lost = fps // 15
        minute, ten = fps * 60 - lost, fps * 600 - 9 * lost
        frame %= ten * 144
        tens, rest = divmod(frame, ten)
        frame += lost * 9 * tens + (lost * ((rest - lost) // minute) if rest >= lost else 0)
    frame %= fps * 86400
    s, f = divmod(frame, fps)
    wide = 3 if fps > 100 else 2
    return f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}{';' if drop else ':'}{f:0{wide}d}"


def frames_of(text: str, rate: FrameRate) -> int:
    """Frame number of a timecode; ";" or "." before the frames means drop frame. Inverse of timecode().

    Raises UsageError where the text is no timecode, or names a frame number that drop frame leaves out.
    """
    match = _TIMECODE.match(text.strip())
    if not match:
        raise UsageError(f"{text!r} is not a timecode", "write it as 01:02:03:04")
    h, m, s, f = (int(match[k]) for k in (1, 2, 3, 5))
    fps, drop = rate.nominal, match[4] in ";."
    if f >= fps:
        raise UsageError(f"{text!r} names frame {f} of a second that has {fps}")
    frame = (h * 3600 + m * 60 + s) * fps + f
    if not drop:
        return frame
    if not rate.drops:
        raise UsageError(f"{text!r} is drop-frame timecode, and {rate} frames a second has none", "write it with ':' before the frames")
    lost, minutes = fps // 15, h * 60 + m
    if f < lost and s == 0 and m % 10:
        raise UsageError(f"{text!r} does not exist in drop frame", f"the first frame of that minute is {h:02d}:{m:02d}:00;{lost:02d}")
    return frame - lost * (minutes - minutes // 10)
