"""OpenTimelineIO timelines re-pointed. Everything that is not a video event of the old footage stays as it is."""

from __future__ import annotations

import copy
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from ...core.alignment import Media, matrix_between
from ...core.errors import FormatError
from ...core.timing import FrameRate, timecode
from ..formats import otio_of
from ..timeline import file_url
from .edit import Bridges, Conformed
from .pairs import Named, Pair, lost, pair_for
from .repoint import Bridge, Part, Playing, Repointed, repoint


def conform_otio(body: bytes, bridges: Bridges) -> Conformed:
    """The timeline in the new footage. Sound stays on the old: it lies in sync as it is."""
    timeline = otio_of(body)
    if not isinstance(timeline, otio.schema.Timeline):
        raise FormatError("this OpenTimelineIO file holds no timeline", "name one that does")
    done = Conformed()
    rate = _record_rate(timeline)
    for track in timeline.video_tracks():
        for item in list(track.find_clips()):
            _event(item, rate, timeline, bridges, done)
    if any(_pair(item, bridges.pairs) for track in timeline.audio_tracks() for item in track.find_clips()):
        done.notes.append("sound stays on the old footage, where it is in sync")
    done.body = timeline.to_json_string(indent=1).encode("utf-8")
    return done


def _record_rate(timeline: Any) -> Fraction:
    """Of the record: the timeline's start, else what most video items last in."""
    if timeline.global_start_time is not None and timeline.global_start_time.rate > 1:
        return FrameRate.parse(timeline.global_start_time.rate).fps
    rates = [item.duration().rate for track in timeline.video_tracks() for item in track if isinstance(item, otio.core.Item)]
    if not rates:
        raise FormatError("this timeline has no video", "name one that has")
    return FrameRate.parse(max(set(rates), key=rates.count)).fps


def _pair(item: Any, pairs: list[Pair]) -> Pair | None:
    reference = item.media_reference
    url = getattr(reference, "target_url", None)
    if url is None and isinstance(reference, otio.schema.ImageSequenceReference):
        url = f"{reference.target_url_base}/{reference.name_prefix}%0{reference.frame_zero_padding}d{reference.name_suffix}"
    if url is None and isinstance(reference, otio.schema.GeneratorReference):
        return None
    path = otio.url_utils.filepath_from_url(url) if url and "://" in url else (url or "")
    return pair_for(Named(path, reference.name if reference is not None and reference.name else item.name), pairs)


def _event(item: Any, rate: Fraction, timeline: Any, bridges: Bridges, done: Conformed) -> None:
    pair = _pair(item, bridges.pairs)
    if pair is None:
        return
    done.events += 1
    bridge = bridges[pair]
    where = f"{item.parent().name or 'video'} {_place(item, rate, timeline)} {item.name}"
    playing = _playing(item, rate, bridge.old)
    if playing is None:
        done.missing.append(f"{where}: its change of speed is not one constant speed; it stays on {Path(pair.old).name}")
        return
    before, after = _handles(item, rate)
    found = repoint(playing, bridge, before, after)
    if not found.continues:
        done.missing.append(f"{where}: what the transition at its end shows does not go on in {Path(pair.new).name}")
    if found.missing:
        done.missing.append(f"{where}: {lost(found.missing, playing.count, pair)}")
    else:
        done.moved += 1
    _replace(item, playing, found, bridge)


def _place(item: Any, rate: Fraction, timeline: Any) -> str:
    at = item.range_in_parent().start_time
    begin = timeline.global_start_time.to_seconds() if timeline.global_start_time is not None else 0.0
    return timecode(round((at.to_seconds() + begin) * float(rate)), FrameRate(rate))


def _exact(time: Any) -> Fraction:
    """Seconds, at the exact rate that a float stands for."""
    return Fraction(time.value).limit_denominator(10**9) / FrameRate.parse(time.rate).fps


def _playing(item: Any, rate: Fraction, old: Media) -> Playing | None:
    """What a clip plays; None where its speed is not constant."""
    speed = Fraction(1)
    for effect in item.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp):
            speed *= Fraction(effect.time_scalar).limit_denominator(10**7)
        elif isinstance(effect, otio.schema.TimeEffect):
            return None
    span = item.trimmed_range()
    return Playing(max(1, round(_exact(span.duration) * rate)), rate, _exact(span.start_time) - _zero(item, span, old), speed)


def _zero(item: Any, span: Any, old: Media) -> Fraction:
    """The media time of the old file's first frame, in the count that the edit uses."""
    available = item.media_reference.available_range
    if available is not None:
        return _exact(available.start_time)
    numbered = old.start_frame / old.rate
    return numbered if _exact(span.start_time) >= numbered else Fraction(0)


