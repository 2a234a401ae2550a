"""An OpenTimelineIO timeline written as JSON by hand: Blender has no OTIO, and the format is plain. No Blender needed.

A retimed stretch is one clip for each straight line through its frames (lines.py); its source_range lasts as long as it plays in the
timeline, as OpenTimelineIO and editors have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from .lines import lines


@dataclass(frozen=True)
class Shown:
    """A strip: which frame of which file each timeline frame shows."""

    at: int
    """First timeline frame, counted from the timeline's own first one."""
    frames: tuple[int, ...]
    """Of the file, from 0; one for each timeline frame."""
    path: str
    rate: Fraction
    """Of the file."""
    length: int
    """Frames in the file."""
    name: str
    about: dict[str, Any] = field(default_factory=dict)
    """For the clip's metadata under "genlock"."""


def timeline(name: str, rate: Fraction, video: Sequence[Sequence[Shown]], audio: Sequence[Sequence[Shown]] = ()) -> dict[str, Any]:
    """The timeline as OTIO's JSON holds it.

    rate          frames a second of the timeline
    video, audio  tracks from the lowest up; in each, strips in order that do not overlap
    """
    kinds = [("Video", n, track) for n, track in enumerate(video)] + [("Audio", n, track) for n, track in enumerate(audio)]
    tracks = [_track(f"{kind} {n + 1}", kind, track, rate) for kind, n, track in kinds]
    stack: dict[str, Any] = {
        "OTIO_SCHEMA": "Stack.1", "name": "tracks", "metadata": {}, "source_range": None, "effects": [], "markers": [], "children": tracks,
    }  # fmt: skip
    return {"OTIO_SCHEMA": "Timeline.1", "name": name, "metadata": {"genlock": {"rate": str(rate)}}, "global_start_time": None, "tracks": stack}


def _track(name: str, kind: str, shown: Sequence[Shown], rate: Fraction) -> dict[str, Any]:
    children: list[dict[str, Any]] = []
    at = 0
    for each in shown:
        if each.at > at:
            children.append(_gap(each.at - at, rate))
        children += _clips(each, rate)
        at = each.at + len(each.frames)
    return {
        "OTIO_SCHEMA": "Track.1", "name": name, "kind": kind, "metadata": {}, "source_range": None, "effects": [], "markers": [],
        "children": children,
    }  # fmt: skip


def _gap(count: int, rate: Fraction) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Gap.1", "name": "", "metadata": {}, "effects": [], "markers": [],
        "source_range": _range(Fraction(0), Fraction(count), rate),
    }  # fmt: skip


def _clips(each: Shown, rate: Fraction) -> list[dict[str, Any]]:
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1", "name": "", "metadata": {}, "target_url": Path(each.path).as_uri(),
        "available_range": _range(Fraction(0), Fraction(each.length), each.rate),
    }  # fmt: skip
    return [
        {
            "OTIO_SCHEMA": "Clip.1", "name": each.name, "metadata": {"genlock": each.about} if each.about else {}, "markers": [],
            "media_reference": reference, "effects": _effects(line.slope * rate / each.rate),
            "source_range": _range(line.start, line.count * each.rate / rate, each.rate),
        }
        for line in lines(each.frames)
    ]  # fmt: skip


def _effects(speed: Fraction) -> list[dict[str, Any]]:
    """speed  seconds of the file a second of the timeline"""
    if speed == 1:
        return []
    schema = {"OTIO_SCHEMA": "LinearTimeWarp.1", "effect_name": "LinearTimeWarp", "time_scalar": float(speed)}
    if speed == 0:
        schema = {"OTIO_SCHEMA": "FreezeFrame.1", "effect_name": "FreezeFrame", "time_scalar": 0}
    return [{**schema, "name": "", "metadata": {}}]


def _range(start: Fraction, duration: Fraction, rate: Fraction) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": _time(start, rate), "duration": _time(duration, rate)}


def _time(value: Fraction, rate: Fraction) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(value), "rate": float(rate)}
