"""A timeline of holds: each drawing once, frozen for as long as it is shown, so that an editor can take it from there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from ...core.alignment import Media
from ...core.errors import FormatError
from ...otio_adapters.timeline import file_url

if TYPE_CHECKING:
    from ...core.retime.scan import Scan


def timeline_of_holds(media: Media, seen: Scan) -> str:
    """OTIO text: one track of clips, each of as many frames as its drawing is shown; those of more than one are FreezeFrames.

    Raises FormatError for footage whose rate varies: its frames have no number in a timeline.
    """
    if seen.beats.varies:
        raise FormatError(f"the rate of {media.path} varies, and a timeline has one rate", "write .csv, or a film")
    rate = float(seen.beats.rate)
    available = TimeRange(RationalTime(media.start_frame, rate), RationalTime(seen.beats.frames, rate))
    gone = set(seen.repeats)
    drawings = [frame for frame in range(seen.beats.frames) if frame not in gone]
    track = otio.schema.Track(name="holds", kind=otio.schema.TrackKind.Video)
    for frame, after in zip(drawings, [*drawings[1:], seen.beats.frames], strict=True):
        span = TimeRange(RationalTime(media.start_frame + frame, rate), RationalTime(after - frame, rate))
        clip = otio.schema.Clip(
            name=f"{os.path.basename(media.path)} {frame}",
            media_reference=otio.schema.ExternalReference(target_url=file_url(media.path), available_range=available),
            source_range=span,
        )
        if after - frame > 1:
            clip.effects.append(otio.schema.FreezeFrame())
        track.append(clip)
    timeline = otio.schema.Timeline(name=os.path.basename(media.path), global_start_time=RationalTime(media.start_frame, rate))
    timeline.tracks.append(track)
    return str(timeline.to_json_string())
