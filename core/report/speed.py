"""Speeds in words. A speed is seconds of clip a second of ref: 0 holds a frame, below 0 plays backwards."""

from __future__ import annotations

from fractions import Fraction

from ..alignment import Alignment, Run
from ..timing import FrameRate, usual

_KNOWN = {
    Fraction(25, 24): "PAL 25/24",
    Fraction(24, 25): "PAL 24/25",
    Fraction(1001, 960): "PAL, 23.976 played at 25",
    Fraction(960, 1001): "PAL, 25 played at 23.976",
    Fraction(1001, 1000): "NTSC 1001/1000",
    Fraction(1000, 1001): "NTSC 1000/1001",
}


def speed_words(speed: Fraction, alignment: Alignment) -> str:
    """One speed: "original speed", "104.17 % (PAL 25/24)", "held", "backwards at 50 %"."""
    if speed == 0:
        return "held"
    if speed < 0:
        return "backwards" if speed == -1 else f"backwards at {_percent(-speed)}"
    if speed == 1:
        return "original speed"
    why = _why(speed, alignment)
    return f"{_percent(speed)} ({why})" if why else _percent(speed)


def run_speed(run: Run, alignment: Alignment) -> str:
    """How a run plays, over all its pieces."""
    speeds = sorted({piece.speed for piece in run.pieces})
    if not speeds:
        return ""
    if len(speeds) == 1:
        said = speed_words(speeds[0], alignment)
    else:
        said = f"{_percent(speeds[0])} to {_percent(speeds[-1])} in {len(run.pieces)} pieces"
    jumps = jump_count(run, alignment)
    return f"{said}, {jumps} jump{'' if jumps == 1 else 's'}" if jumps else said


def jump_count(run: Run, alignment: Alignment) -> int:
    """How often the clip's time jumps inside a run, by more than half a clip frame: dropped and repeated frames."""
    jumps = 0
    for a, b in zip(run.pieces, run.pieces[1:], strict=False):
        played_s = alignment.ref.time_of(b.ref_first) - alignment.ref.time_of(a.ref_first)
        jumps += abs(b.clip_start_s - a.clip_start_s - played_s * a.speed) > Fraction(1, 2) / alignment.clip.rate
    return jumps


def _why(speed: Fraction, alignment: Alignment) -> str:
    """What a speed is known as: a standard's ratio, or each frame of the clip once at the ref's rate."""
    for known, name in _KNOWN.items():
        if abs(speed / known - 1) < Fraction(1, 100_000):
            return name
    clip, ref = usual(alignment.clip.rate), usual(alignment.ref.rate)
    if clip != ref and abs(speed * clip / ref - 1) < Fraction(1, 100_000):
        return f"frame for frame, {FrameRate(clip)} played at {FrameRate(ref)}"
    return ""


def _percent(speed: Fraction) -> str:
    text = f"{float(speed) * 100:.2f}".rstrip("0").rstrip(".")
    return f"{text} %"
