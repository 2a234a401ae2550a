"""Runs: the exact path told as consecutive frames with one verdict, as straight pieces, with how sure that is."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from ..alignment import Key, Media, Piece, Run, Verdict, played
from ..pieces import fit
from .exact import ExactPath
from .path import NOTHING
from .solve import Solved

SURE_NATS = 6.0
"""Margin, summed over a run against playing it a frame earlier or later, that is one unit of confidence."""
SHIFTS = 20
"""Places tried within half a clip frame, for the start of a piece that may lie anywhere in it."""
SURE = 0.9
"""Confidence from which a run is exact."""


@dataclass(frozen=True)
class Stretch:
    """Ref frames first..end-1 that go on from one another under one lock (or one chain of windows), or that play nothing."""

    first: int
    end: int
    locks: tuple[int, ...]
    """The lock; of a framing that moves, the locks of its windows, in order. Empty where nothing plays."""


def stretches(solved: Solved, frames: int, slope_limit: float) -> list[Stretch]:
    """Where the path breaks: another framing, nothing, or a jump."""
    path = solved.path
    lock = np.array([solved.owner[s] if s >= 0 else -1 for s in path.segment])
    groups = np.array([-1] + [k if one.chain < 0 else len(solved.locks) + one.chain for k, one in enumerate(solved.locks)])[lock + 1]
    backwards = np.array([False] + [one.backwards for one in solved.locks])[lock + 1]
    step = np.where(backwards[1:], -1, 1) * np.diff(path.at)
    both = (path.at[1:] != NOTHING) & (path.at[:-1] != NOTHING)
    broken = (groups[1:] != groups[:-1]) | (both & ((step < 0) | (step > slope_limit)))
    edges = [0, *(np.flatnonzero(broken) + 1).tolist(), frames]
    return [Stretch(a, b, tuple(dict.fromkeys(k for k in lock[a:b].tolist() if k >= 0))) for a, b in itertools.pairwise(edges) if b > a]


def to_run(stretch: Stretch, path: ExactPath, clip: Media, ref: Media, transform: tuple[Key, ...], model: str) -> Run:
    """One stretch as a run."""
    count = stretch.end - stretch.first
    if not stretch.locks:
        return Run(stretch.first, count, Verdict.UNMATCHED)
    rows = slice(stretch.first, stretch.end)
    at = path.at[rows]
    low = np.clip(path.low[rows], 0, clip.frames - 1)
    high = np.clip(path.high[rows], 0, clip.frames - 1)
    bounds = [(int(min(a, j)), int(max(b, j))) for a, b, j in zip(low, high, at, strict=True)]
    pieces = by_looks(fit(bounds, stretch.first, clip, ref, [int(j) for j in at]), bounds, at, clip, ref)
    sure = confidence(path, rows)
    also: tuple[tuple[int, int], ...] = ()
    verdict = Verdict.EXACT
    if sure < SURE:
        verdict = Verdict.AMBIGUOUS
        also = ((int(low.min()), int(high.max())),)
    score = float(np.clip(np.median(path.alike[rows]), 0, 1))
    return Run(stretch.first, count, verdict, pieces, transform, round(score, 4), round(sure, 4), also, model, _notes(verdict, pieces, count))


def placed_by_sound(path: ExactPath, by_sound: np.ndarray) -> ExactPath:
    """Where frames look the same and the sound names one of them, that one is taken."""
    playing = path.at != NOTHING
    open_ = playing & (path.high > path.low) & (by_sound >= path.low) & (by_sound <= path.high)
    at, low, high = (np.where(open_, by_sound, x) for x in (path.at, path.low, path.high))
    sure = np.where(open_, 1.0, 0.0)
    return replace(path, at=at, low=low, high=high, earlier=path.earlier + sure, later=path.later + sure)


def by_looks(pieces: tuple[Piece, ...], bounds: list[tuple[int, int]], at: np.ndarray, clip: Media, ref: Media) -> tuple[Piece, ...]:
    """Move each piece in time, within its bounds, to where most of its frames are the ones that look nearest."""
    out, first = [], pieces[0].ref_first
    for piece in pieces:
        rows = slice(piece.ref_first - first, piece.ref_first - first + piece.ref_count)
        want, allowed = at[rows], bounds[rows]
        best, most = piece, int((_frames(piece, clip, ref) == want).sum())
        if piece.speed != 0 and most < 0.98 * piece.ref_count and piece.ref_count >= 8:
            for k in range(-SHIFTS, SHIFTS + 1):
                start = Fraction(round(piece.clip_start_s * clip.rate * 2 * SHIFTS) + k, 2 * SHIFTS) / clip.rate
                moved = Piece(piece.ref_first, piece.ref_count, start, piece.speed)
                shown = _frames(moved, clip, ref)
                fits = all(a <= j <= b for j, (a, b) in zip(shown, allowed, strict=True))
                same = int((shown == want).sum())
                if fits and same > most:
                    best, most = moved, same
        out.append(best)
    return tuple(out)


def _frames(piece: Piece, clip: Media, ref: Media) -> np.ndarray:
    return np.array([j for _, j in played((piece,), clip, ref)])


def confidence(path: ExactPath, rows: slice) -> float:
    """0..1: the chance that the run is right to the frame, from how much worse it would be a little earlier or later.

    The margins of its frames add up, for a run is right or wrong as one; 1 - exp(-margin / SURE_NATS) of the weaker side.
    """
    weaker = min(float(path.earlier[rows].sum()), float(path.later[rows].sum()))
    return 1 - math.exp(-max(0.0, weaker) / SURE_NATS)


def _notes(verdict: Verdict, pieces: tuple[Piece, ...], count: int) -> tuple[str, ...]:
    out = []
    if verdict is Verdict.AMBIGUOUS:
        out.append("the frames here look the same as their neighbours: the place in time follows the line around it")
    if len(pieces) > 1 and count >= 12:
        out.append(f"plays in {len(pieces)} pieces: frames are dropped, doubled, or the speed changes")
    return tuple(out)