def _handles(item: Any, rate: Fraction) -> tuple[int, int]:
    """Record frames that transitions show before and after a clip."""
    parent = item.parent()
    if not isinstance(parent, otio.schema.Track):
        return 0, 0
    before, after = parent.neighbors_of(item)
    into = round(_exact(before.in_offset) * rate) if isinstance(before, otio.schema.Transition) else 0
    out = round(_exact(after.out_offset) * rate) if isinstance(after, otio.schema.Transition) else 0
    return into, out


def _replace(item: Any, playing: Playing, found: Repointed, bridge: Bridge) -> None:
    """Put the parts in the clip's place; a clip in one part stays the very object it was."""
    if all(part.piece is None for part in found.parts):
        return
    parent = item.parent()
    spare = [copy.deepcopy(item) for _ in found.parts[1:]]
    begin = item.trimmed_range().start_time
    markers = list(item.markers)
    items = [item, *spare]
    for part, one in zip(found.parts, items, strict=True):
        _fill(one, part, playing, bridge, begin, len(items) == 1)
        one.markers[:] = []
    for marker in markers:
        _move(marker, items, found.parts, playing, begin)
    at = parent.index(item)
    for n, one in enumerate(spare, 1):
        parent.insert(at + n, one)


def _fill(item: Any, part: Part, playing: Playing, bridge: Bridge, begin: Any, whole: bool) -> None:
    """Make a clip play one part."""
    lasts = item.trimmed_range().duration
    if not whole:
        lasts = otio.opentime.RationalTime(float(part.count / playing.rate * FrameRate.parse(lasts.rate).fps), lasts.rate)
    if part.piece is None:
        gone = float(part.first / playing.rate * playing.speed * FrameRate.parse(begin.rate).fps)
        item.source_range = otio.opentime.TimeRange(otio.opentime.RationalTime(begin.value + gone, begin.rate), lasts)
        return
    new = bridge.new
    zero = new.start_frame
    start = otio.opentime.RationalTime(float(zero + part.piece.clip_start_s * new.rate), float(new.rate))
    item.media_reference = _reference(item.media_reference, new)
    item.source_range = otio.opentime.TimeRange(start, lasts)
    if bridge.reframed:
        item.metadata["genlock"] = {"conformed_from": bridge.old.path, "transform": _keys(part, playing, bridge)}
    kept = [effect.clone() for effect in item.effects if not isinstance(effect, otio.schema.TimeEffect)]
    speed = part.piece.speed
    if speed == 0:
        kept.insert(0, otio.schema.FreezeFrame())
    elif speed != 1:
        kept.insert(0, otio.schema.LinearTimeWarp(time_scalar=float(speed)))
    item.effects[:] = kept


def _keys(part: Part, playing: Playing, bridge: Bridge) -> list[Any]:
    """Nine numbers, new pixel to old pixel, at the begin of a part and at its end; one of the two where the picture lies still."""
    assert part.piece is not None
    out: list[Any] = []
    for record in (part.first, part.first + part.count - 1):
        at = bridge.old.frame_at(playing.start_s + (record + Fraction(1, 2)) / playing.rate * playing.speed)
        for run in bridge.runs:
            matrix = matrix_between(run.transform, at) if run.ref_first <= at < run.ref_end else None
            if matrix is not None and [float(x) for x in matrix] not in out:
                out.append([float(x) for x in matrix])
    return out


def _reference(old: Any, new: Media) -> Any:
    """A reference to the new file, in the manner of the old one, with its whole length."""
    available = otio.opentime.TimeRange(
        otio.opentime.RationalTime(new.start_frame, float(new.rate)), otio.opentime.RationalTime(float(new.duration_s * new.rate), float(new.rate))
    )
    bare = isinstance(old, otio.schema.ExternalReference) and old.target_url is not None and "://" not in old.target_url
    url = str(Path(new.path).absolute()) if bare else file_url(new.path)
    made = otio.schema.ExternalReference(target_url=url, available_range=available)
    made.name = Path(new.path).name if getattr(old, "name", "") else ""
    return made


def _move(marker: Any, items: list[Any], parts: tuple[Part, ...], playing: Playing, begin: Any) -> None:
    """Put a marker on the part that plays its moment, at the frame that it marked."""
    into = _exact(marker.marked_range.start_time) - _exact(begin)
    record = into / playing.speed * playing.rate if playing.speed else Fraction(0)
    n = max((k for k, part in enumerate(parts) if part.first <= record), default=0)
    part, item = parts[n], items[n]
    speed = part.piece.speed if part.piece is not None else playing.speed
    start = item.source_range.start_time
    moved = marker.clone()
    at = (record - part.first) / playing.rate * speed
    value = start.value + float(at * FrameRate.parse(start.rate).fps)
    moved.marked_range = otio.opentime.TimeRange(otio.opentime.RationalTime(value, start.rate), marker.marked_range.duration)
    item.markers.append(moved)
