"""Keypoints of a still against those of a frame: the placing with the most behind it, and how likely chance would make one as good.

Matches pass the ratio test (Lowe 2004). Every two of them make a similarity, mirrored or not; the one with the most others behind it is
kept (RANSAC, Fischler & Bolles 1981) and fitted again as an affine map where there are enough. Its number of false alarms (a contrario:
Moisan & Stival, IJCV 57(3), 2004) is how many such placings would be expected from matches that fall anywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..space.features import Features, mirror_descriptors
from ..space.geometry import apply, corners, scale_of

RATIO = 0.86
LEAST = 5
"""Matches that a placing needs behind it."""
TRIALS = 600
SCALES = (1 / 24, 24.0)
CLOSE = 0.025
"""A match is behind a placing within this share of the still's size in the frame, and never needs to be nearer than SLACK pixels."""


@dataclass(frozen=True)
class Placing:
    """Where a still may lie in one frame."""

    frame: int
    still_to_frame: np.ndarray
    inliers: int
    log10_chance: float
    """Of the expected number of placings as good as this by chance, in one frame."""
    by: str = "features"


def best_placing(still: Features, mirrored: np.ndarray, frame: Features, still_wh: tuple[int, int], frame_wh: tuple[int, int], number: int,
                 slack_px: float) -> Placing | None:
    """The best placing of a still in frame `number`; None where nothing fits.

    mirrored   descriptors of the still as its mirror image has them
    slack_px   frame pixels that a keypoint's place is uncertain by
    """
    found = []
    for flipped, descriptors in ((False, still.descriptors), (True, mirrored)):
        a, b = _matches(descriptors, frame.descriptors)
        if len(a) >= LEAST:
            placing = _agreed(still.points[a], frame.points[b], flipped, still_wh, frame_wh, number, slack_px)
            if placing is not None:
                found.append(placing)
    return min(found, key=lambda p: p.log10_chance, default=None)


def mirror_of(still: Features) -> np.ndarray:
    """Descriptors of a still's mirror image."""
    return mirror_descriptors(still)


def _matches(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a and b: each row of a with its nearest in b, where that is clearly nearer than the second nearest."""
    if len(a) < 2 or len(b) < 3:
        return np.zeros(0, int), np.zeros(0, int)
    alike = a @ b.T
    rows = np.arange(len(a))
    best = alike.argmax(1)
    top = alike[rows, best].copy()
    alike[rows, best] = -1
    clear = (2 - 2 * top) < RATIO**2 * (2 - 2 * alike.max(1))
    return rows[clear], best[clear]


def _agreed(p: np.ndarray, q: np.ndarray, flipped: bool, still_wh: tuple[int, int], frame_wh: tuple[int, int], number: int,
            slack_px: float) -> Placing | None:
    rng = np.random.default_rng(len(p))
    x = (p[:, 0] * (-1 if flipped else 1)) + 1j * p[:, 1]
    y = q[:, 0] + 1j * q[:, 1]
    i, j = _pairs(len(p), rng)
    apart = x[i] - x[j]
    usable = np.abs(apart) > 0.04 * max(still_wh)
    i, j, apart = i[usable], j[usable], apart[usable]
    if not len(i):
        return None
    turn = (y[i] - y[j]) / apart
    shift = y[i] - turn * x[i]
    sound = (np.abs(turn) > SCALES[0]) & (np.abs(turn) < SCALES[1])
    turn, shift = turn[sound], shift[sound]
    if not len(turn):
        return None
    reach = np.maximum(slack_px, CLOSE * np.abs(turn) * math.hypot(*still_wh))
    off = np.abs(turn[:, None] * x[None] + shift[:, None] - y[None])
    count = (off < reach[:, None]).sum(1)
    best = int(count.argmax())
    behind = off[best] < reach[best]
    matrix = _similarity(turn[best], shift[best], flipped)
    return _judged(matrix, p, q, behind, float(reach[best]), frame_wh, number, still_wh)


def _judged(matrix: np.ndarray, p: np.ndarray, q: np.ndarray, behind: np.ndarray, reach: float, frame_wh: tuple[int, int], number: int,
            still_wh: tuple[int, int]) -> Placing | None:
    for _ in range(3):
        if _places(p[behind], q[behind], reach) < LEAST:
            return None
        if behind.sum() >= 10:
            fitted = _affine(p[behind], q[behind])
            if fitted is None or not _plausible(fitted, still_wh):
                break
            nearer = np.linalg.norm(apply(fitted, p) - q, axis=1) < reach
            if nearer.sum() < behind.sum():
                break
            matrix, behind = fitted, nearer
    kept = _places(p[behind], q[behind], reach)
    if kept < LEAST:
        return None
    share = min(0.5, math.pi * reach**2 / (frame_wh[0] * frame_wh[1]))
    return Placing(number, matrix, kept, log10_false_alarms(len(p), kept, share))


def log10_false_alarms(matches: int, behind: int, share: float) -> float:
    """Expected number of similarities with as many matches behind them, of matches that fall anywhere; its decimal logarithm.

    share  of the frame's area within which a match counts as behind
    """
    return math.log10(matches * (matches - 1) / 2 * max(1, matches - 2)) + log10_tail(matches - 2, behind - 2, share)


def log10_tail(n: int, k: int, p: float) -> float:
    """Decimal logarithm of the chance of k or more successes in n trials of chance p."""
    if k <= 0:
        return 0.0
    logs = [math.lgamma(n + 1) - math.lgamma(m + 1) - math.lgamma(n - m + 1) + m * math.log(p) + (n - m) * math.log1p(-p) for m in range(k, n + 1)]
    top = max(logs)
    return min(0.0, (top + math.log(sum(math.exp(x - top) for x in logs))) / math.log(10))


def _pairs(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    if n * (n - 1) // 2 <= TRIALS:
        return np.triu_indices(n, 1)
    return tuple(rng.integers(0, n, (2, TRIALS)))  # type: ignore[return-value]


def _similarity(turn: complex, shift: complex, flipped: bool) -> np.ndarray:
    a, b = turn.real, turn.imag
    sign = -1 if flipped else 1
    return np.array([[sign * a, -b, shift.real], [sign * b, a, shift.imag], [0, 0, 1.0]])


def _places(p: np.ndarray, q: np.ndarray, reach: float) -> int:
    """Matches, those that fall on the same place in either picture counted once."""
    cells = {tuple(cell) for cell in np.floor(q / max(1.0, reach / 2)).astype(int)}
    return min(len(cells), len({tuple(cell) for cell in np.floor(p).astype(int)}))


def _affine(p: np.ndarray, q: np.ndarray) -> np.ndarray | None:
    left = np.concatenate([p, np.ones((len(p), 1))], 1)
    solved, _, rank, _ = np.linalg.lstsq(left, q, rcond=None)
    if rank < 3:
        return None
    out = np.eye(3)
    out[:2] = solved.T
    return out


def _plausible(matrix: np.ndarray, still_wh: tuple[int, int]) -> bool:
    """Whether a picture would be laid like that: no side stretched more than 1.6 to 1, little shear."""
    u, v = matrix[:2, 0], matrix[:2, 1]
    long, wide = float(np.linalg.norm(u)), float(np.linalg.norm(v))
    if min(long, wide) < SCALES[0] or max(long, wide) > 1.6 * min(long, wide) or abs(float(u @ v)) > 0.25 * long * wide:
        return False
    return bool(np.isfinite(apply(matrix, corners(still_wh))).all()) and scale_of(matrix, still_wh) < SCALES[1]
