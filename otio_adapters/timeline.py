"""Alignment to and from an OpenTimelineIO timeline.

  track 1 (video)   the ref, whole
  track 2 (video)   the clip in pieces, each a Clip; a Gap where nothing of the clip is seen
  track 3 (audio)   the ref's sound, where it has any

Each piece has a source_range in the clip's own rate and frame count (an embedded timecode counts). Its duration is
the time it lasts in the timeline, whatever its speed; OpenTimelineIO and editors that read it agree on that.
Timeline time t plays clip time `source start + (t - piece start) * time_scalar`. Where the speed is not 1, there
is a LinearTimeWarp, or a FreezeFrame for 0. Of variable-rate footage, values of RationalTime are fractional.

No schema of our own is used: a file with one cannot be read where genlock is not installed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import opentimelineio as otio

from ..core.alignment import Alignment, Key, Media, Piece, Run, Verdict
from ..core.errors import FormatError, UsageError
from ..core.timing import FrameRate, frames_of

if TYPE_CHECKING:
    from opentimelineio.opentime import RationalTime, TimeRange

METADATA = "genlock"
LOW_CONFIDENCE = 0.8
"""A run that is surer than this needs no one to look."""
TINY_S = Fraction(1, 4)
"""A matched run shorter than this, in a longer timeline, is worth a look."""
_ROUNDING = 2.0**-48
"""Relative: more than numbers lose on their way through JSON."""


def to_timeline(alignment: Alignment) -> otio.schema.Timeline:
    """The timeline that plays the alignment. Where the ref has a readable timecode, the timeline starts at it."""
    ref = alignment.ref
    timeline = otio.schema.Timeline(name=Path(_name(ref)).stem, metadata={METADATA: about(alignment)})
    timeline.global_start_time = global_start(ref)
    timeline.tracks.append(_track("ref", otio.schema.TrackKind.Video, [_whole(ref)]))
    timeline.tracks.append(_track("clip", otio.schema.TrackKind.Video, list(_items(alignment))))
    _end_with_the_ref(timeline)
    if ref.sound:
        timeline.tracks.append(_track("ref sound", otio.schema.TrackKind.Audio, [_whole(ref)]))
    return timeline


def from_timeline(timeline: Any) -> Alignment:
    """The alignment that to_timeline() wrote into a timeline.

    Raises FormatError where it is not such a timeline, or where its tracks were changed since: what an editor
    has moved or trimmed is no longer what genlock found.
    """
    if not isinstance(timeline, otio.schema.Timeline):
        raise FormatError(f"this holds {_kind(timeline)}, not a timeline", "name the .otio or .json that genlock align wrote")
    about = timeline.metadata.get(METADATA)
    text = about.get("alignment") if hasattr(about, "get") else None
    if not isinstance(text, str):
        raise FormatError("this timeline was not written by genlock", "name the .otio or .json that genlock align wrote")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"the alignment inside this timeline is damaged: {error}", "align again") from error
    alignment = Alignment.from_json(body)
    if not _same_tracks(timeline, to_timeline(alignment)):
        raise FormatError("this timeline was changed since genlock wrote it", "name the .json that genlock align wrote, or align again")
    return alignment


def file_url(path: str) -> str:
    """A path as a file URL: absolute, and with everything quoted that means something else in a URL."""
    return Path(path).absolute().as_uri()


def about(alignment: Alignment) -> dict[str, Any]:
    """What the timeline's metadata holds: for people and scripts, and the whole alignment as one JSON text."""
    runs = [
        {
            "ref_first": run.ref_first, "ref_count": run.ref_count, "verdict": run.verdict.value, "score": float(run.score),
            "confidence": float(run.confidence), "model": run.model, "also": [list(pair) for pair in run.also], "notes": list(run.notes),
        }
        for run in alignment.runs
    ]  # fmt: skip
    body = alignment.to_json()
    return {
        "version": alignment.version,
        "settings": json.loads(json.dumps(alignment.settings)),
        "rate": str(alignment.ref.rate),
        "runs": runs,
        "alignment": json.dumps(body, separators=(",", ":")),
    }


