"""Scores of frames: how well each ref frame of a segment matches each clip frame near it.

Scores are log-likelihood ratios (natural logarithm). What matches as well as frames around here usually match earns GAIN, less
where many frames match as well, for then it says little; what is further off loses in proportion.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .compare import Band, Comparer
from .pace import EVEN
from .segments import Segment

GAIN = 4.0
LOSS = 20.0
LEAST = 12.0
"""What a frame that is another moment of the same shot loses at most: one such frame is cheaper than a hole for it."""
EVIDENCE = 90.0
"""Independent pixels' worth of evidence in a comparison: a tenth more distance than the noise is 4.5."""
FLOOR = 0.4
"""Squared grey levels that rounding and compression leave between any two frames: likeness below this is luck."""
DARK = 3.0
"""Squared grey levels under which frames without detail in common are no match and no mismatch: black against black."""
LEAST_NOISE = 12.0
"""Squared grey levels: no two files are trusted to differ by less when neighbours are told apart."""
ANCHOR = 200.0
"""What a pair of frames known by hand earns, and what any other frame in its place loses."""
SPARSE = 0.95
"""Clip frames a ref frame under which moments between two clip frames are told by time, not by looks, if the clip runs evenly."""
STRAY, NEAR = 2, 0.8
"""For a clip to run evenly along a line: clip frames that looks may stray from it in all; and, where the rate varies and looks
answer a missing frame with those on either side, the share of them that has to lie within a frame of it."""
EQUAL = 1.5
"""Two frames of the clip whose scores differ by less cannot be told apart."""


@dataclass(frozen=True)
class Field:
    """One segment's scores on its own ref frames, extended beyond its ends."""

    segment: Segment
    first: int
    base: np.ndarray
    """(N,) int: clip frame of column `-low`."""
    low: int
    score: np.ndarray
    """(N, M) float32; -inf where the clip has no such frame."""
    alike: np.ndarray
    """(N,) float32: correlation of detail with the nearest frame."""
    energy: np.ndarray
    """(N,) float32: how much detail that rests on, in squared grey levels a pixel."""
    between: np.ndarray
    """(N,) bool: the ref shows a moment between two frames of a clip that has fewer."""
    back: int = 0
    """Where clip frames are counted from the last one: how many the clip has; else 0."""

    @property
    def end(self) -> int:
        return self.first + len(self.base)

    @property
    def core(self) -> slice:
        """The rows that the segment itself covers."""
        return slice(self.segment.first - self.first, self.segment.last + 1 - self.first)

    def ahead(self, frame: int) -> int:
        """Clip frames that the line goes on from the ref frame before to this one."""
        row = frame - self.first
        return int(self.base[row] - self.base[row - 1]) if row else 0


def field_of(comparer: Comparer, segment: Segment, reach: int, stray: int, tone: np.ndarray, trust: np.ndarray, typical: float) -> Field:
    """Scores of one segment, `reach` ref frames beyond its ends and `stray` clip frames beside its path.

    typical  correlation of detail between frames that match, in this pair of files
    """
    first = max(0, segment.first - reach)
    end = min(comparer.ref.frames, segment.last + 1 + reach)
    frames = np.arange(first, end)
    low = segment.low - stray
    wide = segment.high - segment.low + 2 * stray + 1
    band = comparer.band(first, segment.line(frames), low, wide, tone, trust)
    core = slice(segment.first - first, segment.last + 1 - first)
    score = log_ratios(band, core, typical)
    regular = segment.high - segment.low <= STRAY if segment.pace is EVEN else segment.near >= NEAR
    between = _between(band, segment.slope) if regular else np.zeros(len(frames), bool)
    matched = _near(score.max(1) > 0) > 1
    base, score, alike = _best_phase(band, _by_time(score, between & matched), segment, frames)
    return Field(segment, first, base, low, score, alike, band.energy, between)


def _by_time(score: np.ndarray, between: np.ndarray) -> np.ndarray:
    """In these rows, let the frame on either side of the nearest one be nearly as good as it, and none of them bad."""
    out = score.copy()
    for row in np.flatnonzero(between):
        k = int(score[row].argmax())
        best = max(float(score[row, k]), -1.0)
        sides = [c for c in (k - 1, k + 1) if 0 <= c < score.shape[1] and np.isfinite(score[row, c])]
        out[row, k] = best
        out[row, sides] = np.maximum(score[row, sides], best - 0.5)
    return out


def _between(band: Band, slope: float) -> np.ndarray:
    """Rows that no clip frame matches as well as the best fifth around them, where the clip has clearly fewer frames than the ref."""
    best = np.log(np.minimum(band.distance.min(1), 1e9) + FLOOR)
    out = np.zeros(len(best), bool)
    if slope > SPARSE:
        return out
    for row in range(len(best)):
        around = best[max(0, row - 20) : row + 21]
        out[row] = best[row] > np.quantile(around, 0.15) + 0.4
    return out


def _near(rows: np.ndarray) -> np.ndarray:
    """(N,) bool -> (N,) how many of each row and the three on either side are true."""
    return np.convolve(np.pad(rows, 3), np.ones(7), "valid")


