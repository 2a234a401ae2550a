"""What the retimed pictures are: everything as the input has it, but for rate, time and size."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Protocol

from ..errors import UsageError
from ..media.plates import PictureInfo
from ..timing import FrameRate, frames_of, timecode
from .beats import Beats


class Times(Protocol):
    """When output frames are shown."""

    @property
    def beats(self) -> Beats: ...
    @property
    def count(self) -> int: ...
    @property
    def rate(self) -> Fraction | None: ...
    @property
    def time_base(self) -> Fraction: ...
    @property
    def length_s(self) -> Fraction: ...
    def pts(self, number: int) -> int: ...


def info_of(source: PictureInfo, times: Times, first: int, end: int, size_wh: tuple[int, int] | None, copied: bool = False) -> PictureInfo:
    """Of output frames first … end - 1. copied: they are frames of the input, and no others are made; fields stay."""
    rate = times.rate or times.beats.rate
    wide, high = size_wh or (source.width, source.height)
    return replace(
        source,
        width=wide,
        height=high,
        rate=rate,
        time_base=times.time_base,
        first_pts=0,
        frames=end - first,
        timecode=retimed_timecode(source, rate, times.pts(first) * times.time_base),
        start_frame=source.start_frame + first,
        chapters=source.chapters if first == 0 else (),
        interlaced=source.interlaced and copied,
        colour=replace(source.colour, matrix=_matrix(source)) if high != source.height else source.colour,
        metadata=dict(source.metadata),
    )


def _matrix(source: PictureInfo) -> int:
    """Where the file does not say, by its height; at another height a player would guess otherwise."""
    if source.form.model != "yuv" or source.colour.matrix not in (2, 3):
        return source.colour.matrix
    return 1 if source.height >= 720 else 6


def retimed_timecode(source: PictureInfo, rate: Fraction, after_s: Fraction) -> str | None:
    """The timecode of the moment `after_s` after the first frame, counted at another rate; None where there is none."""
    if not source.timecode:
        return None
    drop = ";" in source.timecode or "." in source.timecode
    was, will = FrameRate(source.rate), FrameRate(rate)
    try:
        begin = frames_of(source.timecode, was)
        frame = begin + round(after_s * rate) if was == will else _same_label(begin, was, will) + round(after_s * rate)
        return timecode(frame, will, drop and will.drops)
    except UsageError:
        return None


def _same_label(frame: int, was: FrameRate, will: FrameRate) -> int:
    """The frame whose hours, minutes and seconds are the same, and its part of the second too as nearly as can be."""
    seconds, rest = divmod(frame, was.nominal)
    return seconds * will.nominal + rest * will.nominal // was.nominal
