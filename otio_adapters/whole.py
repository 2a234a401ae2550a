"""An alignment as strips that begin on whole clip frames: for formats that cannot begin between two.

In the k-th ref frame of a strip plays clip frame floor(clip_first + (k + 1/2) * slope), with the slope in clip frames a
ref frame. What no strip of a piece's own speed plays becomes shorter strips, down to single frames.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from ..core.alignment import Alignment, Media, Run
from ..core.errors import FormatError, UsageError
from ..core.timing import FrameRate, frames_of

MOST_STRIPS = 5000
"""Single frames are no edit that a person can work with; beyond this, a format refuses."""


_CLEAR = 10_000
"""Part of a frame that is kept clear of its edges, where a reader's rounding would change it; the very edge is a frame's begin."""


@dataclass(frozen=True)
class Strip:
    """Consecutive ref frames that the clip plays from a whole frame on."""

    ref_first: int
    ref_count: int
    clip_first: int
    speed: Fraction
    """Seconds of clip a second of ref; above 0."""
    run: int
    """Which run of the alignment it is of."""


def strips(alignment: Alignment, retimed: bool) -> list[Strip]:
    """The strips in order; with retimed False every one plays frame for frame (at equal rates, speed 1)."""
    shown = alignment.clip_frames()
    plain = alignment.clip.rate / alignment.ref.rate
    out: list[Strip] = []
    for number, run in enumerate(alignment.runs):
        for piece in run.pieces:
            speeds = [piece.speed, 1 / plain] if retimed and piece.speed > 0 else [1 / plain]  # the last one always plays a frame
            at, end = piece.ref_first, piece.ref_first + piece.ref_count
            while at < end:
                strip = max((_longest(shown, at, end, speed, plain, number) for speed in speeds), key=lambda strip: strip.ref_count)
                out.append(strip)
                at += strip.ref_count
    return out


def _longest(shown: list[int | None], at: int, end: int, speed: Fraction, plain: Fraction, run: int) -> Strip:
    slope = speed * plain
    up, down = slope.numerator, 2 * slope.denominator
    first = shown[at]
    assert first is not None
    begin = first - up // down
    if begin < 0:
        return Strip(at, 0, 0, speed, run)
    count = 0
    while at + count < end:
        moved, rest = divmod((2 * count + 1) * up, down)
        if shown[at + count] != begin + moved or (rest and min(rest, down - rest) * _CLEAR < down):
            break
        count += 1
    return Strip(at, count, begin, speed, run)


def frame_cuts(alignment: Alignment, suffix: str) -> tuple[list[Strip], list[str]]:
    """Strips that play frame for frame, for a format whose readers lose speeds, and notes.

    Raises FormatError where clip and ref count differently, or where that takes too many cuts.
    """
    clip, ref = alignment.clip, alignment.ref
    for role, media in (("clip", clip), ("ref", ref)):
        if media.pts is not None:
            raise FormatError(f"the {role} has a variable frame rate, which {suffix} has no way to count", "write .otio")
    if clip.rate != ref.rate:
        rates = f"{FrameRate(clip.rate)} and {FrameRate(ref.rate)} frames a second"
        raise FormatError(f"clip and ref run at {rates}, and readers of {suffix} disagree on which frames that plays", "write .otio, .edl or .mlt")
    found = strips(alignment, retimed=False)
    wanted = sum(len(run.pieces) for run in alignment.runs)
    if len(found) > MOST_STRIPS:
        raise FormatError(
            f"readers of {suffix} lose changes of speed, and as cuts they would be {len(found)}", "write .otio, .edl or .mlt, which say speeds"
        )
    notes = []
    if len(found) > wanted:
        notes.append(f"changes of speed, which readers of {suffix} lose, are written as {len(found)} cuts that play the same frames")
    return found, [*notes, *space_notes(alignment, suffix)]


def space_notes(alignment: Alignment, suffix: str) -> list[str]:
    """A note where the clip's picture does not lie as it is, for formats that cannot say where it lies."""
    if any(not _unmoved(run) for run in alignment.runs):
        return [f"{suffix} does not say where the clip's picture lies in the ref; .otio, .json and .nk do"]
    return []


def _unmoved(run: Run) -> bool:
    return all(key.matrix == (1, 0, 0, 0, 1, 0, 0, 0, 1) for key in run.transform)


def start_of(media: Media, otherwise: int) -> tuple[int, bool]:
    """(number of a file's first frame by its timecode, whether that drops); `otherwise` where it has none that can be read."""
    if media.timecode is None:
        return otherwise, False
    try:
        return frames_of(media.timecode, FrameRate(media.rate)), ";" in media.timecode or "." in media.timecode
    except UsageError:
        return otherwise, False


def gaps(found: list[Strip], frames: int) -> Iterator[Strip | tuple[int, int]]:
    """Strips, and (first, count) of what lies open between them, filling `frames`."""
    at = 0
    for strip in found:
        if strip.ref_first > at:
            yield at, strip.ref_first - at
        yield strip
        at = strip.ref_first + strip.ref_count
    if at < frames:
        yield at, frames - at


def stem(media: Media) -> str:
    """A file's name without folder and suffix."""
    return Path(media.path).stem
