"""Two clips to an Alignment: one that was made before, or one that is made now, while the script loads."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Any

from ...core.align import align
from ...core.alignment import Alignment
from ...core.progress import Progress
from ...core.settings import AlignSettings
from ..worker.inputs import read_aligned
from .choosing import require_lengths
from .frames import footage_of

_STEP = 0.1
"""Progress is told each time this much more is done."""


def solved(
    clip: Any, ref: Any, rates: tuple[Fraction, Fraction], settings: AlignSettings, alignment: Alignment | str | os.PathLike[str] | None
) -> Alignment:
    """The alignment that was handed in, or read from its .otio or .json, or solved here by reading both clips once.

    Raises UsageError where one that was handed in is of other lengths, NotSameFootage, and what reading raises.
    """
    if isinstance(alignment, str | os.PathLike):
        alignment = read_aligned(os.fspath(alignment))
    if alignment is None:
        return align(footage_of(clip, "clip", rates[0]), footage_of(ref, "ref", rates[1]), settings, Progress(_Teller()))
    require_lengths(alignment, clip.num_frames, ref.num_frames)
    return alignment


def say(text: str) -> None:
    """A line in VapourSynth's log."""
    import vapoursynth as vs

    if text:
        vs.core.log_message(vs.MESSAGE_TYPE_INFORMATION, f"genlock: {text}")


class _Teller:
    """Tells progress in steps, since a script's log is no place for a bar."""

    def __init__(self) -> None:
        self._told = 0.0

    def __call__(self, done: float, what: str) -> None:
        if done >= self._told + _STEP:
            self._told = done
            say(f"{done:.0%} {what}".rstrip())
