"""Frames of VapourSynth as arrays, and back; clips as footage that genlock can read.

Planes are (h, w) arrays of the clip's own samples, views on the frame's memory: read only, but for a copy that was made to be written to.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from ...core.errors import UsageError
from ...core.media.footage import Footage, Given, given_footage


def planes(frame: Any) -> list[np.ndarray]:
    """The planes of a frame."""
    return [np.asarray(frame[k]) for k in range(frame.format.num_planes)]


def peak_of(format: Any) -> float | None:
    """The top of an integer format's samples; None for float."""
    return None if int(format.sample_type) else float((1 << format.bits_per_sample) - 1)


def neutral_of(format: Any, plane: int) -> float:
    """What a plane holds where there is no picture: black, or no colour."""
    colourless = format.color_family.name == "YUV" and plane > 0
    return float(1 << (format.bits_per_sample - 1)) if colourless and not int(format.sample_type) else 0.0


def grey(clip: Any, bits: int) -> Any:
    """The clip's luma as it is stored, at 8 or 16 bits; of RGB, BT.709's."""
    import vapoursynth as vs

    wanted = vs.GRAY8 if bits == 8 else vs.GRAY16
    if clip.format.color_family == vs.RGB:
        return clip.resize.Point(format=wanted, matrix_s="709")
    if clip.format.color_family == vs.YUV:
        clip = clip.std.ShufflePlanes(planes=0, colorfamily=vs.GRAY)
    return clip if clip.format.id == wanted else clip.resize.Point(format=wanted)


def require_constant(clip: Any, role: str) -> None:
    """Raises UsageError for what is no clip, or one whose frames differ in size or format."""
    if not hasattr(clip, "get_frame") or not hasattr(clip, "width"):
        raise UsageError(f"{role} is {type(clip).__name__}", "hand in a VapourSynth clip")
    if clip.format is None or not clip.width or not clip.height:
        raise UsageError(f"{role} changes its size or format on the way", "bring it to one with resize first")


def footage_of(clip: Any, role: str, rate: Fraction) -> Footage:
    """A clip as footage of genlock's. Raises UsageError as require_constant does."""
    require_constant(clip, role)
    return given_footage(Given(role, (clip.width, clip.height), clip.num_frames, rate, _Reader(grey(clip, 8)).luma))


class _Reader:
    """Hands out frames by number. A pass that runs through the clip is read ahead by VapourSynth's own threads."""

    def __init__(self, clip: Any) -> None:
        self._clip = clip
        self._pass: Iterator[Any] | None = None
        self._next = -1

    def luma(self, number: int) -> np.ndarray:
        """(h, w) uint8, a copy."""
        if number == 0:
            self._pass, self._next = self._clip.frames(close=True), 0
        if self._pass is None or number != self._next:
            with self._clip.get_frame(number) as frame:
                return np.array(frame[0])
        self._next += 1
        picture = np.array(next(self._pass)[0])
        if self._next == self._clip.num_frames:
            self._pass = None
        return picture
