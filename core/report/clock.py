"""Names the frames of one piece of footage as people do: by timecode."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from ..alignment import Media
from ..errors import UsageError
from ..timing import FrameRate, frames_of, timecode, usual

STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
STEPS_FRAMES = (1, 2, 5, 10)


@dataclass(frozen=True)
class Clock:
    """Timecode of one piece of footage: its own where it has one, else counted from its first frame's number."""

    media: Media
    rate: FrameRate
    drop: bool

    @classmethod
    def of(cls, media: Media) -> Clock:
        rate = FrameRate(usual(media.rate))
        return cls(media, rate, rate.drops and any(mark in (media.timecode or "") for mark in ";."))

    def label(self, frame: int) -> str:
        """Timecode of a frame, counted from 0 at the first one. Of variable-rate footage: of the time it begins at."""
        return timecode(self._number(frame), self.rate, self.drop)

    def span(self, first: int, last: int) -> str:
        """Two timecodes, both included."""
        return self.label(first) if first == last else f"{self.label(first)} – {self.label(last)}"

    def _number(self, frame: int) -> int:
        if self.media.pts is None:
            return self.media.start_frame + frame
        return self.media.start_frame + self.rate.frame_at(self.media.time_of(frame))

    def ticks(self, first_s: float, last_s: float, most: int) -> list[tuple[float, str]]:
        """At most `most` round timecodes between two times: (seconds after the first frame, timecode)."""
        begin, end = self._count_at(first_s), self._count_at(last_s)
        step = self._step(max(1, end - begin), max(1, most))
        out = []
        for count in range(-(-begin // step) * step, end + end // 900 + 1, step):
            number = self._round_number(count)
            at_s = float((number - self.media.start_frame) / self.rate.fps)
            if first_s - 1e-6 <= at_s <= last_s + 1e-6:
                out.append((at_s, timecode(number, self.rate, self.drop)))
        return out[:most]

    def _count_at(self, time_s: float) -> int:
        return self.media.start_frame + int(Fraction(time_s) * self.rate.fps // 1)

    def _step(self, frames: int, most: int) -> int:
        nominal = self.rate.nominal
        steps = [n for n in STEPS_FRAMES if n < nominal] + [n * nominal for n in STEPS_S]
        for step in steps:
            if frames // step + 1 <= most:
                return step
        day = 86400 * nominal
        return -(-frames // (most * day)) * day

    def _round_number(self, count: int) -> int:
        """In drop frame, the frame whose timecode looks as round as this count does; else the count itself."""
        if not self.drop or count % self.rate.nominal:
            return count
        text = timecode(count, self.rate)
        for frames in ("00", f"{self.rate.nominal // 15:02d}"):
            try:
                return frames_of(f"{text[:8]};{frames}", self.rate)
            except UsageError:
                continue
        return count


def seconds_words(time_s: Fraction | float) -> str:
    """A length of time: "4.80 s", "2 min 5.0 s", "1 h 52 min 9 s"."""
    value = float(time_s)
    sign, value = ("-", -value) if value < 0 else ("", value)
    if value < 59.995:
        return f"{sign}{value:.2f} s"
    if value < 3599.95:
        minutes, rest = divmod(round(value * 10), 600)
        return f"{sign}{minutes} min {rest / 10:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{sign}{minutes // 60} h {minutes % 60} min {rest} s"
