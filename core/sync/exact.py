"""The exact time map: one optimum over all segments, every frame weighed against its neighbours and against nothing.

Scores are log-likelihood ratios (natural logarithm): what matches as well as frames around here usually match earns GAIN (less
where many frames match as well, for then it says little); what is further off loses in proportion. Segments overlap beyond their ends, so where one ends and the next begins is decided by the
frames there, not by the coarse path.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..progress import Progress
from .compare import Band, Comparer
from .path import NOTHING
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
STEP = 8.0
JUMP = 14.0
LEAVE = 8.0
ANCHOR = 200.0
"""What a pair of frames known by hand earns, and what any other frame in its place loses."""
REACH = 3
_PRICES = STEP * np.array([2.2, 1.6, 1.0, 0.0, 1.0, 1.6, 2.2])
"""Of coming from 3 columns below, 2, 1, along the line, 1 above, 2, 3."""
SPARSE = 0.75
"""Clip frames a ref frame under which moments between two clip frames are told by time, not by looks."""
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
    score = _scores(band, core, typical)
    between = _between(band, segment.slope)
    matched = np.convolve(score.max(1) > 0, np.ones(7), "same") > 1
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


def _scores(band: Band, core: slice, typical: float) -> np.ndarray:
    """Log-likelihood ratios of a band. `core` are the rows that the coarse path calls matched; they say what usual is."""
    distance = band.distance + FLOOR
    best = np.where(np.isfinite(distance).any(1), distance.min(1), np.inf)
    usual, missed = _usual(distance, best, core)
    log_off = np.log(np.minimum(best, 1e9) / usual)
    alike = band.alike > 0.6 * typical
    same_shot = alike | (np.convolve(alike, np.ones(7), "same") > 0) & (band.alike > 0.3 * typical)
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
    if abs(segment.slope - round(segment.slope)) < 1e-9:
        return band.base, score, band.alike
    n, wide = score.shape
    rows = np.arange(n)
    best: tuple[float, np.ndarray] | None = None
    for phase in np.arange(-12, 13) / 12:
        base = np.floor(segment.origin + phase + (frames - segment.first) * segment.slope + 1e-9).astype(int)
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
            column = j - int(field.base[row]) - field.low
            score[row] = -ANCHOR
            if 0 <= column < score.shape[1]:
                score[row, column] = ANCHOR
    return replace(field, score=score)


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
            progress.at(i / ref_frames)
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
        ways = np.lib.stride_tricks.sliding_window_view(padded, 2 * REACH + 1) - _PRICES
        if ahead < REACH:
            ways[:, REACH + 1 + ahead :] = -np.inf
        best = ways.argmax(1)
        here = ways[np.arange(len(old)), best]
        how[:] = REACH - best
    away, mark = (enter, 100) if enter >= jump else (jump, 101)
    better = away > here
    here[better] = away
    how[better] = mark
    return here + score


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
            if not 0 <= row < len(field.score):
                continue
            here = int(at[i - way] - field.base[row] - field.low)
            columns = [k for k in (here + way, here + 2 * way) if 0 <= k < field.score.shape[1]]
            best = max(columns, key=lambda k: field.score[row, k], default=-1)  # noqa: B023 - used at once
            if best >= 0 and field.score[row, best] > -GAIN:
                at[i] = path.low[i] = path.high[i] = field.base[row] + field.low + best
                owner[i], path.alike[i] = number, field.alike[row]


def _margin(score: np.ndarray, k: int, others: slice) -> float:
    rest = score[others]
    rest = rest[np.isfinite(rest)]
    return float(np.clip(score[k] - rest.max(), -10.0, 10.0)) if len(rest) else 0.0


def _equals(score: np.ndarray, k: int) -> tuple[int, int]:
    """Columns around k that score as well as k, or better, without a break."""
    floor = score[k] - EQUAL
    a = b = k
    while a > 0 and score[a - 1] >= floor:
        a -= 1
    while b + 1 < len(score) and score[b + 1] >= floor:
        b += 1
    return a, b
