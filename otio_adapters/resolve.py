"""Alignment to an OpenTimelineIO timeline in the shape that DaVinci Resolve (18.5 and later) imports frame for frame.

What is different from timeline.py, after what others have measured of Resolve:

  - target_url is a bare path; tracks are "Video 1" (the ref), "Video 2" (the clip), "Audio 1"
  - source starts are whole frames in the media's own timecode; a piece that begins between two frames is cut up
  - a speed is a LinearTimeWarp with a source_range as long as the record; Resolve builds it, above 0
  - a held frame and backwards are cuts of single frames: what Resolve makes of a start there is not known
  - a gap is a Gap; markers and metadata stay; import it with "importSourceClips" on
"""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio

from ..core.alignment import Alignment, Media
from ..core.errors import FormatError
from .timeline import METADATA, about, global_start, marker, worth_a_look
from .whole import MOST_STRIPS, Strip, gaps, start_of, strips


def to_resolve(alignment: Alignment) -> tuple[otio.schema.Timeline, list[str]]:
    """The timeline and notes. Raises FormatError for variable rates, and where it takes too many cuts."""
    clip, ref = alignment.clip, alignment.ref
    for role, media in (("clip", clip), ("ref", ref)):
        if media.pts is not None:
            raise FormatError(f"the {role} has a variable frame rate, which Resolve does not count", "write .otio without --otio resolve")
    found = strips(alignment, retimed=True)
    wanted = sum(len(run.pieces) for run in alignment.runs)
    if len(found) > MOST_STRIPS + wanted:
        raise FormatError(f"what plays has to be cut into {len(found)} strips for Resolve, which no one can edit", "write .otio or .mlt")
    notes = [f"holds, backwards and odd starts are written as cuts that play the same frames: {len(found)} strips"] if len(found) > wanted else []
    timeline = otio.schema.Timeline(name=Path(ref.path).stem, metadata={METADATA: about(alignment)})
    timeline.global_start_time = global_start(ref) or otio.opentime.RationalTime(0, float(ref.rate))
    whole = _clip(ref, 0, ref.frames, ref)
    timeline.tracks.append(otio.schema.Track("Video 1", [whole], kind=otio.schema.TrackKind.Video))
    track = otio.schema.Track("Video 2", kind=otio.schema.TrackKind.Video)
    for part in gaps(found, ref.frames):
        if isinstance(part, Strip):
            track.append(_played(part, alignment))
        else:
            track.append(otio.schema.Gap(source_range=otio.opentime.TimeRange(_time(0, ref), _time(part[1], ref))))
    timeline.tracks.append(track)
    if ref.sound:
        timeline.tracks.append(otio.schema.Track("Audio 1", [_clip(ref, 0, ref.frames, ref)], kind=otio.schema.TrackKind.Audio))
    return timeline, notes


def _time(frames: int, media: Media) -> otio.opentime.RationalTime:
    return otio.opentime.RationalTime(frames, float(media.rate))


def _clip(media: Media, first: int, count: int, ref: Media) -> otio.schema.Clip:
    """`count` record frames from a frame of a file."""
    begin = start_of(media, media.start_frame)[0]
    available = otio.opentime.TimeRange(_time(begin, media), _time(media.frames, media))
    reference = otio.schema.ExternalReference(target_url=str(Path(media.path).absolute()), available_range=available)
    span = otio.opentime.TimeRange(_time(begin + first, media), _time(count, ref))
    return otio.schema.Clip(name=Path(media.path).name, media_reference=reference, source_range=span)


def _played(strip: Strip, alignment: Alignment) -> otio.schema.Clip:
    item = _clip(alignment.clip, strip.clip_first, strip.ref_count, alignment.ref)
    run = alignment.runs[strip.run]
    if strip.speed != 1:
        item.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(strip.speed)))
    item.metadata[METADATA] = {
        "run": strip.run, "ref_first": strip.ref_first, "ref_count": strip.ref_count, "verdict": run.verdict.value, "speed": str(strip.speed),
        "transform": [{"frame": key.frame, "matrix": [float(x) for x in key.matrix]} for key in run.transform],
    }  # fmt: skip
    if strip.ref_first == run.ref_first:
        looks = worth_a_look(run, alignment.clip, alignment.ref, len(alignment.runs) == 1)
        item.markers.extend(marker(text, color, item.source_range) for text, color in looks)
    return item
