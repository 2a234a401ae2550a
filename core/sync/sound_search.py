"""Where pieces of the ref's sound may lie in the clip: every window of the ref against the whole clip, at several speeds.

The statistic is a correlation in standard deviations of its own chance level: Bartlett's formula for the
correlation of two coloured series gives that level, so a beat that repeats counts for little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .sound_track import BANDS, COARSE, COARSE_STEP_S, STEP_S, WINDOW_S, sampled
from .sound_white import cross_spectra, spectra_size

SPEEDS = tuple(1 + k / 100 for k in range(-6, 7))
"""Clip seconds a ref second that are tried; a window bears half a step beside each."""
KEPT = 4
"""Candidates kept of one window."""
LEAST_Z = 4.5
"""Candidates under this are chance."""
_NEAR = 10  # coarse steps: peaks closer than this are one
_BLOCK = 1024
_SPEED_WINDOWS = 32
_MEMORY = 4_000_000  # numbers in one piece of work


@dataclass(frozen=True)
class Candidates:
    """Places in the clip where windows of the ref may lie; arrays of one length, ordered by ref time."""

    ref_s: np.ndarray
    """Middle of the window, in ref time."""
    clip_s: np.ndarray
    """The same moment in the clip."""
    z: np.ndarray
    """Correlation in standard deviations of chance."""


def coarse_view(smooth: np.ndarray, speed: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """(features, times): a track of evened() every COARSE_STEP_S / speed seconds.

    features  (n, BANDS) float32
    times     (n,) seconds in the track; at the track's speed against the other, steps are COARSE_STEP_S there
    """
    frames = np.arange(0.0, len(smooth) - 0.5, COARSE / speed)
    return sampled(smooth, frames), frames * STEP_S + WINDOW_S / 2


def chance_level(a: np.ndarray, b: np.ndarray) -> float:
    """Standard deviation of the chance correlation of one frame of a (n, BANDS) with one of b (m, BANDS).

    A correlation over n frames has this over the root of n (M. S. Bartlett 1946; here with all pairs of bands).
    """
    size = spectra_size(min(len(a), len(b)))
    return float(np.sqrt(max(float(np.real(np.sum(cross_spectra(a, size) * np.conj(cross_spectra(b, size))))), 1e-6)))


class Searched:
    """The clip, laid out so that many windows can be looked for in it at once (overlap-save, by FFT)."""

    def __init__(self, features: np.ndarray, window: int) -> None:
        """features  (n, BANDS) coarse clip;  window  length of the windows to come, in coarse steps"""
        self.window = window
        need = len(features) + 2 * window
        self.size = min(_BLOCK, 1 << int(np.ceil(np.log2(need))))
        self.step = self.size - window + 1
        blocks = -(-(len(features) + window) // self.step)
        wide = np.zeros((blocks * self.step + self.size, BANDS), np.float32)
        wide[window : window + len(features)] = features
        cut = np.lib.stride_tricks.sliding_window_view(wide, self.size, axis=0)[: blocks * self.step : self.step]
        self.spectra = np.ascontiguousarray(np.fft.rfft(cut, axis=2).transpose(2, 1, 0))  # frequency, band, block
        energy = np.concatenate([[0.0], np.cumsum(np.sum(wide.astype(np.float64) ** 2, axis=1))])
        lags = np.arange(blocks * self.step)
        around = energy[lags + window] - energy[lags]
        typical = float(np.mean(features.astype(np.float64) ** 2)) * BANDS * window
        heard = around > 0.15 * typical
        self.scale = np.where(heard, 1 / np.sqrt(np.maximum(around, 1e-9)), 0).astype(np.float32).reshape(blocks, self.step)

    def find(self, windows: np.ndarray, chance: float) -> tuple[np.ndarray, np.ndarray]:
        """Best places of some windows: (lags, z), each (windows, KEPT).

        windows  (n, window, BANDS);  chance  of chance_level()
        Lag 0 lays a window's first step on the clip's first; z is 0 where fewer places stand out at all.
        """
        energy = np.sum(windows**2, axis=(1, 2))
        spectra = np.conj(np.fft.rfft(windows, self.size, axis=1)).transpose(1, 0, 2)  # frequency, window, band
        product = np.ascontiguousarray((spectra @ self.spectra).transpose(1, 2, 0))  # window, block, frequency
        found = np.fft.irfft(product, self.size, axis=2)[:, :, : self.step].astype(np.float32, copy=False)
        found = (found * self.scale).reshape(len(windows), -1)
        found *= (np.sqrt(self.window / np.maximum(energy, 1e-9)) / chance).astype(np.float32)[:, None]
        return self._peaks(found)

    def _peaks(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        thin = np.abs(z[:, :: max(1, z.shape[1] // 1500)])
        loud = np.sum(thin > 0, axis=1)
        middle = np.array([np.median(row[row > 0]) if n > 50 else 0.0 for row, n in zip(thin, loud, strict=True)])
        z = z / np.maximum(middle / 0.6745, 1.0)[:, None].astype(np.float32)
        cells = -(-z.shape[1] // _NEAR)
        wide = np.pad(z, ((0, 0), (0, cells * _NEAR - z.shape[1])))
        cell = wide.reshape(len(z), cells, _NEAR)
        top, inside = cell.max(axis=2), cell.argmax(axis=2)
        kept = min(2 * KEPT, cells)
        best = np.argpartition(-top, kept - 1, axis=1)[:, :kept]
        lags = np.zeros((len(z), KEPT), np.int64)
        values = np.zeros((len(z), KEPT), np.float32)
        for row, columns in enumerate(best):
            taken: list[int] = []
            for column in columns[np.argsort(-top[row, columns], kind="stable")]:
                lag = int(column) * _NEAR + int(inside[row, column])
                if len(taken) < KEPT and all(abs(lag - other) > _NEAR for other in taken):
                    lags[row, len(taken)], values[row, len(taken)] = lag, top[row, column]
                    taken.append(lag)
        return lags - self.window, values


def window_s(clip: np.ndarray, ref: np.ndarray) -> tuple[float, float]:
    """(length, step) of the search windows in seconds: 8 s, less for the short, apart for the long."""
    length_s = min(8.0, max(1.6, 0.5 * STEP_S * min(len(clip), len(ref))))
    return length_s, length_s if len(clip) * len(ref) * STEP_S**2 > 3600.0**2 else length_s / 2


def search(clip: np.ndarray, ref: np.ndarray) -> dict[float, Candidates]:
    """Candidates per speed in the sounds of evened(). Long footage is searched whole at the speeds that some sixty windows speak for."""
    length_s, step_s = window_s(clip, ref)
    window = round(length_s / COARSE_STEP_S)
    base, base_s = coarse_view(clip)
    if len(base) < 25:
        return {}
    searched = Searched(base, window)
    many = len(clip) * len(ref) * STEP_S**2 > 300.0**2
    speeds = _likely_speeds(clip, ref, length_s) if many else SPEEDS
    chance = chance_level(coarse_view(ref)[0], base)
    return {speed: _candidates(searched, float(base_s[0]), ref, speed, step_s, chance) for speed in speeds}


def _likely_speeds(clip: np.ndarray, ref: np.ndarray, length_s: float) -> tuple[float, ...]:
    """Speed 1, and the two others at which spread windows of the shorter sound stand out most in the longer."""
    turned = len(clip) < len(ref)
    shorter, longer = (clip, ref) if turned else (ref, clip)
    base, _ = coarse_view(longer)
    searched = Searched(base, round(length_s / COARSE_STEP_S))
    apart_s = max(length_s, len(shorter) * STEP_S / _SPEED_WINDOWS)
    chance = chance_level(coarse_view(shorter)[0], base)
    gains = {}
    for speed in SPEEDS:
        z = _candidates(searched, 0.0, shorter, 1 / speed if turned else speed, apart_s, chance).z
        gains[speed] = float(np.sum(np.maximum(z - 6.0, 0)))
    best = sorted(SPEEDS, key=lambda speed: -gains[speed])[:2]
    return tuple({1.0: None, **{speed: None for speed in best if gains[speed] > 0}})


def _candidates(searched: Searched, base_start_s: float, ref: np.ndarray, speed: float, step_s: float, chance: float) -> Candidates:
    features, times = coarse_view(ref, speed)
    window = searched.window
    short = max(0, window - len(features))
    features = np.pad(features, ((0, short), (0, 0)))
    step = max(1, round(step_s * speed / COARSE_STEP_S))
    starts = np.arange(0, len(features) - window + 1, step)
    if starts[-1] + window < len(features):
        starts = np.append(starts, len(features) - window)
    energy = np.concatenate([[0.0], np.cumsum(np.sum(features.astype(np.float64) ** 2, axis=1))])
    heard = energy[starts + window] - energy[starts]
    starts = starts[heard > 0.15 * energy[-1] / len(features) * window]
    batch = max(1, _MEMORY // (searched.size * searched.spectra.shape[2]))
    views = np.lib.stride_tricks.sliding_window_view(features, window, axis=0)
    lags, values = [np.zeros((0, KEPT), np.int64)], [np.zeros((0, KEPT), np.float32)]
    for k in range(0, len(starts), batch):
        lag, z = searched.find(views[starts[k : k + batch]].transpose(0, 2, 1), chance)
        lags.append(lag)
        values.append(z)
    middle_s = (window - 1) / 2 * COARSE_STEP_S
    ref_s = times[starts] + middle_s / speed if len(starts) else np.zeros(0)
    all_lags, z = np.concatenate(lags), np.concatenate(values)
    clip_s = base_start_s + all_lags * COARSE_STEP_S + middle_s
    keep = z > LEAST_Z
    return Candidates(np.broadcast_to(ref_s[:, None], z.shape)[keep], clip_s[keep], z[keep])
