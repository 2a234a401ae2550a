"""The exact time map: one optimum over all segments, every frame weighed against its neighbours and against nothing.

Segments overlap beyond their ends, so where one ends and the next begins is decided by the frames there, not by the coarse path.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..progress import Progress
from .path import NOTHING
from .scores import EQUAL, GAIN, Field

STEP = 8.0
JUMP = 14.0
LEAVE = 8.0
REACH = 3
_PRICES = STEP * np.array([2.2, 1.6, 1.0, 0.0, 1.0, 1.6, 2.2])
"""Of coming from 3 columns below, 2, 1, along the line, 1 above, 2, 3."""


@dataclass(frozen=True)
class ExactPath:
    """The clip frame of each ref frame, and what could not be told from it."""

    at: np.ndarray
    """(ref frames,) int: clip frame or NOTHING."""
    low: np.ndarray
    high: np.ndarray
    """(ref frames,) int: the clip frames around `at` that match as well, both included."""
    alike: np.ndarray
    """(ref frames,) float: correlation of detail; of NOTHING the best that was on offer."""
    segment: np.ndarray
    """(ref frames,) int: which field it came from, or -1."""
    earlier: np.ndarray
    later: np.ndarray
    """(ref frames,) float: how much better the frame scores than the best of the three before it, and after it, in nats."""


def exact_path(fields: list[Field], ref_frames: int, progress: Progress) -> ExactPath:
    """The best path over all fields (Viterbi): along a field's line free, STEP a frame off it, JUMP between fields, LEAVE to play nothing."""
    starts: dict[int, list[int]] = {}
    for number, field in enumerate(fields):
        starts.setdefault(field.first, []).append(number)
    active: dict[int, np.ndarray] = {}
    came: dict[int, np.ndarray] = {number: np.zeros(field.score.shape, np.int8) for number, field in enumerate(fields)}
    jumps: list[tuple[int, int]] = []
    rests: list[tuple[int, int]] = []
    nothing = 0.0
    for i in range(ref_frames):
        if i % 4096 == 0:
            progress.at(i / ref_frames, "putting the frames in line")
        best, source = -np.inf, (-1, -1)
        for number, value in active.items():
            k = int(value.argmax())
            if value[k] > best:
                best, source = float(value[k]), (number, k)
        enter = nothing - LEAVE
        if best - LEAVE > nothing:
            nothing = best - LEAVE
            rests.append(source)
        else:
            rests.append((-1, -1))
        jumps.append(source)
        fresh: dict[int, np.ndarray] = {}
        for number in [*active, *starts.get(i, [])]:
            field = fields[number]
            if i < field.end:
                fresh[number] = _advance(
                    active.get(number), field.score[i - field.first], came[number][i - field.first], enter, best - JUMP, field.ahead(i)
                )
        active = fresh
    return _trace(fields, active, nothing, came, jumps, rests, ref_frames)


def _advance(old: np.ndarray | None, score: np.ndarray, how: np.ndarray, enter: float, jump: float, ahead: int) -> np.ndarray:
    """One ref frame on: the best way into each column; `how` notes it (0 along, ±d steps, 100 from nothing, 101 by a jump).

    ahead  clip frames the line goes on; a step never turns it back
    """
    if old is None:
        here = np.full(len(score), -np.inf)
    else:
        padded = np.full(len(old) + 2 * REACH, -np.inf)
        padded[REACH:-REACH] = old
        ways = padded[_windows(len(old))] - _PRICES[:, None]
        if ahead < REACH:
            ways[REACH + 1 + ahead :] = -np.inf
        best = ways.argmax(0)
        here = ways.max(0)
        how[:] = REACH - best
    away, mark = (enter, 100) if enter >= jump else (jump, 101)
    better = away > here
    here[better] = away
    how[better] = mark
    return here + score


@lru_cache(maxsize=64)
def _windows(wide: int) -> np.ndarray:
    """(2 * REACH + 1, wide) int: each column and its neighbours, in an array with REACH more at either end."""
    return np.arange(2 * REACH + 1)[:, None] + np.arange(wide)


