"""Which frames of a film are worth looking at: one wherever the picture has become another one, from the small pictures alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ..progress import Progress
from ..sync.analysis import Analysis

GRID_WH = (24, 14)
DRIFT = 0.75
"""Correlation with the last frame taken, under which the next one is taken."""
FLAT = 20.0
"""Length of the vector, in levels, under which a picture says nothing."""
MOST_APART = 48
BLOCK = 256


@dataclass(frozen=True)
class Scenes:
    """A film at a glance."""

    chosen: list[int]
    """Frames worth a look, ascending: the middle of each stretch that looks alike, and one every MOST_APART frames of it."""
    alike: np.ndarray
    """(frames,) float32, -1 to 1: how like a given picture each frame is as a whole; 0 for a flat one."""


def look_through(film: Analysis, picture: np.ndarray, rows: np.ndarray | None, progress: Progress = Progress()) -> Scenes:
    """Look once at every small picture, holding a few at a time.

    picture  (h, w) uint8
    rows     (frames,) bool: the frames that may be looked at; None is all
    """
    wanted, alike = outline(picture), np.zeros(film.frames, np.float32)
    chosen: list[int] = []
    first_of, start = np.zeros(GRID_WH[0] * GRID_WH[1], np.float32), 0
    for number, vector in _outlines(film, progress):
        alike[number] = vector @ wanted
        if number == 0:
            first_of = vector
        elif number - start >= MOST_APART or float(vector @ first_of) < DRIFT:
            chosen += _middle(start, number, rows)
            first_of, start = vector, number
    return Scenes(chosen + _middle(start, film.frames, rows), alike)


def outline(picture: np.ndarray) -> np.ndarray:
    """(D,) float32: a picture as a unit vector of a few hundred numbers; 0 where it is flat."""
    small = cv2.resize(picture, GRID_WH, interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
    small -= small.mean()
    norm = float(np.linalg.norm(small))
    return small / norm if norm > FLAT else np.zeros_like(small)


def _outlines(film: Analysis, progress: Progress) -> Iterator[tuple[int, np.ndarray]]:
    for first in range(0, film.frames, BLOCK):
        count = min(BLOCK, film.frames - first)
        for k, thumb in enumerate(film.thumbs(first, count)):
            yield first + k, outline(thumb)
        progress.at((first + count) / film.frames, "looking through the film")


def _middle(first: int, end: int, rows: np.ndarray | None) -> list[int]:
    allowed = np.arange(first, end) if rows is None else first + np.flatnonzero(rows[first:end])
    return [int(allowed[len(allowed) // 2])] if len(allowed) else []
