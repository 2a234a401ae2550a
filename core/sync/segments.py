"""Segments: stretches of the coarse path that follow one line, and the line each one follows."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from .pace import EVEN, Pace
from .path import NOTHING

SLOWEST, FASTEST = 0.2, 5.0
"""Speeds, against the clock, beyond which a line is not believed: two fades laid against each other look like a reversed shot."""


@dataclass(frozen=True)
class Segment:
    """Ref frames first..last (both included) that the coarse path plays along one line."""

    first: int
    last: int
    slope: float
    """Clip frames a ref frame, on average."""
    origin: float
    """Clip position, in average frames, at the middle of ref frame `first` (at an even rate the frame shown is its floor)."""
    low: int
    high: int
    """How far the coarse path strays from the line, in clip frames."""
    pace: Pace = EVEN
    near: float = 1.0
    """Share of the coarse path that lies within a frame of the line."""

    def line(self, frames: np.ndarray) -> np.ndarray:
        """Clip frame of the line at some ref frames, in the segment or beyond its ends."""
        return self.pace.frames_at(self.origin + self.pace.since(frames, self.first) * self.slope)


def segments(at: np.ndarray, sure: np.ndarray, slopes: list[float], slack: int, pace: Pace = EVEN) -> list[Segment]:
    """The segments of a coarse path.

    at      (ref frames,) clip frame or NOTHING
    sure    (ref frames,) 0..1: how much each frame of the path says; stills say little of where the line runs
    slopes  known slopes; one of them is taken where it explains the path as well as a slope of its own
    slack   frames by which the coarse path may be off anywhere
    """
    out = []
    playing = np.flatnonzero(at != NOTHING)
    if not len(playing):
        return []
    usual = max(slopes)
    jump = np.abs(np.diff(at[playing]) - usual * np.diff(playing)) > 3 * max(1.0, usual) + slack
    gap = np.diff(playing) > 1
    for part in np.split(playing, np.flatnonzero(jump | gap) + 1):
        out.append(_line(part, at[part], sure[part], slopes, slack, pace))
    return out


def _line(frames: np.ndarray, shown: np.ndarray, sure: np.ndarray, slopes: list[float], slack: int, pace: Pace) -> Segment:
    said = sure >= 0.5 * np.quantile(sure, 0.9)
    since, middles = pace.since(frames, int(frames[0])), pace.middles(shown)
    f, middle = since[said], middles[said]
    own, n = slopes[0], len(f)
    if n >= 12:
        half = n // 2
        own = float(np.median((middle[half:] - middle[: n - half]) / (f[half:] - f[: n - half])))
        own = _settled(f, middle, own) if SLOWEST * slopes[0] < own < FASTEST * slopes[0] else slopes[0]
    fits = []
    for slope in [*slopes, own]:
        rest = middle - f * slope
        fits.append((float(np.median(np.abs(rest - np.median(rest)))), slope, float(np.median(rest))))
    best = min(fits)[0]
    _, slope, origin = next(fit for fit in fits if fit[0] <= 1.1 * best + 0.35 + 0.5 * slack)
    stray = (shown - pace.frames_at(origin + since * slope))[said]
    near = float((np.abs(stray - np.median(stray)) <= 1).mean())
    return Segment(int(frames[0]), int(frames[-1]), slope, origin, int(stray.min()), int(stray.max()), pace, near)


def _settled(frames: np.ndarray, middle: np.ndarray, slope: float) -> float:
    """A slope refined by least squares on what lies near its line, and made a plain ratio where that lies within a frame of it."""
    rest = middle - frames * slope
    near = np.abs(rest - np.median(rest)) < 1.5
    if near.sum() < 0.6 * len(frames):
        return slope
    slope = float(np.polyfit(frames[near], middle[near], 1)[0])
    plain = float(Fraction(slope).limit_denominator(12))
    return plain if abs(plain - slope) * (frames[-1] - frames[0]) < 0.8 else slope