def _trace(
    fields: list[Field], active: dict[int, np.ndarray], nothing: float, came: dict[int, np.ndarray],
    jumps: list[tuple[int, int]], rests: list[tuple[int, int]], ref_frames: int,
) -> ExactPath:
    at = np.full(ref_frames, NOTHING, int)
    low, high = at.copy(), at.copy()
    alike = np.zeros(ref_frames)
    owner = np.full(ref_frames, -1, int)
    earlier, later = np.zeros(ref_frames), np.zeros(ref_frames)
    state = (-1, -1)
    top = nothing
    for number, value in active.items():
        k = int(value.argmax())
        if value[k] > top:
            top, state = float(value[k]), (number, k)
    for i in range(ref_frames - 1, -1, -1):
        number, k = state
        if number < 0:
            state = rests[i]
            continue
        field = fields[number]
        row = i - field.first
        at[i] = field.base[row] + field.low + k
        owner[i] = number
        alike[i] = field.alike[row]
        a, b = _equals(field.score[row], k)
        low[i], high[i] = at[i] - (k - a), at[i] + (b - k)
        if field.between[row]:
            low[i], high[i] = low[i] - 1, high[i] + 1
        earlier[i] = _margin(field.score[row], k, slice(max(0, k - 3), k))
        later[i] = _margin(field.score[row], k, slice(k + 1, k + 4))
        if field.back:
            at[i], low[i], high[i] = field.back - 1 - at[i], field.back - 1 - high[i], field.back - 1 - low[i]
            earlier[i], later[i] = later[i], earlier[i]
        how = int(came[number][row, k])
        if how == 100:
            state = (-1, -1)
        elif how == 101:
            state = jumps[i]
        else:
            state = (number, k - how)
    path = ExactPath(at, low, high, alike, owner, earlier, later)
    _fill_ends(path, fields)
    _fill_holes(path, fields)
    return path


def _fill_holes(path: ExactPath, fields: list[Field]) -> None:
    """Close holes of one or two frames in a line that goes on behind them, where the frames are of the same shot."""
    at, owner = path.at, path.segment
    for i in np.flatnonzero(at[1:-1] == NOTHING) + 1:
        end = next((k for k in (i + 1, i + 2) if k < len(at) and at[k] != NOTHING), None)
        if end is None or at[i - 1] == NOTHING or owner[i - 1] != owner[end]:
            continue
        field = fields[int(owner[end])]
        if field.back:
            continue
        share = (at[end] - at[i - 1]) / (end - i + 1)
        row = i - field.first
        if not 0 <= row < len(field.alike) or abs(share - field.segment.slope) > 1 or share < 0:
            continue
        if field.alike[row] > 0.6 * float(np.median(field.alike)):
            at[i] = path.low[i] = path.high[i] = round(at[i - 1] + share)
            owner[i], path.alike[i] = owner[end], field.alike[row]


def _fill_ends(path: ExactPath, fields: list[Field]) -> None:
    """Give a run the frames at its ends that only the price of a last step kept from it: fresh clip frames that match."""
    at, owner = path.at, path.segment
    for way in (1, -1):
        for i in range(len(at))[::way]:
            if not 0 <= i - way < len(at) or at[i] != NOTHING or at[i - way] == NOTHING:
                continue
            number = int(owner[i - way])
            field, row = fields[number], i - fields[number].first
            if field.back or not 0 <= row < len(field.score):
                continue
            here = int(at[i - way] - field.base[row] - field.low)
            columns = [k for k in (here + way, here + 2 * way) if 0 <= k < field.score.shape[1]]
            best = max(columns, key=lambda k: field.score[row, k], default=-1)
            if best >= 0 and field.score[row, best] > -GAIN:
                at[i] = path.low[i] = path.high[i] = field.base[row] + field.low + best
                owner[i], path.alike[i] = number, field.alike[row]


def _margin(score: np.ndarray, k: int, others: slice) -> float:
    best = max((x for x in score[others].tolist() if math.isfinite(x)), default=None)
    return 0.0 if best is None else min(10.0, max(-10.0, float(score[k]) - best))


def _equals(score: np.ndarray, k: int) -> tuple[int, int]:
    """Columns around k that score as well as k, or better, without a break."""
    floor = score[k] - EQUAL
    a = b = k
    while a > 0 and score[a - 1] >= floor:
        a -= 1
    while b + 1 < len(score) and score[b + 1] >= floor:
        b += 1
    return a, b
