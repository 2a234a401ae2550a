"""Sound put to use: a time map where sound alone is asked for, and the place of frames that look the same."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

from .analysis import Analysis
from .path import NOTHING
from .sound import SoundMatch, SoundTrack, listen, match, offset_at

RATE = 8000
END_S = 1.0
LEAST_MARGIN = 4.0
"""Standard deviations by which a sound match has to stand out before it moves a picture."""


def heard(clip: Analysis, ref: Analysis) -> list[SoundMatch]:
    """Where the clip's sound lies in the ref's; empty where either is silent or nothing stands out."""
    if not (clip.media.sound and ref.media.sound):
        return []
    tracks = [_track(analysis) for analysis in (clip, ref)]
    if tracks[0] is None or tracks[1] is None:
        return []
    return match(tracks[0], tracks[1])


def _track(analysis: Analysis) -> SoundTrack | None:
    """What is kept of a file's sound: from an earlier run, or listened to now."""
    kept = analysis.recall("sound.bin")
    if kept is not None:
        return SoundTrack.from_bytes(kept) if kept else None
    track = listen(analysis.sound(RATE), RATE)
    analysis.remember("sound.bin", b"" if track is None else track.to_bytes())
    return track


def frames_by_sound(clip: Analysis, ref: Analysis, matches: list[SoundMatch]) -> np.ndarray:
    """(ref frames,) int: the clip frame whose time is heard in the middle of each ref frame; NOTHING where none is."""
    at = np.full(ref.frames, NOTHING, int)
    strong = [one for one in matches if one.margin >= LEAST_MARGIN]
    for i in range(ref.frames):
        middle_s = float(ref.media.middle_of(i))
        offset = offset_at(strong, middle_s)
        if offset is None:
            offset = _beside(strong, middle_s)
        if offset is not None:
            j = clip.media.frame_at(Fraction(middle_s + offset).limit_denominator(1_000_000))
            at[i] = j if 0 <= j < clip.frames else NOTHING
    return at


def _beside(matches: list[SoundMatch], time_s: float) -> float | None:
    """The offset of the match that begins or ends within END_S of a time: ends are known to about a second only."""
    near = [(max(one.ref_start_s - time_s, time_s - one.ref_end_s), one) for one in matches]
    gap, one = min(near, key=lambda pair: pair[0], default=(END_S + 1, None))
    if one is None or gap > END_S:
        return None
    return one.clip_at_s + one.speed * (time_s - one.ref_start_s) - time_s


def told(matches: list[SoundMatch]) -> dict[str, Any] | None:
    """The longest match, as the evidence of an alignment holds it: offset_s is clip time less ref time at its start."""
    if not matches:
        return None
    best = max(matches, key=lambda one: one.ref_end_s - one.ref_start_s)
    return {
        "offset_s": round(best.clip_at_s - best.ref_start_s, 5),
        "drift_ppm": round((best.speed - 1) * 1e6, 1),
        "score": round(best.score, 3),
        "matches": len(matches),
    }
