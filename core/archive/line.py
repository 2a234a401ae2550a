"""Whether a place holds the clip: how alike the pictures stay along a straight line through time, and from where to where.

Along the right line every kept moment of the file looks like the clip's frame of that moment; beside it, only what does not move does.
The line is looked for over speeds and offsets at once, and what counts is the best stretch of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .framing import Drawn, Framing
from .query import View

WINDOW_S = 30.0
"""Of the clip, before and after a seed, in which its line is looked for."""
SLACK_S = 1.6
"""How far off the offset of a seed may be."""
NEUTRAL = 0.55
"""Correlation that speaks neither for nor against a moment. Other moments of other footage seldom pass it."""
GAP = 4
"""Moments in a row, two seconds, that may look otherwise within one run: a title, a flash, a damaged stretch."""
USUAL = (1.0, 24 / 25, 25 / 24)
SPEEDS = (*USUAL, *(1 + 0.01 * k for k in range(-8, 9) if k))
_FINER = (-0.005, -0.0025, 0.0025, 0.005)
_ODD = (0.1, 0.02)
"""What another speed than the clock's has to earn more by: once, and for each moment looked at; the usual ones half as much."""
_LEVEL = 0.03
"""Mean correlation by which a line has to be worse for the time to be known."""
_BESIDE_S = 0.7
_LEAVES = 8
"""A line is placed to this part of a frame."""


@dataclass(frozen=True)
class Line:
    """A stretch along which the clip and a file look alike. File seconds = offset_s + speed * clip seconds."""

    offset_s: float
    speed: float
    """Seconds of the file a second of the clip."""
    first: int
    last: int
    """Moments of the file, both included."""
    likeness: float
    """Mean correlation of its moments."""
    moments: int
    """How many of them look alike."""
    news: float
    """How many of them show something new: 1 and more for each change of the picture."""
    loose_s: float
    """By how much time could be otherwise with nothing looking worse: large for stills."""

    def clip_s(self, file_s: float) -> float:
        """The clip's time for a time of the file."""
        return (file_s - self.offset_s) / self.speed


@dataclass(frozen=True)
class Moments:
    """What a file's fingerprints say, opened."""

    at_s: np.ndarray
    """(N,) float: when each kept frame is in the middle of being shown."""
    small: np.ndarray
    """(N, 192) uint8"""
    seen: np.ndarray
    """(N,) bool: not flat."""


def lines(
    view: View, framing: Framing, moments: Moments, offset_s: float, around_s: float, speeds: tuple[float, ...] = SPEEDS
) -> list[Line]:
    """The stretches of the best line near an offset, within WINDOW_S of a time of the clip; none where nothing stays alike."""
    lo, hi = around_s - WINDOW_S, around_s + WINDOW_S
    mine = np.flatnonzero((moments.at_s > offset_s + lo - SLACK_S) & (moments.at_s < offset_s + hi + SLACK_S))
    views = np.flatnonzero((view.times_s > lo - 2 * SLACK_S) & (view.times_s < hi + 2 * SLACK_S))
    if not len(mine) or not len(views):
        return []
    drawn = Drawn(view, framing)
    file = drawn.file(moments.small[mine])
    alike = file @ drawn.clip(views).T
    alike[~moments.seen[mine]] = 0
    scores = np.clip(alike - NEUTRAL, -0.5, 1)
    scores[~moments.seen[mine]] = 0
    found = _best_line(scores, moments.at_s[mine], view, views, offset_s, around_s, speeds)
    if found is not None and not _pinned(alike, moments, mine, view, views, *found[:2]):
        found = _best_line(scores, moments.at_s[mine], view, views, offset_s, around_s, (1.0,))
        found = None if found is None else (*found[:2], max(found[2], 2 * _BESIDE_S))
    if found is None:
        return []
    speed, offset, loose = found
    at = _views_at((moments.at_s[mine] - offset) / speed, view, views)
    here = at >= 0
    along = np.where(here, alike[np.arange(len(mine)), np.maximum(at, 0)], -1.0)
    return [
        _line(a, b, mine, along, file, moments, offset, speed, loose)
        for a, b in _stretches(np.where(here, along - NEUTRAL, -9.0), moments.seen[mine])
    ]


