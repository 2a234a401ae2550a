"""Fewer keys that say the same: straight lines through values, to a tolerance. No Blender needed."""

from __future__ import annotations

from collections.abc import Sequence

LONGEST = 500
"""Frames between two keys; longer lines would take long to check."""


def key_places(values: Sequence[Sequence[float]], tolerances: Sequence[float]) -> list[int]:
    """The places at which keys have to stand, so that straight lines between them keep every value within its tolerance.

    values      one row a frame, one column a property
    tolerances  of each column, in its own unit
    """
    if len(values) <= 1:
        return list(range(len(values)))
    places = [0]
    while places[-1] < len(values) - 1:
        places.append(_farthest(values, tolerances, places[-1]))
    if len(places) == 2 and list(values[0]) == list(values[-1]):
        return [0]
    return places


def _farthest(values: Sequence[Sequence[float]], tolerances: Sequence[float], start: int) -> int:
    """The last place that a straight line from `start` may end at: tried in doubling steps, then halved."""
    top = min(len(values) - 1, start + LONGEST)
    good, step = start + 1, 2
    while good < top and _straight(values, tolerances, start, min(start + step, top)):
        good = min(start + step, top)
        step *= 2
    bad = min(start + step, top + 1)
    while bad - good > 1:
        half = (good + bad) // 2
        if _straight(values, tolerances, start, half):
            good = half
        else:
            bad = half
    return good


def _straight(values: Sequence[Sequence[float]], tolerances: Sequence[float], a: int, b: int) -> bool:
    for n in range(a + 1, b):
        u = (n - a) / (b - a)
        for begin, end, value, tolerance in zip(values[a], values[b], values[n], tolerances):
            if abs(begin + (end - begin) * u - value) > tolerance:
                return False
    return True
