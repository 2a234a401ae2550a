"""The line of a match to the millisecond: local correlations along it, and a robust regression through them."""

from __future__ import annotations

import numpy as np

from .sound_chain import Line
from .sound_track import BANDS, STEP_S, WINDOW_S, frame_at, sampled

NOMINAL = (1.0, 1001 / 1000, 1000 / 1001, 25 / 24, 24 / 25, 1001 / 960, 960 / 1001)
"""Speeds that occur by rule: none, NTSC, PAL from film and from 24000/1001, and their inverses."""
_UPSAMPLED = 8
_MOST_WINDOWS = 300
_LEAST_SD_S = 0.0015
"""No window's place is known better than this."""
_BEND_S = 0.015
"""A line that leaves its points by more is two lines."""


def points(ref: np.ndarray, clip: np.ndarray, line: Line, span_s: tuple[float, float], reach_s: float) -> np.ndarray:
    """(n, 3) ref time, clip time, weight: where windows of the ref lie in the clip, near a line.

    ref, clip  fine features (frames, BANDS);  span_s  ref times between which windows are laid
    reach_s    how far from the line is looked
    The peak is that of the cross-correlation of the band slopes, summed over bands, interpolated by FFT.
    """
    long_s = span_s[1] - span_s[0]
    length_s = float(np.clip(long_s / 6, 0.6, 6.0))
    count = int(np.clip(long_s // length_s, 1, _MOST_WINDOWS))
    length, reach = max(20, round(length_s / STEP_S)), max(3, round(reach_s / STEP_S))
    middles = span_s[0] + (np.arange(count) + 0.5) * long_s / count
    starts = np.round(frame_at(middles)).astype(np.int64) - length // 2
    out = [_place(ref, clip, line, starts[k : k + 50], length, reach) for k in range(0, count, 50)]
    return np.concatenate(out)


def _place(ref: np.ndarray, clip: np.ndarray, line: Line, starts: np.ndarray, length: int, reach: int) -> np.ndarray:
    rows = starts[:, None] + np.arange(length)
    windows = sampled(ref, rows.ravel().astype(np.float64)).reshape(*rows.shape, BANDS)
    wide = (starts[:, None] + np.arange(-reach, length + reach)) * STEP_S + WINDOW_S / 2
    clip_frames = np.asarray(frame_at(line.at(wide)))
    around = sampled(clip, clip_frames.ravel()).reshape(*wide.shape, BANDS)
    size = 1 << int(np.ceil(np.log2(length + 2 * reach)))
    cross = np.sum(np.conj(np.fft.rfft(windows, size, axis=1)) * np.fft.rfft(around, size, axis=1), axis=2)
    found = np.fft.irfft(cross, size * _UPSAMPLED, axis=1)[:, : 2 * reach * _UPSAMPLED + 1] * _UPSAMPLED
    peak = np.clip(found.argmax(axis=1), 1, found.shape[1] - 2)
    each = np.arange(len(found))
    left, top, right = found[each, peak - 1], found[each, peak], found[each, peak + 1]
    bend = left - 2 * top + right
    part = np.where(bend < 0, 0.5 * (left - right) / np.where(bend < 0, bend, 1), 0)
    lag_s = ((peak + np.clip(part, -1, 1)) / _UPSAMPLED - reach) * STEP_S
    norm = np.sqrt(np.sum(windows**2, axis=(1, 2)) * np.sum(around[:, reach:-reach] ** 2, axis=(1, 2)))
    weight = np.clip(top / np.maximum(norm, 1e-9), 0, 1) * np.sqrt(np.minimum(norm / (length * BANDS), 1))
    middle = (starts + (length - 1) / 2) * STEP_S + WINDOW_S / 2
    return np.stack([middle, np.asarray(line.at(middle)) + lag_s * line.speed, weight], axis=1)


def told(found: np.ndarray) -> np.ndarray:
    """Those of the points (n, 3) that say anything: silence has no place."""
    weight = found[:, 2]
    heard = weight[weight > 0.08]
    return found[weight > max(0.08, 0.4 * float(np.median(heard)))] if len(heard) else found[:0]


def fitted(found: np.ndarray, near: Line) -> Line:
    """The line through points (n, 3): Theil-Sen for the start, then Huber-weighted least squares.

    Where a speed that occurs by rule is within two and a half standard errors, it is that one: the simplest
    that the points do not refuse.  near  is what holds where too few points stand out.
    """
    found = told(found)
    if not len(found):
        return near
    t, c, w = found.T
    origin = float(np.average(t, weights=w))
    slope = near.speed
    if len(t) >= 3:
        a, b = np.triu_indices(len(t), 1)
        slope = float(np.median((c[b] - c[a]) / (t[b] - t[a])))
    level = float(np.median(c - slope * (t - origin)))
    spread = float(np.sum(w * (t - origin) ** 2))
    for _ in range(6):
        left = c - level - slope * (t - origin)
        sd = max(1.4826 * float(np.median(np.abs(left))), _LEAST_SD_S)
        huber = w * np.minimum(1, 1.5 * sd / np.maximum(np.abs(left), 1e-9))
        middle = np.average(t, weights=huber)
        spread = float(np.sum(huber * (t - middle) ** 2))
        if len(t) >= 3:
            slope = float(np.sum(huber * (t - middle) * c) / spread)
        level = float(np.average(c - slope * (t - origin), weights=huber))
    error = sd * np.sqrt(float(np.max(w))) / np.sqrt(spread) if len(t) >= 3 else 0.008
    for nominal in NOMINAL:
        if abs(slope - nominal) < 2.5 * error:
            level = float(np.average(c - nominal * (t - origin), weights=huber))
            return Line(origin, level, nominal)
    return Line(origin, level, slope)


def pieces(found: np.ndarray, near: Line, span_s: tuple[float, float], depth: int = 4) -> list[tuple[Line, tuple[float, float]]]:
    """One line, or several where one does not hold: (line, ref span) in order. A ramp becomes a polygon."""
    found = told(found)
    line = fitted(found, near)
    left = found[:, 1] - np.asarray(line.at(found[:, 0]))
    if depth == 0 or len(found) < 6 or _strayed(left) < _BEND_S:
        return [(line, span_s)]
    cuts = range(3, len(found) - 2)
    cost = [_rest(found[:k]) + _rest(found[k:]) for k in cuts]
    cut = cuts[int(np.argmin(cost))]
    if min(cost) > 0.5 * _rest(found):
        return [(line, span_s)]
    at = float(found[cut - 1 : cut + 1, 0].mean())
    return pieces(found[:cut], line, (span_s[0], at), depth - 1) + pieces(found[cut:], line, (at, span_s[1]), depth - 1)


def _strayed(left: np.ndarray) -> float:
    """The most that three neighbours together are off."""
    three = np.lib.stride_tricks.sliding_window_view(left, 3)
    return float(np.abs(np.median(three, axis=1)).max())


def _rest(found: np.ndarray) -> float:
    """Sum of absolute residuals of a least-squares line."""
    t = found[:, 0] - found[:, 0].mean()
    c = found[:, 1] - found[:, 1].mean()
    return float(np.abs(c - t * np.sum(t * c) / np.sum(t * t)).sum())
