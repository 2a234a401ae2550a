"""What the header and the first frame say of a file."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import av

from ..errors import MediaError, UsageError
from ..timing import FrameRate, frames_of, usual
from .container import Container, Damage
from .info import Colour, FootageInfo, ReadOptions
from .upright import Turn, turn_of

_BOTTOM_FIRST = (3, 5)
"""AVFieldOrder BB and BT: the bottom field is shown first."""
_HEADED = ("mov", "mp4", "matroska", "avi", "mxf", "asf", "flv", "nut")
"""Containers whose header says how long the streams are."""
_MOST_FPS = 1000


def probe_container(container: Container, options: ReadOptions) -> tuple[FootageInfo, Turn, bool]:
    """The facts, how the picture is turned, and whether bottom fields come first. Decodes one frame. Raises MediaError."""
    stream, context = container.video, container.video.codec_context
    first = next(container.frames(Damage()), None)
    if first is None:
        raise MediaError(f"{container.path} has no frame that can be decoded", "check that it plays, or export it again")
    turn = turn_of(first, context.name)
    size = (first.width, first.height)
    rate, time_base = rate_of(stream, options), Fraction(stream.time_base or Fraction(1, 90000))
    duration = _about_s(container)
    code = timecode_of(container)
    sound = container.sounds[0] if container.sounds else None
    fields = _field_order(context)
    return (
        FootageInfo(
            width=size[turn.transpose],
            height=size[not turn.transpose],
            rate=rate,
            time_base=time_base,
            frames=stream.frames or round(duration * rate),
            duration_s=duration,
            first_pts=first.pts or 0,
            stamped=first.pts is not None,
            codec=context.name,
            pix_fmt=first.format.name,
            bits=max(part.bits for part in first.format.components),
            colour=colour_of(first, context),
            sample_aspect=_aspect(stream, turn),
            rotation=turn.degrees,
            interlaced=bool(first.interlaced_frame),
            timecode=code,
            start_frame=start_frame(code, rate),
            sound=sound is not None,
            sound_rate=sound.rate or 0 if sound is not None else 0,
            sound_channels=sound.channels if sound is not None else 0,
        ),
        turn,
        fields in _BOTTOM_FIRST or (fields == 0 and context.name == "dvvideo"),
    )


def rate_of(stream: Any, options: ReadOptions) -> Fraction:
    """The rate that was asked for, else the header's."""
    if options.rate:
        return FrameRate.parse(options.rate).fps
    for found in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if found and 0 < found <= _MOST_FPS:
            return usual(Fraction(found))
    return Fraction(25)


def header_s(container: Container) -> Fraction | None:
    """How long the pictures last, in seconds, where the header itself says so; None where FFmpeg would have to guess."""
    stream, whole = container.video, container.av
    if not any(name in _HEADED for name in whole.format.name.split(",")):
        return None
    if stream.duration:
        return Fraction(stream.duration * stream.time_base)
    match = re.match(r"(\d+):(\d\d):(\d\d(?:\.\d{1,9})?)", str(stream.metadata.get("DURATION", "")))
    if match:
        end_s = int(match[1]) * 3600 + int(match[2]) * 60 + Fraction(match[3])
        return end_s - (stream.start_time or 0) * stream.time_base
    return Fraction(whole.duration, av.time_base) if whole.duration and not container.sounds else None


def _about_s(container: Container) -> Fraction:
    """How long the pictures last, as well as is known; 0 is unknown."""
    stream, whole = container.video, container.av
    own = Fraction(stream.duration * stream.time_base) if stream.duration else None
    return header_s(container) or own or Fraction(max(0, whole.duration or 0), av.time_base)


def colour_of(frame: av.VideoFrame, context: Any) -> Colour:
    """Tags of the frame, where it has none those of the stream."""
    full = int(frame.color_range) == 2 or frame.format.name.startswith("yuvj")
    primaries, transfer, matrix = (_tag(frame, context, name) for name in ("color_primaries", "color_trc", "colorspace"))
    return Colour(primaries, transfer, matrix, full)


def _tag(frame: av.VideoFrame, context: Any, name: str) -> int:
    """One tag of the frame, else of the stream; 2 is "not said". Older PyAV has some of them on the stream alone."""
    return next((int(tag) for place in (frame, context) if (tag := getattr(place, name, 2)) is not None and int(tag) != 2), 2)


def timecode_of(container: Container) -> str | None:
    """Start timecode: of the picture stream, of a timecode track, of the file. That of MPEG's picture groups counts for nothing."""
    others = [stream for stream in container.av.streams if stream is not container.video]
    places = [container.video.metadata, *(stream.metadata for stream in others), container.av.metadata]
    for place in places:
        for name, value in dict(place).items():
            if name.lower() == "timecode" and value:
                return str(value)
    return None


def start_frame(code: str | None, rate: Fraction) -> int:
    """Frame number of a timecode; 0 without one, or where it makes no sense at this rate."""
    try:
        return frames_of(code, FrameRate(rate)) if code else 0
    except UsageError:
        return 0


def _aspect(stream: Any, turn: Turn) -> Fraction:
    """Sample aspect ratio, width over height, of the upright picture."""
    found = stream.sample_aspect_ratio
    aspect = Fraction(found) if found and found > 0 else Fraction(1)
    return 1 / aspect if turn.transpose else aspect


def _field_order(context: Any) -> int:
    """AVFieldOrder of the stream; 0 where it is not known."""
    try:
        return int(getattr(context, "field_order", 0) or 0)
    except (TypeError, ValueError):
        return 0
