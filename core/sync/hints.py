"""What a person knows better: frames that belong together, and the part of the ref that matters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..alignment import Media
from ..errors import UsageError
from ..media.probe import start_frame
from ..settings import AlignSettings
from ..timing import FrameRate, frames_of

LEAST_FRAMES = 48
"""Ref frames looked at, though fewer are asked for."""


@dataclass(frozen=True)
class Hints:
    """Anchors and range, in frames counted from 0."""

    anchors: tuple[tuple[int, int], ...] = ()
    """(clip frame, ref frame)"""
    first: int = 0
    last: int | None = None
    """Ref frames to look at, both included; None is the end."""

    def rows(self, ref_frames: int) -> np.ndarray | None:
        """(ref frames,) bool: the ones to look at, or None for all."""
        if self.first == 0 and self.last is None:
            return None
        out = np.zeros(ref_frames, bool)
        out[self.first : ref_frames if self.last is None else self.last + 1] = True
        return out

    def around(self, ref_frames: int) -> np.ndarray | None:
        """The same, and enough frames on either side to tell where a short range lies."""
        rows = self.rows(ref_frames)
        if rows is None or rows.sum() >= LEAST_FRAMES:
            return rows
        first, last = self.first, ref_frames - 1 if self.last is None else self.last
        spare = (LEAST_FRAMES - (last - first)) // 2
        rows[max(0, first - spare) : last + 1 + spare] = True
        return rows


NO_HINTS = Hints()


def read_hints(settings: AlignSettings, clip: Media, ref: Media) -> Hints:
    """The settings' anchors and range as frames. Raises UsageError with the form wanted, or the frames there are."""
    anchors = []
    for text in settings.anchor:
        left, equals, right = text.partition("=")
        if not equals:
            raise UsageError(f"the anchor {text!r} has no '='", "write it CLIP=REF, such as 00:00:10:05=00:00:07:12 or 245=180")
        anchors.append((_frame(left, clip, f"the anchor {text!r}"), _frame(right, ref, f"the anchor {text!r}")))
    if len({row for _, row in anchors}) < len(anchors):
        raise UsageError("two anchors name the same ref frame", "keep one of them")
    if not settings.range:
        return Hints(tuple(sorted(anchors, key=lambda pair: pair[1])))
    first, dash, last = settings.range.partition("-")
    if not dash:
        raise UsageError(f"the range {settings.range!r} has no '-'", "write it FIRST-LAST, such as 100-400 or 00:00:04:00-00:00:16:00")
    a, b = _frame(first, ref, f"the range {settings.range!r}"), _frame(last, ref, f"the range {settings.range!r}")
    if b < a:
        raise UsageError(f"the range {settings.range!r} ends before it starts", "write the earlier frame first")
    return Hints(tuple(sorted(anchors, key=lambda pair: pair[1])), a, b)


def _frame(text: str, media: Media, where: str) -> int:
    """A frame counted from 0, of a timecode as the file counts, or of a number (of an image sequence: the file's own number)."""
    text = text.strip()
    code = start_frame(media.timecode, media.rate)
    start = 0 if media.timecode and code == media.start_frame else media.start_frame
    frame = int(text) - start if text.isdigit() else frames_of(text, FrameRate(media.rate)) - code
    if not 0 <= frame < media.frames:
        raise UsageError(f"{where} names {text}, which {media.path} does not have", f"its frames are {start} to {start + media.frames - 1}")
    return frame
