"""The coarse time map: one global optimum over every way the clip could run along the ref.

The state is an offset from a straight line of known slope, so a line of any rate costs nothing to follow; leaving it by a step,
jumping elsewhere and playing nothing each have a price (Viterbi 1967; for why paths over segments beat plain dynamic time warping
see the VCSL comparison of video copy localisation, He et al. 2022).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

NOTHING = -1
_FAR = np.float32(-1e9)


@dataclass(frozen=True)
class Prices:
    """What a path pays, in the unit of the scores."""

    step: float
    """For leaving the line by one clip step."""
    jump: float
    """For going on anywhere else."""
    leave: float
    """For playing nothing from here on."""
    enter: float
    """For playing something again."""
    reach: int = 2
    """Steps off the line allowed at once."""


@dataclass(frozen=True)
class Path:
    """Which clip step each ref step shows."""

    at: np.ndarray
    """(N,) int: clip step, or NOTHING."""
    score: float
    """Sum of what the frames gave, less what the path paid."""


def line_at(steps: int, slope: float) -> np.ndarray:
    """(steps,) int: where a line of this slope through 0 stands at each ref step."""
    return np.floor(np.arange(steps) * slope + 0.5 * slope).astype(int)


def best_path(scores: np.ndarray, slope: float, prices: Prices) -> Path:
    """The best path through scores (ref steps, clip steps): above 0 speaks for a pair, below 0 against it."""
    n, m = scores.shape
    base = line_at(n, slope)
    states = m + int(base[-1])
    """State k stands for clip step k - base[-1] + base[i]."""
    lead = int(base[-1])
    value = np.full(states, _FAR, np.float32)
    nothing = np.float32(0.0)
    came = np.zeros((n, states), np.int8)
    jumped_from = np.full(n, -1, np.int32)
    rested_from = np.full(n, -1, np.int32)
    steps = [d for d in range(-prices.reach, prices.reach + 1) if d]
    for i in range(n):
        lo = lead - base[i]
        hi = lo + m
        old = value
        best = int(old.argmax())
        jump = old[best] - np.float32(prices.jump)
        rise = nothing - np.float32(prices.enter)
        if old[best] - prices.leave > nothing:
            rested_from[i] = best
            nothing = old[best] - np.float32(prices.leave)
        here = old[lo:hi].copy()
        how = came[i, lo:hi]
        for d in steps:
            a, b = lo - d, hi - d
            shifted = old[max(0, a) : max(0, min(states, b))] - np.float32(prices.step * abs(d))
            part = slice(max(0, a) - a, max(0, a) - a + len(shifted))
            better = shifted > here[part]
            here[part][better] = shifted[better]
            how[part][better] = d
        jumped_from[i] = best
        away, mark = (rise, 100) if rise >= jump else (jump, 101)
        better = away > here
        here[better] = away
        how[better] = mark
        value = np.full(states, _FAR, np.float32)
        value[lo:hi] = here + scores[i]
    return _trace(value, nothing, came, jumped_from, rested_from, base, lead)


def _trace(
    value: np.ndarray, nothing: np.float32, came: np.ndarray, jumped_from: np.ndarray, rested_from: np.ndarray, base: np.ndarray, lead: int
) -> Path:
    n = len(base)
    at = np.full(n, NOTHING, int)
    k = int(value.argmax())
    playing = bool(value[k] > nothing)
    score = float(max(value[k], nothing))
    i = n - 1
    while i >= 0:
        if playing:
            at[i] = k - lead + base[i]
            how = int(came[i, k])
            if how == 100:
                playing = False
            elif how == 101:
                k = int(jumped_from[i])
            else:
                k -= how
        elif rested_from[i] >= 0:
            k = int(rested_from[i])
            playing = True
        i -= 1
    return Path(at, score)
