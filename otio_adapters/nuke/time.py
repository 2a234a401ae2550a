"""Which clip frame is shown at a script frame, as the simplest node that says it.

  one constant offset      TimeOffset     out(frame) = in(frame - time_offset)
  one held frame           FrameHold      out(frame) = in(firstFrame)
  anything else            TimeWarp       out(frame) = in(lookup(frame)), to the nearest whole frame

A TimeWarp's curve goes straight through each piece of constant speed, and stays half a thousandth of a frame clear of
where rounding would change the frame; what no straight line plays so gets a key a frame. Retime is not used: it has no
way to begin between two frames.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from ...core.alignment import Alignment, Media, Piece
from .nodes import Node, animated, number

CLEAR = Fraction(1, 2000)
"""Of a frame: how near to where rounding changes a straight line may go."""


def time_node(alignment: Alignment, clip_first: int, ref_first: int) -> Node | None:
    """The node, or None where script frame and clip frame are the same number.

    clip_first, ref_first   script frame numbers of the first frame of either
    """
    shown = alignment.clip_frames()
    playing = [(frame, at) for frame, at in enumerate(shown) if at is not None]
    if not playing:
        return None
    offsets = {at - frame for frame, at in playing}
    if len(offsets) == 1:
        later = ref_first - clip_first - offsets.pop()
        return Node("TimeOffset", {"time_offset": str(later), "name": "genlock_time"}) if later else None
    held = {at for _, at in playing}
    if len(held) == 1:
        return Node("FrameHold", {"firstFrame": str(held.pop() + clip_first), "name": "genlock_time"})
    keys = [(frame + ref_first, float(at + clip_first)) for frame, at in _keys(alignment, shown)]
    return Node("TimeWarp", {"lookup": animated(keys), "filter": "nearest", "name": "genlock_time"})


def _keys(alignment: Alignment, shown: Sequence[int | None]) -> Iterator[tuple[int, Fraction]]:
    """(ref frame, clip frame) of each key, both counted from 0."""
    for run in alignment.runs:
        for piece in run.pieces:
            yield from _piece_keys(piece, shown, alignment.clip, alignment.ref)


def _piece_keys(piece: Piece, shown: Sequence[int | None], clip: Media, ref: Media) -> Iterator[tuple[int, Fraction]]:
    first, last = piece.ref_first, piece.ref_first + piece.ref_count - 1
    line = _line(piece, shown, clip, ref)
    if line is not None:
        begin, step = line
        yield first, begin
        if last > first:
            yield last, begin + step * (last - first)
        return
    for frame in range(first, last + 1):
        at = shown[frame]
        assert at is not None
        yield frame, Fraction(at)


def _line(piece: Piece, shown: Sequence[int | None], clip: Media, ref: Media) -> tuple[Fraction, Fraction] | None:
    """(clip frame at the first ref frame, clip frames a ref frame) of a line that rounds to what is shown; None where there is none."""
    if clip.pts is not None or ref.pts is not None:
        return None
    step = piece.speed * clip.rate / ref.rate
    begin = piece.clip_start_s * clip.rate + (step - 1) / 2
    if step.denominator > 10**6 or begin.denominator > 10**6:
        return None
    if step.denominator == 1:
        begin = Fraction(math.floor(begin + Fraction(1, 2)))
    for k in range(piece.ref_count):
        at = begin + step * k
        frame = shown[piece.ref_first + k]
        if frame is None or abs(at - frame) > Fraction(1, 2) - CLEAR:
            return None
    return begin, step


def read_range(media: Media) -> tuple[int, int]:
    """First and last script frame of a file in a Read: the numbers of a sequence's files; a movie counts from 1."""
    first = media.start_frame if "%" in media.path else 1
    return first, first + media.frames - 1


def rate_text(rate: Fraction) -> str:
    """As the knob fps holds it."""
    return number(round(float(rate), 6))
