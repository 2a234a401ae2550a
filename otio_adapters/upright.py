"""The nearest placement that only moves and scales, for formats that cannot turn or bend a picture."""

from __future__ import annotations

import math
from dataclasses import replace

from ..core.alignment import Alignment, Key, Matrix, Media
from .whole import space_notes

MOST_PX = 1.0
"""Ref pixels that a corner may lie off; beyond, the format does not lay the picture at all."""
_TOLD_PX = 0.05


def upright(alignment: Alignment, suffix: str) -> tuple[Alignment | None, list[str]]:
    """The alignment with upright matrices alone, and a note of how far off they lie; None where that is more than a pixel."""
    most, runs = 0.0, []
    for run in alignment.runs:
        keys = []
        for key in run.transform:
            found = nearest(key.matrix, alignment.clip)
            if found is None or found[1] > MOST_PX:
                return None, space_notes(alignment, suffix)
            most = max(most, found[1])
            keys.append(Key(key.frame, found[0]))
        runs.append(replace(run, transform=tuple(keys)))
    note = f"{suffix} lays the clip upright, a corner up to {most:.2f} pixels off; .otio, .json and .nk are exact"
    return replace(alignment, runs=tuple(runs)), [note] if most > _TOLD_PX else []


def nearest(m: Matrix, clip: Media) -> tuple[Matrix, float] | None:
    """(matrix of a move and two scales, how far its worst corner lies off in ref pixels); None where the picture is turned over."""
    if m[1] == m[3] == m[6] == m[7] == 0 and m[8] == 1 and m[0] > 0 and m[4] > 0:
        return m, 0.0
    w, h = clip.width, clip.height
    spots = [(x - 0.5, y - 0.5) for x, y in ((0, 0), (w, 0), (w, h), (0, h))]
    weights = [m[6] * x + m[7] * y + m[8] for x, y in spots]
    if min(weights) <= 0:
        return None
    there = [
        ((m[0] * x + m[1] * y + m[2]) / weight, (m[3] * x + m[4] * y + m[5]) / weight) for (x, y), weight in zip(spots, weights, strict=True)
    ]
    left, right = (there[0][0] + there[3][0]) / 2, (there[1][0] + there[2][0]) / 2
    top, low = (there[0][1] + there[1][1]) / 2, (there[2][1] + there[3][1]) / 2
    sx, sy = (right - left) / w, (low - top) / h
    if sx <= 0 or sy <= 0:
        return None
    off = max(math.dist(a, b) for a, b in zip(there, ((left, top), (right, top), (right, low), (left, low)), strict=True))
    return (sx, 0.0, left + sx / 2, 0.0, sy, top + sy / 2, 0.0, 0.0, 1.0), off