def _pinned(alike: np.ndarray, moments: Moments, mine: np.ndarray, view: View, views: np.ndarray, speed: float, offset: float) -> bool:
    """Whether moments look less alike a second beside a line than on it: the time is known, and the speed."""
    rows = np.flatnonzero(moments.seen[mine])
    clip_s = (moments.at_s[mine[rows]] - offset) / speed
    on = _views_at(clip_s, view, views)
    here, beside = [], []
    for d in (-_BESIDE_S, _BESIDE_S):
        off = _views_at(clip_s + d, view, views)
        both = (on >= 0) & (off >= 0)
        both &= np.where(both, alike[rows, np.maximum(on, 0)] > NEUTRAL, False)
        here.append(alike[rows[both], on[both]])
        beside.append(alike[rows[both], off[both]])
    a, b = np.concatenate(here), np.concatenate(beside)
    return len(a) > 0 and float((a - b).mean()) >= _LEVEL


def _best_line(
    scores: np.ndarray, at_s: np.ndarray, view: View, views: np.ndarray, offset_s: float, around_s: float, speeds: tuple[float, ...] = SPEEDS
) -> tuple[float, float, float] | None:
    """(speed, offset, looseness in seconds) of the line whose best stretch scores most; None where none scores."""
    step = max(1 / 60, float(np.median(np.diff(view.times_s[views]))) if len(views) > 1 else 0.04)
    shifts = np.arange(-SLACK_S, SLACK_S + step / 2, step)

    def totals(speed: float, some: np.ndarray) -> np.ndarray:
        base = offset_s + around_s * (1 - speed)
        return _sums(scores, _views_at((at_s - base - some[:, None]) / speed, view, views))

    odd = _ODD[0] + _ODD[1] * len(at_s)
    best, speed, level = 0.0, 1.0, np.zeros(len(shifts))
    for finer in (False, True):
        for other in [speed + d for d in _FINER] if finer and speeds is SPEEDS else speeds:
            sums = totals(other, shifts)
            earned = float(sums.max()) - odd * (0 if other == 1 else 0.5 if other in USUAL else 1)
            if earned > best + 1e-6:
                best, speed, level = earned, other, sums
    if best <= 0:
        return None
    most = float(level.max())
    open_to = np.flatnonzero(level >= most - _LEVEL * max(1.0, most / (1 - NEUTRAL)))
    near = shifts[int(level.argmax())] + np.arange(-_LEAVES, _LEAVES + 1) * step / _LEAVES
    fine = totals(speed, near)
    shift = float(near[fine >= fine.max() - 1e-3].mean())
    return speed, offset_s + around_s * (1 - speed) + shift, float(shifts[open_to[-1]] - shifts[open_to[0]])


def _views_at(clip_s: np.ndarray, view: View, views: np.ndarray) -> np.ndarray:
    """For each of some times, which of some views is on screen then, int; -1 before the first and after the last."""
    times = view.times_s[views]
    at = np.searchsorted(times, clip_s, side="right") - 1
    end = times[-1] + (times[-1] - times[0]) / max(1, len(times) - 1) if views[-1] + 1 == len(view.times_s) else times[-1]
    return np.where((clip_s < times[0]) | (clip_s >= max(end, times[-1] + 1e-3)), -1, at)


def _sums(scores: np.ndarray, at: np.ndarray) -> np.ndarray:
    """For each of some lines, at (lines, moments) of `scores` (moments, views): the best sum of scores in a row along it, as if as many moments
    lay on it as on any other."""
    on = at >= 0
    along = np.where(on, scores[np.arange(len(scores)), np.maximum(at, 0)], 0)
    total = np.cumsum(np.pad(along.astype(np.float64), ((0, 0), (1, 0))), axis=1)
    return np.asarray((total - np.minimum.accumulate(total, axis=1)).max(1) * at.shape[1] / np.maximum(1, on.sum(1)))


def _stretches(gain: np.ndarray, seen: np.ndarray) -> list[tuple[int, int]]:
    """First and last of stretches that look alike, with no more than GAP in a row that do not; flat moments break nothing."""
    alike = np.flatnonzero((gain > 0) & seen)
    out: list[tuple[int, int]] = []
    for k in alike:
        unlike = int(((gain[out[-1][1] + 1 : k] <= 0) & seen[out[-1][1] + 1 : k]).sum()) if out else GAP + 1
        if unlike <= GAP:
            out[-1] = out[-1][0], int(k)
        else:
            out.append((int(k), int(k)))
    return out


def _line(
    a: int, b: int, mine: np.ndarray, along: np.ndarray, file: np.ndarray, moments: Moments, offset: float, speed: float, loose: float
) -> Line:
    rows = np.arange(a, b + 1)
    rows = rows[moments.seen[mine[rows]]]
    alike = rows[along[rows] > NEUTRAL]
    same = (file[alike[1:]] * file[alike[:-1]]).sum(1)
    news = 1.0 + float(np.clip((1 - same) / 0.5, 0, 1).sum())
    return Line(offset, speed, int(mine[a]), int(mine[b]), float(along[rows].mean()), len(alike), news, loose)