def global_start(ref: Media) -> RationalTime | None:
    if ref.timecode is None:
        return None
    try:
        return otio.opentime.RationalTime(frames_of(ref.timecode, FrameRate(ref.rate)), float(ref.rate))
    except UsageError:
        return None


def _name(media: Media) -> str:
    """The file's name; what is not UTF-8 in it is replaced."""
    return os.fsencode(Path(media.path).name).decode("utf-8", "replace")


def _track(name: str, kind: str, items: list[Any]) -> otio.schema.Track:
    track = otio.schema.Track(name=name, kind=kind)
    track.extend(items)
    return track


def _time(time_s: Fraction, rate: Fraction, start_frame: int = 0) -> RationalTime:
    """A time in frames of a rate; whole numbers come out whole."""
    return otio.opentime.RationalTime(float(start_frame + time_s * rate), float(rate))


def _end_with_the_ref(timeline: otio.schema.Timeline) -> None:
    """Take from the clip's last item what rounding adds: OpenTimelineIO gives a timeline the length and rate of its longest track.

    Its JSON rounds a number's last digits too, so a little more is taken than what is seen here.
    """
    ref_track, clip_track = timeline.tracks[0], timeline.tracks[1]
    if all(item.source_range.duration.rate == ref_track.duration().rate for item in clip_track):
        return
    most_s = ref_track.duration().to_seconds() * (1 - _ROUNDING)
    share = 2.0**-52
    while share < 1e-7 and clip_track.duration().to_seconds() > most_s:
        span = clip_track[-1].source_range
        lasts = otio.opentime.RationalTime(span.duration.value * (1 - share), span.duration.rate)
        clip_track[-1].source_range = otio.opentime.TimeRange(span.start_time, lasts)
        share *= 2


def _reference(media: Media) -> otio.schema.ExternalReference:
    available = otio.opentime.TimeRange(_time(Fraction(0), media.rate, media.start_frame), _time(media.duration_s, media.rate))
    return otio.schema.ExternalReference(target_url=file_url(media.path), available_range=available)


def _whole(media: Media) -> otio.schema.Clip:
    reference = _reference(media)
    return otio.schema.Clip(name=_name(media), media_reference=reference, source_range=reference.available_range)


def _items(alignment: Alignment) -> Iterator[Any]:
    """Clips and Gaps that fill the ref's length."""
    clip, ref = alignment.clip, alignment.ref
    gap_first, gap_runs = 0, []
    for number, run in enumerate(alignment.runs):
        if not run.pieces:
            gap_runs.append(run)
            continue
        yield from _gap(gap_first, run.pieces[0].ref_first, ref, gap_runs)
        for n, piece in enumerate(run.pieces):
            yield _played(piece, run, number, clip, ref, first=n == 0, alone=len(alignment.runs) == 1)
            gap_first, gap_runs = piece.ref_first + piece.ref_count, []
    yield from _gap(gap_first, ref.frames, ref, gap_runs)


def _gap(first: int, end: int, ref: Media, runs: list[Run]) -> Iterator[otio.schema.Gap]:
    if first >= end:
        return
    lasts = otio.opentime.TimeRange(_time(Fraction(0), ref.rate), _time(ref.time_of(end) - ref.time_of(first), ref.rate))
    gap = otio.schema.Gap(source_range=lasts)
    for run in runs:
        begins = _time(ref.time_of(run.ref_first) - ref.time_of(first), ref.rate)
        span = otio.opentime.TimeRange(begins, _time(ref.time_of(run.ref_end) - ref.time_of(run.ref_first), ref.rate))
        gap.markers.extend(marker(note, "YELLOW", span) for note in run.notes)
    yield gap


