"""Straight lines through intervals: how far one line reaches, and which lines do.

The lines y = a + m x that pass all intervals so far, as points (a, m), fill a convex polygon; each interval cuts
off the lines that miss it ("An on-line algorithm for fitting straight lines between data ranges", J. O'Rourke,
CACM 24(9), 1981). Most cut off nothing, or only at the far end, so after a
few single steps whole blocks are asked at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Line = tuple[float, float]
"""(y at the first interval's x, slope)."""
SLACK = 1e-7
"""What rounding may add up to, in units of y."""
_ON_LINE = 1e-9
"""A corner this near to a line that cuts is the place where it cuts."""
_SINGLE_STEPS = 4
_LARGEST_BLOCK = 8192


@dataclass(frozen=True)
class Band:
    """Intervals low[k] .. high[k] at rising places x[k], all float64."""

    x: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def __len__(self) -> int:
        return len(self.x)

    def mirrored(self) -> Band:
        """The same intervals from the last to the first."""
        return Band(-self.x[::-1], self.low[::-1], self.high[::-1])


def reach(band: Band, begin: int, limit: int, steepest: float) -> tuple[int, list[Line]]:
    """How far one line from interval `begin` reaches, and all lines that do.

    limit     the first interval not to be looked at
    steepest  the largest slope allowed, either way
    returns   (first interval that no line reaches, or limit; corners of the convex set of lines)
    """
    low, high, x0 = float(band.low[begin]), float(band.high[begin]), float(band.x[begin])
    lines = [(low, -steepest), (high, -steepest), (high, steepest), (low, steepest)]
    at, block = begin + 1, 1
    missed = False
    while at < limit:
        end = min(at + block, limit)
        rest = _cut_all(lines, band, at, end, x0)
        if rest:
            lines, at = rest, end
        else:
            missed, limit = True, end
        if missed and limit - at <= 1:
            break
        if missed:
            block = (limit - at) // 2
        elif at - begin >= _SINGLE_STEPS:
            block = min(2 * block, _LARGEST_BLOCK)
    return at, lines


def _cut_all(lines: list[Line], band: Band, at: int, end: int, x0: float) -> list[Line]:
    """The lines that pass the intervals at .. end - 1; the last interval is asked first, since it cuts off most."""
    lines = _cut(lines, float(band.x[end - 1]) - x0, float(band.low[end - 1]), float(band.high[end - 1]))
    while lines and end - at > 1:
        worst = _worst_cut(lines, band, at, end, x0)
        if worst < 0:
            break
        lines = _cut(lines, float(band.x[worst]) - x0, float(band.low[worst]), float(band.high[worst]))
    return lines


def section(lines: list[Line], slope: float) -> Line | None:
    """Lowest and highest a of the lines with one slope; None where there is none."""
    found = []
    for (a, m), (b, n) in zip(lines, lines[1:] + lines[:1], strict=True):
        if m == slope:
            found.append(a)
        elif (m < slope) != (n < slope):
            found.append(a + (b - a) * (slope - m) / (n - m))
    return (min(found), max(found)) if found else None


def reach_at(band: Band, begin: int, limit: int, slope: float) -> int:
    """How far a line of one slope reaches: the first interval that it cannot, or limit."""
    floor, ceiling, at, block = -np.inf, np.inf, begin, _SINGLE_STEPS
    while at < limit:
        end = min(limit, at + block)
        drift = (band.x[at:end] - band.x[begin]) * slope
        floors = np.maximum(np.maximum.accumulate(band.low[at:end] - drift), floor)
        ceilings = np.minimum(np.minimum.accumulate(band.high[at:end] - drift), ceiling)
        missed = floors > ceilings
        if missed.any():
            return at + int(missed.argmax())
        floor, ceiling, at, block = float(floors[-1]), float(ceilings[-1]), end, min(2 * block, _LARGEST_BLOCK)
    return limit


def room_at(band: Band, begin: int, end: int, slope: float) -> Line:
    """Lowest and highest y at interval `begin` of the lines with one slope through begin .. end - 1."""
    drift = (band.x[begin:end] - band.x[begin]) * slope
    return float((band.low[begin:end] - drift).max()), float((band.high[begin:end] - drift).min())


def fewest_ends(band: Band, steepest: float) -> list[int]:
    """Where each line ends when every one reaches as far as it can: the fewest lines for the whole band."""
    ends = [0]
    while ends[-1] < len(band):
        ends.append(reach(band, ends[-1], len(band), steepest)[0])
    return ends[1:]


def _worst_cut(lines: list[Line], band: Band, at: int, end: int, x0: float) -> int:
    """The interval of at .. end - 1 that cuts off most, or -1."""
    corners = np.asarray(lines)
    y = corners[:, :1] + corners[:, 1:] * (band.x[at:end] - x0)
    missed = np.maximum(band.low[at:end] - y.min(axis=0), y.max(axis=0) - band.high[at:end])
    worst = int(missed.argmax())
    return at + worst if missed[worst] > SLACK else -1


def _cut(lines: list[Line], x: float, low: float, high: float) -> list[Line]:
    """The lines that pass low .. high at x."""
    above = _half(lines, [a + m * x - low for a, m in lines])
    return _half(above, [high - a - m * x for a, m in above])


def _half(lines: list[Line], inside: list[float]) -> list[Line]:
    """The part of a convex polygon where `inside`, given at its corners, is not negative."""
    if all(d >= -SLACK for d in inside):
        return lines
    kept: list[Line] = []
    (pa, pm), pd = (lines[-1], inside[-1]) if lines else ((0.0, 0.0), 0.0)
    for (a, m), d in zip(lines, inside, strict=True):
        if (d < -SLACK) != (pd < -SLACK) and max(d, pd) > _ON_LINE:
            u = min(max(pd / (pd - d), 0.0), 1.0)
            kept.append((pa + (a - pa) * u, pm + (m - pm) * u))
        if d >= -SLACK:
            kept.append((a, m))
        pa, pm, pd = a, m, d
    return kept
