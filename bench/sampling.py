"""What a timeline plays, read as an editor reads it: through opentimelineio and nothing of genlock's own.

In the middle of every ref frame: which clip lies on top there, at which time of its file, through which time effects,
and with which matrix.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio
from numpy.typing import NDArray

Keys = list[tuple[int, NDArray[np.float64]]]
TINY = 1e-6
"""Frames: seconds are doubles in a timeline, and a time on a frame's edge is that frame's."""


@dataclass(frozen=True)
class Stretch:
    """One clip of the timeline, in seconds."""

    start_s: float
    end_s: float
    media_s: float
    """Time of the media, after its first frame, shown when the stretch begins."""
    speed: float
    keys: Keys


def played(path: Path, truth: dict[str, Any]) -> tuple[list[int | None], list[Keys]]:
    """(clip frame, matrix keys) in the middle of each ref frame of a timeline file; no frame where nothing plays."""
    timeline = otio.adapters.read_from_file(str(path))
    stretches = list(_stretches(timeline, truth["clip"]))
    frames: list[int | None] = []
    keys: list[Keys] = []
    for middle_s in _middles(truth):
        on_top = next((s for s in reversed(stretches) if s.start_s <= middle_s < s.end_s), None)
        media_s = None if on_top is None else on_top.media_s + (middle_s - on_top.start_s) * on_top.speed
        frames.append(None if media_s is None else _frame_at(media_s, truth))
        keys.append([] if on_top is None else on_top.keys)
    return frames, keys


def matrix_at(keys: Keys, frame: int) -> NDArray[np.float64] | None:
    """Linear between keys, held outside them."""
    if not keys:
        return None
    at = bisect.bisect_right([number for number, _ in keys], frame)
    if at in (0, len(keys)):
        return keys[min(at, len(keys) - 1)][1]
    (before, a), (after, b) = keys[at - 1], keys[at]
    return a + (b - a) * (frame - before) / (after - before)


def _middles(truth: dict[str, Any]) -> Iterator[float]:
    starts = truth.get("ref_starts_s")
    for n in range(truth["ref_frames"]):
        if starts:
            yield float(Fraction(starts[n]) + Fraction(starts[n + 1])) / 2
        else:
            yield (n + 0.5) / float(Fraction(truth["ref_fps"]))


def _frame_at(time_s: float, truth: dict[str, Any]) -> int:
    starts = truth.get("clip_starts_s")
    if starts:
        return bisect.bisect_right([float(Fraction(start)) for start in starts], time_s + TINY) - 1
    return math.floor(time_s * float(Fraction(truth["clip_fps"])) + TINY)


def _stretches(timeline: Any, name: str) -> Iterator[Stretch]:
    """The timeline's clips of one media file, lowest track first."""
    for track in timeline.video_tracks():
        for item in track:
            if isinstance(item, otio.schema.Clip) and _media_name(item) == name:
                yield _stretch(item)


def _media_name(item: Any) -> str | None:
    media = item.media_reference
    return Path(otio.url_utils.filepath_from_url(media.target_url)).name if isinstance(media, otio.schema.ExternalReference) else None


def _stretch(item: Any) -> Stretch:
    place, source = item.range_in_parent(), item.trimmed_range()
    available = item.media_reference.available_range
    speed = 1.0
    for effect in item.effects:
        if isinstance(effect, otio.schema.LinearTimeWarp):
            speed *= effect.time_scalar
    return Stretch(
        start_s=place.start_time.to_seconds(),
        end_s=place.end_time_exclusive().to_seconds(),
        media_s=source.start_time.to_seconds() - (available.start_time.to_seconds() if available else 0.0),
        speed=speed,
        keys=_keys(item.metadata.get("genlock", {}).get("transform")),
    )


def _keys(body: Any) -> Keys:
    if not body:
        return []
    if not hasattr(body[0], "keys"):
        return [(0, _matrix(body))]
    return sorted(((int(key["frame"]), _matrix(key["matrix"])) for key in body), key=lambda key: key[0])


def _matrix(numbers: Any) -> NDArray[np.float64]:
    return np.array([float(x) for x in numbers]).reshape(3, 3)