def log_ratios(band: Band, core: slice, typical: float) -> np.ndarray:
    """(N, M) float32: log-likelihood ratios of a band's pairs, against showing nothing.

    core     the rows that are called matched; they say what usual is
    typical  correlation of detail between frames that match, in this pair of files
    """
    distance = band.distance + FLOOR
    best = np.where(np.isfinite(distance).any(1), distance.min(1), np.inf)
    usual, missed = _usual(distance, best, core)
    log_off = np.log(np.minimum(best, 1e9) / usual)
    alike = band.alike > 0.6 * typical
    same_shot = alike | (_near(alike) > 0) & (band.alike > 0.3 * typical)
    dark = ~same_shot & (best < DARK)
    worst = np.where(same_shot, -LEAST, -LOSS)
    finest = EVIDENCE * (distance - np.minimum(best, 1e9)[:, None]) / (2 * np.maximum(np.minimum(usual, best), LEAST_NOISE)[:, None])
    as_good = (finest < EQUAL).sum(1)
    gain = GAIN / (1 + 0.3 * np.maximum(as_good - 2, 0))
    top = np.clip(GAIN * np.maximum(1 - log_off / missed, 2 * _clear(distance) - 0.2), worst, gain)
    top = np.where(same_shot, top, np.where(dark, np.minimum(top, 0.1 * GAIN), -LOSS))
    return np.where(np.isfinite(band.distance), top[:, None] - np.minimum(finest, 60.0), -np.inf).astype(np.float32)


def _clear(distance: np.ndarray) -> np.ndarray:
    """(N,): how deep the best frame of each row lies below the ones two before and two after it (a logarithm; 0 at an end)."""
    best = distance.argmin(1)
    rows = np.arange(len(best))
    inside = (best >= 2) & (best < distance.shape[1] - 2)
    sides = np.minimum(distance[rows, np.maximum(best - 2, 0)], distance[rows, np.minimum(best + 2, distance.shape[1] - 1)])
    deep = np.log(np.where(np.isfinite(sides), sides, 1)) - np.log(np.where(np.isfinite(distance.min(1)), distance.min(1), 1))
    return np.where(inside & np.isfinite(sides), deep, 0)


def _usual(distance: np.ndarray, best: np.ndarray, core: slice) -> tuple[np.ndarray, np.ndarray]:
    """(N,), (N,): the distance of matched frames around each row, and how far above it (as a logarithm) speaks for no match.

    No match is what lies as far off as a miss by one and a half frames does around here, but never within the noise's own spread.
    """
    rows, columns = distance.shape
    logs = np.log(np.where(np.isfinite(best), best, np.nan))[core]
    near = distance.argmin(1)[core]
    n = len(logs)
    misses = np.full((n, 2), np.nan)
    for k, d in enumerate((1, 2)):
        for side in (-d, d):
            at = near + side
            good = (at >= 0) & (at < columns)
            value = np.where(good, distance[core][np.arange(n), np.clip(at, 0, columns - 1)], np.inf)
            value = np.where(np.isfinite(value), np.log(value), np.nan) - logs
            misses[:, k] = np.fmin(misses[:, k], value)
    reach = 24
    usual, missed = np.zeros(rows), np.zeros(rows)
    spread = 1.4826 * np.nanmedian(np.abs(np.diff(logs))) if n > 2 else 0.1
    first = core.start or 0
    for row in range(0, rows, 8):
        middle = min(max(row - first, 0), n - 1)
        part = slice(max(0, middle - reach), middle + reach + 1)
        here = float(np.nanmedian(logs[part])) if np.isfinite(logs[part]).any() else 0.0
        miss = float(np.nanmedian(misses[part])) if np.isfinite(misses[part]).any() else 0.5
        own = 1.4826 * float(np.nanmedian(np.abs(logs[part] - here))) if np.isfinite(logs[part]).any() else 0.1
        usual[row : row + 8] = np.exp(here)
        missed[row : row + 8] = max(miss, 3 * own, 3 * spread, 0.25)
    return usual, missed


def _best_phase(band: Band, score: np.ndarray, segment: Segment, frames: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the slope is no whole number, the line may start anywhere within a frame: take the start that earns most."""
    if segment.pace is EVEN and abs(segment.slope - round(segment.slope)) < 1e-9:
        return band.base, score, band.alike
    n, wide = score.shape
    rows = np.arange(n)
    best: tuple[float, np.ndarray] | None = None
    for phase in np.arange(-12, 13) / 12:
        base = replace(segment, origin=segment.origin + phase).line(frames)
        column = base - band.base - band.low
        good = (column >= 0) & (column < wide)
        earned = float(np.maximum(np.where(good, score[rows, np.clip(column, 0, wide - 1)], -LOSS), -LOSS).sum()) - 0.01 * abs(phase)
        if best is None or earned > best[0]:
            best = earned, base
    assert best is not None
    base = best[1]
    column = np.arange(wide)[None, :] + (base - band.base)[:, None]
    good = (column >= 0) & (column < wide)
    taken = np.clip(column, 0, wide - 1)
    return (
        base,
        np.where(good, np.take_along_axis(score, taken, 1), -np.inf).astype(np.float32),
        band.alike,
    )


def anchored(field: Field, anchors: tuple[tuple[int, int], ...]) -> Field:
    """The field with known pairs (clip frame, ref frame) written into its scores."""
    score = field.score.copy()
    for j, i in anchors:
        row = i - field.first
        if 0 <= row < len(score):
            column = (field.back - 1 - j if field.back else j) - int(field.base[row]) - field.low
            score[row] = -ANCHOR
            if 0 <= column < score.shape[1]:
                score[row, column] = ANCHOR
    return replace(field, score=score)
