"""Runs: the exact path told as consecutive frames with one verdict, as straight pieces, with how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..alignment import Key, Media, Piece, Run, Verdict
from ..pieces import fit
from .exact import ExactPath
from .path import NOTHING
from .solve import Solved

SURE_NATS = 6.0
"""Margin, summed over a run against playing it a frame earlier or later, that is one unit of confidence."""
SURE = 0.9
"""Confidence from which a run is exact."""


@dataclass(frozen=True)
class Stretch:
    """Ref frames first..end-1 that go on from one another under one lock, or that play nothing (lock -1)."""

    first: int
    end: int
    lock: int


def stretches(solved: Solved, frames: int, slope_limit: float) -> list[Stretch]:
    """Where the path breaks: another lock, nothing, or a jump."""
    path = solved.path
    lock = np.array([solved.owner[s] if s >= 0 else -1 for s in path.segment])
    step = np.diff(path.at)
    both = (path.at[1:] != NOTHING) & (path.at[:-1] != NOTHING)
    broken = (lock[1:] != lock[:-1]) | (both & ((step < 0) | (step > slope_limit)))
    edges = [0, *(np.flatnonzero(broken) + 1).tolist(), frames]
    return [Stretch(a, b, int(lock[a])) for a, b in zip(edges, edges[1:]) if b > a]


def to_run(stretch: Stretch, path: ExactPath, clip: Media, ref: Media, transform: tuple[Key, ...], model: str) -> Run:
    """One stretch as a run."""
    count = stretch.end - stretch.first
    if stretch.lock < 0:
        return Run(stretch.first, count, Verdict.UNMATCHED)
    rows = slice(stretch.first, stretch.end)
    at = path.at[rows]
    low = np.clip(path.low[rows], 0, clip.frames - 1)
    high = np.clip(path.high[rows], 0, clip.frames - 1)
    bounds = [(int(min(a, j)), int(max(b, j))) for a, b, j in zip(low, high, at, strict=True)]
    pieces = fit(bounds, stretch.first, clip, ref, [int(j) for j in at])
    sure = confidence(path, rows)
    also: tuple[tuple[int, int], ...] = ()
    verdict = Verdict.EXACT
    if sure < SURE:
        verdict = Verdict.AMBIGUOUS
        also = ((int(low.min()), int(high.max())),)
    score = float(np.clip(np.median(path.alike[rows]), 0, 1))
    return Run(stretch.first, count, verdict, pieces, transform, round(score, 4), round(sure, 4), also, model, _notes(verdict, pieces, count))


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