def _played(piece: Piece, run: Run, number: int, clip: Media, ref: Media, first: bool, alone: bool) -> otio.schema.Clip:
    lasts_s = ref.time_of(piece.ref_first + piece.ref_count) - ref.time_of(piece.ref_first)
    span = otio.opentime.TimeRange(_time(piece.clip_start_s, clip.rate, clip.start_frame), _time(lasts_s, clip.rate))
    item = otio.schema.Clip(name=_name(clip), media_reference=_reference(clip), source_range=span)
    if piece.speed == 0:
        item.effects.append(otio.schema.FreezeFrame())
    elif piece.speed != 1:
        item.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(piece.speed)))
    item.metadata[METADATA] = {
        "run": number, "ref_first": piece.ref_first, "ref_count": piece.ref_count, "verdict": run.verdict.value, "score": float(run.score),
        "confidence": float(run.confidence), "speed": str(piece.speed), "transform": _transform(run.transform, piece),
    }  # fmt: skip
    if first:
        item.markers.extend(marker(text, color, span) for text, color in worth_a_look(run, clip, ref, alone))
    return item


def _transform(keys: tuple[Key, ...], piece: Piece) -> list[Any]:
    """Nine numbers where the picture lies still, else the keys that this piece needs."""
    if len({key.matrix for key in keys}) <= 1:
        return [float(x) for x in keys[0].matrix] if keys else []
    last = piece.ref_first + piece.ref_count - 1
    before = max((n for n, key in enumerate(keys) if key.frame <= piece.ref_first), default=0)
    after = min((n for n, key in enumerate(keys) if key.frame >= last), default=len(keys) - 1)
    used = keys[min(before, after) : max(before, after) + 1]
    return [{"frame": key.frame, "matrix": [float(x) for x in key.matrix]} for key in used]


def worth_a_look(run: Run, clip: Media, ref: Media, alone: bool) -> Iterator[tuple[str, str]]:
    """(text, colour) of each reason for a person to look at a run."""
    if run.verdict is Verdict.AMBIGUOUS:
        others = ", ".join(f"{a + clip.start_frame} to {b + clip.start_frame}" for a, b in run.also)
        yield "ambiguous" + (f": clip frames {others} look the same" if others else ""), "YELLOW"
    if run.confidence < LOW_CONFIDENCE:
        yield f"low confidence: {run.confidence:.0%}", "RED"
    if not alone and ref.time_of(run.ref_end) - ref.time_of(run.ref_first) < TINY_S:
        yield f"short: {run.ref_count} frame{'s' if run.ref_count > 1 else ''}", "ORANGE"
    for note in run.notes:
        yield note, "YELLOW"


def marker(text: str, color: str, span: TimeRange) -> otio.schema.Marker:
    return otio.schema.Marker(name=text, color=color, marked_range=span, metadata={METADATA: {}})


def _kind(thing: Any) -> str:
    return f"a {thing.schema_name()}" if hasattr(thing, "schema_name") else f"a {type(thing).__name__}"


def _same_tracks(a: otio.schema.Timeline, b: otio.schema.Timeline) -> bool:
    """Whether two timelines play the same, to a thousandth of a frame."""
    here, there = _plays(a, "clip"), _plays(b, "clip")
    return len(here) == len(there) and all(_alike(x, y) for x, y in zip(here, there, strict=True))


def _alike(a: tuple[Any, ...], b: tuple[Any, ...]) -> bool:
    return a[0] == b[0] and a[3] == b[3] and max(abs(a[1] - b[1]), abs(a[2] - b[2])) < 1e-6


def _plays(timeline: otio.schema.Timeline, name: str) -> list[tuple[Any, ...]]:
    """Each item of the named track: kind, start, duration and speed."""
    out: list[tuple[Any, ...]] = []
    for track in timeline.tracks:
        if track.name != name or track.kind != otio.schema.TrackKind.Video:
            continue
        for item in track:
            span = getattr(item, "source_range", None)
            if span is None:
                return []
            scalars = tuple(round(getattr(effect, "time_scalar", -9.0), 9) for effect in item.effects)
            out.append((type(item).__name__, span.start_time.to_seconds(), span.duration.to_seconds(), scalars))
    return out
