"""Frames as straight lines through time: what a timeline format can say of a retimed strip. No Blender needed.

In the k-th timeline frame of a line plays frame floor(start + (k + 1/2) * slope).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

_ROUNDS = 60


@dataclass(frozen=True)
class Line:
    """Consecutive timeline frames that one line plays."""

    first: int
    """Place of its first frame in the sequence."""
    count: int
    start: Fraction
    """What plays when that frame begins, in frames of the source."""
    slope: Fraction
    """Source frames a timeline frame; 0 holds."""

    def frame(self, k: int) -> int:
        """What plays in its k-th frame."""
        return int((self.start + (k + Fraction(1, 2)) * self.slope) // 1)


def lines(frames: Sequence[int]) -> list[Line]:
    """The frames as lines, in order: each as long as it goes, with the simplest slope that plays exactly these."""
    out: list[Line] = []
    at = 0
    while at < len(frames):
        even = _even(frames, at)
        found = even if at + even.count == len(frames) else _longest(frames, at)
        out.append(found if found.count >= 2 * even.count else even)
        at += out[-1].count
    return out


def _even(frames: Sequence[int], at: int) -> Line:
    """The frames that follow one another by the same whole step: what people cut, hold and reverse."""
    step = frames[at + 1] - frames[at] if at + 1 < len(frames) else 0
    count = min(2, len(frames) - at)
    while at + count < len(frames) and frames[at + count] - frames[at + count - 1] == step:
        count += 1
    start = frames[at] + (Fraction(1, 2) if step not in (0, 1) else Fraction(0)) * (1 - step)
    return Line(at, count, start, Fraction(step)) if start >= 0 else Line(at, 1, Fraction(frames[at]), Fraction(0))


def _longest(frames: Sequence[int], at: int) -> Line:
    most = len(frames) - at
    good, found, step = 1, Line(at, 1, Fraction(frames[at]), Fraction(0)), 1
    bad = most + 1
    while good < most:
        size = min(good + step, most)
        line = _line(frames, at, size)
        if line is None:
            bad = size
            break
        good, found, step = size, line, step * 2
    while bad - good > 1:
        half = (good + bad) // 2
        line = _line(frames, at, half)
        if line is None:
            bad = half
        else:
            good, found = half, line
    return found


def _line(frames: Sequence[int], at: int, count: int) -> Line | None:
    """The simplest line through so many frames, beginning nowhere before the source's first one; None where there is none."""
    own = frames[at : at + count]
    best = _best_slope(own)
    if _room(own, best) <= 0:
        return None
    low = _edge(own, best, best - Fraction(2))
    high = _edge(own, best, best + Fraction(2))
    slope = simplest(low, high)
    low_start, high_start = _starts(own, slope)
    if high_start <= low_start:
        return None
    whole = Fraction(own[0])
    start = whole if low_start <= whole < high_start else (low_start + high_start) / 2
    line = Line(at, count, start, slope)
    return line if start >= 0 and all(line.frame(k) == frame for k, frame in enumerate(own)) else None


def _starts(own: Sequence[int], slope: Fraction) -> tuple[Fraction, Fraction]:
    """[low, high) of the starts with which a slope plays these frames; low >= high where there is none."""
    half = slope / 2
    lows = [frame - k * slope for k, frame in enumerate(own)]
    return max(max(lows) - half, Fraction(0)), min(lows) + 1 - half


def _room(own: Sequence[int], slope: Fraction) -> Fraction:
    low, high = _starts(own, slope)
    return high - low


def _best_slope(own: Sequence[int]) -> Fraction:
    """The slope with the most room; the room is a concave function of it, so thirds find its top."""
    if len(own) == 1:
        return Fraction(0)
    mean = Fraction(own[-1] - own[0], len(own) - 1)
    reach = Fraction(1, len(own) - 1)
    low, high = mean - reach, mean + reach
    if _room(own, mean) > 0:
        return mean
    for _ in range(_ROUNDS):
        a, b = (2 * low + high) / 3, (low + 2 * high) / 3
        a, b = a.limit_denominator(10**9), b.limit_denominator(10**9)
        ra, rb = _room(own, a), _room(own, b)
        if max(ra, rb) > 0:
            return a if ra > rb else b
        if ra < rb:
            low = a
        else:
            high = b
    return (low + high) / 2


def _edge(own: Sequence[int], inside: Fraction, outside: Fraction) -> Fraction:
    """How far the slope may go from a good one towards another, by halving."""
    for _ in range(30):
        half = ((inside + outside) / 2).limit_denominator(10**8)
        if _room(own, half) > 0:
            inside = half
        else:
            outside = half
    return inside


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction of the smallest denominator between two, both included (Stern-Brocot)."""
    if low > high:
        low, high = high, low
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        return -simplest(-high, -low)
    whole = -(-low.numerator // low.denominator)
    if whole <= high:
        return Fraction(whole)
    below = low.numerator // low.denominator
    return below + 1 / simplest(1 / (high - below), 1 / (low - below))
