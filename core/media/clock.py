"""Whether time stamps run at a constant rate, and which: time stamps are rounded to the container's ticks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from ..timing import usual

_STEADY_SHARE = 0.9
"""Share of frame steps that has to fit a rate for it to be the footage's own, where some frames are missing."""

_TICKS_A_FRAME = 4
"""Where a frame lasts fewer ticks, stamps are not roundings of anything finer: they count frames or fields."""


def steady_rate(pts: tuple[int, ...], time_base: Fraction, header_rate: Fraction) -> Fraction | None:
    """The constant rate that these time stamps are a rounding of, or None where they vary.

    Constant means: frame k lies within one tick of k / rate after the first one; exactly there, where a tick is a good part of a
    frame. A container in milliseconds at 23.976 is constant by that; a file with a missing frame is not.
    """
    if len(pts) < 2:
        return header_rate
    stamps = np.asarray(pts, np.int64) - pts[0]
    if stamps[-1] <= 0:
        return None
    mean = Fraction(len(pts) - 1, int(stamps[-1])) / time_base
    for rate in dict.fromkeys((header_rate, usual(mean), mean.limit_denominator(1001), mean.limit_denominator(100_000), mean)):
        if rate > 0 and _fits(stamps, time_base, rate):
            return rate
    return None


def mean_rate(pts: tuple[int, ...], time_base: Fraction, header_rate: Fraction) -> Fraction:
    """Rate of footage whose time stamps vary: the header's where most steps are its steps (frames are missing), else the average."""
    if len(pts) < 2 or pts[-1] <= pts[0]:
        return header_rate
    steps = np.diff(np.asarray(pts, np.float64))
    frame = float(1 / (header_rate * time_base))
    if np.mean(np.abs(steps - frame) <= max(1.0, 0.01 * frame)) >= _STEADY_SHARE:
        return header_rate
    return usual(Fraction(len(pts) - 1, pts[-1] - pts[0]) / time_base)


def rising(pts: tuple[int, ...], step: int) -> tuple[int, ...]:
    """The same time stamps where they rise; where they fall or stand still, all later ones move on by one step."""
    stamps = np.asarray(pts, np.int64)
    if len(stamps) < 2 or np.all(np.diff(stamps) > 0):
        return pts
    out, shift = [int(stamps[0])], 0
    for stamp in pts[1:]:
        if stamp + shift <= out[-1]:
            shift = out[-1] + step - stamp
        out.append(stamp + shift)
    return tuple(out)


def _fits(stamps: np.ndarray, time_base: Fraction, rate: Fraction) -> bool:
    """Whether each stamp is k / rate, rounded either way; exact arithmetic decides, floats only look first."""
    frame = 1 / (rate * time_base)
    tolerance = 1 if frame >= _TICKS_A_FRAME else 0
    off = np.abs(stamps.astype(np.float64) - np.arange(len(stamps), dtype=np.float64) * float(frame))
    worst = int(np.argmax(off))
    return abs(int(stamps[worst]) - worst * frame) <= tolerance
