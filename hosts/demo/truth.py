"""What is true of two versions of one source: which frame is which, and where the picture lies."""

from __future__ import annotations

import itertools
from collections import defaultdict
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .twin import Source, Version

NEAR = 1
"""A clip that lacks a frame may answer with one this many source frames off, or with nothing."""
CALM = 2.0
"""Levels of 255: pictures are alike where no place of them, at quarter size and without grain, differs by more."""


def truth_of(ref: Version, clip: Version, source: Source | None) -> dict[str, Any]:
    """The truth, ready for JSON.

    map, sure, same, also   one entry a ref frame: the clip frame that shows it (None: none does); False where
                            the clip lacks that very frame; [first, last] clip frames that show the same; other
                            such stretches, where the clip shows the moment again
    matrix                  nine numbers row by row in three lists, clip pixel -> ref pixel, where one holds for all
    matrices                where it moves: one a ref frame, None where the clip does not show it
    clip_starts_s, ref_...  variable rate only: when each frame begins, as "n/d"
    """
    body: dict[str, Any] = {
        "related": source is not None,
        "ref_fps": str(ref.strip.rate),
        "clip_fps": str(clip.strip.rate),
        "ref_frames": len(ref.strip.shown),
        "clip_frames": len(clip.strip.shown),
        "ref_size": list(ref.size_wh),
        "clip_size": list(clip.size_wh),
    }
    for name, version in (("clip", clip), ("ref", ref)):
        if version.strip.lengths_s:
            starts = itertools.accumulate(version.strip.lengths_s, initial=Fraction(0))
            body[f"{name}_starts_s"] = [str(start) for start in starts]
    rows = _frames(ref, clip, source) if source is not None else [(None, True, None, [])] * len(ref.strip.shown)
    for name, column in zip(("map", "sure", "same", "also"), zip(*rows, strict=True), strict=True):
        body[name] = list(column)
    body |= _matrices(ref, clip, body["map"])
    return body


def _frames(ref: Version, clip: Version, source: Source) -> list[tuple[int | None, bool, list[int] | None, list[list[int]]]]:
    shown_by: dict[int, list[int]] = defaultdict(list)
    for n, shown in enumerate(clip.strip.shown):
        if shown.frame is not None:
            shown_by[shown.frame].append(n)
    alike = Alike(source)
    rows: list[tuple[int | None, bool, list[int] | None, list[list[int]]]] = []
    for shown in ref.strip.shown:
        want = shown.frame
        off = next((d for d in range(NEAR + 1) if want is not None and (shown_by.get(want - d) or shown_by.get(want + d))), None)
        if want is None or off is None:
            rows.append((None, True, None, []))
            continue
        first, last = alike.stretch(want)
        good = set(range(min(first, want - off), max(last, want + off) + 1))
        near = sorted({*shown_by.get(want - off, []), *shown_by.get(want + off, [])})
        stretches = [_around(clip.strip.shown, n, good) for n in near]
        unique = [list(x) for x in dict.fromkeys(tuple(s) for s in stretches)]
        rows.append((near[0], off == 0, unique[0], unique[1:]))
    return rows


def _around(shown: Any, at: int, good: set[int]) -> list[int]:
    """[first, last] of the clip frames around one that show a frame of a set."""
    first = last = at
    while first > 0 and shown[first - 1].frame in good:
        first -= 1
    while last + 1 < len(shown) and shown[last + 1].frame in good:
        last += 1
    return [first, last]


class Alike:
    """Which neighbours of a source frame cannot be told from it."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._small: dict[int, NDArray[np.float32]] = {}

    def stretch(self, frame: int) -> tuple[int, int]:
        """First and last source frame, without a break, that look like this one."""
        first = last = frame
        while first > 0 and self._same(first - 1, frame):
            first -= 1
        while last + 1 < self._source.frames and self._same(last + 1, frame):
            last += 1
        return first, last

    def _same(self, a: int, b: int) -> bool:
        return bool(np.abs(self._view(a) - self._view(b)).max() <= CALM)

    def _view(self, frame: int) -> NDArray[np.float32]:
        if frame not in self._small:
            if len(self._small) > 1200:
                self._small.clear()
            grey = cv2.cvtColor(self._source.clean(frame), cv2.COLOR_BGR2GRAY)
            self._small[frame] = np.asarray(cv2.resize(grey, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), np.float32)
        return self._small[frame]


def _matrices(ref: Version, clip: Version, frame_map: list[int | None]) -> dict[str, Any]:
    """`matrix` where one holds for every frame, else `matrices`."""
    each: list[list[list[float]] | None] = []
    for frame, shown in enumerate(frame_map):
        source_to_ref = None if shown is None else ref.matrix(frame)
        source_to_clip = None if shown is None else clip.matrix(shown)
        if source_to_ref is None or source_to_clip is None:
            each.append(None)
            continue
        matrix = source_to_ref @ np.linalg.inv(source_to_clip)
        each.append((matrix / matrix[2, 2]).tolist())
    known = [x for x in each if x is not None]
    if not known:
        return {"matrix": None}
    if np.abs(np.array(known) - np.array(known[0])).max() < 1e-9:
        return {"matrix": known[0]}
    return {"matrix": None, "matrices": each}
