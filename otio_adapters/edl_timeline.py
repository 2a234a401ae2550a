"""A CMX 3600 edit decision list as an OpenTimelineIO timeline of one track."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import opentimelineio as otio

from ..core.errors import FormatError
from ..core.timing import FrameRate
from .edl_text import Event, from_text, span_of


def edl_to_timeline(text: str, rate: str | float | Fraction, clip_rate: str | float | Fraction | None = None) -> otio.schema.Timeline:
    """The timeline that an EDL of cuts and constant speeds plays, starting at its first record timecode.

    rate       frames a second of the record timecode; clip_rate of the source's, the same where it is None
    Events follow one another in record time; what they leave open is a Gap. Raises FormatError with the line or
    the event where the text is malformed, or where two events overlap.
    """
    record_rate = FrameRate.parse(rate)
    source_rate = FrameRate.parse(clip_rate) if clip_rate is not None else record_rate
    edl = from_text(text)
    start = span_of(edl.events[0].record, record_rate)[0]
    track = otio.schema.Track(name="V", kind=otio.schema.TrackKind.Video)
    at = start
    for number, event in enumerate(edl.events, 1):
        first, end = span_of(event.record, record_rate)
        if first < at and at - first > 43200 * record_rate.nominal:
            first, end = first + 86400 * record_rate.nominal, end + 86400 * record_rate.nominal
        if first < at:
            raise FormatError(f"event {number} begins in the record before the one above it ends", "sort the events by record time")
        if first > at:
            track.append(otio.schema.Gap(duration=_time(first - at, record_rate)))
        track.append(_clip(event, end - first, record_rate, source_rate))
        at = end
    timeline = otio.schema.Timeline(name=edl.title, global_start_time=_time(start, record_rate))
    timeline.tracks.append(track)
    return timeline


def _clip(event: Event, count: int, record_rate: FrameRate, source_rate: FrameRate) -> Any:
    """What an event plays for `count` record frames; backwards it begins at the source out."""
    first, end = span_of(event.source, source_rate)
    backwards = event.speed is not None and event.speed < 0
    begin = otio.opentime.RationalTime(end if backwards else first, float(source_rate.fps))
    lasts = otio.opentime.RationalTime(float(count * source_rate.fps / record_rate.fps), float(source_rate.fps))
    clip = otio.schema.Clip(name=event.name or event.reel, source_range=otio.opentime.TimeRange(begin, lasts))
    clip.metadata["cmx_3600"] = {"reel": event.reel, "comments": list(event.comments)}
    if event.speed is not None and event.speed == 0:
        clip.effects.append(otio.schema.FreezeFrame())
    elif event.speed is not None and event.speed != record_rate.nominal:
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(Fraction(event.speed) / record_rate.nominal)))
    return clip


def _time(frames: int, rate: FrameRate) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(frames, float(rate.fps))
