"""Both sounds made even: what beats, and what all bands do together, is turned down to what it tells.

A beat makes every place that fits it look alike, and loud onsets raise all bands at once. Weighing each
modulation frequency and each mixture of bands by the inverse of its power leaves what is particular to a
moment: the generalised correlation of Knapp and Carter (1976), for eight bands at once.
"""

from __future__ import annotations

import numpy as np

from .sound_track import BANDS, COARSE, SoundTrack

_FLOOR = 0.05
"""Power added before it is inverted, as a share of the mean."""


def evened(clip: SoundTrack, ref: SoundTrack) -> tuple[np.ndarray, np.ndarray]:
    """The smooth() features of both, (frames, BANDS) float32 each, under one zero-phase whitening filter.

    What holds more than 12.5 changes a second is left out. Mean square of each is 1.
    """
    both = (clip.smooth(), ref.smooth())
    size = spectra_size(min(len(x) // COARSE for x in both))
    clip_power, ref_power = (np.real(cross_spectra(x[::COARSE], size))[: size // 2 + 1] for x in both)
    power = clip_power + ref_power
    values, vectors = np.linalg.eigh(power)
    level = float(np.mean(values))
    gain = 1 / np.sqrt(np.maximum(values, 0) + _FLOOR * level + 1e-9)
    weights = (vectors * gain[:, None, :]) @ vectors.transpose(0, 2, 1)
    return _filtered(both[0], weights), _filtered(both[1], weights)


def spectra_size(frames: int) -> int:
    """Length of the pieces for cross_spectra(): ten seconds, less where there is little to average."""
    return min(256, max(16, 1 << int(np.log2(max(frames / 6, 1)))))


def cross_spectra(x: np.ndarray, size: int) -> np.ndarray:
    """(size, BANDS, BANDS) cross spectra of (n, BANDS) by Welch's method; all powers together are size ** 0.5.

    So scaled, the sum of the products of two is the variance of one frame's chance correlation.
    """
    wide = np.pad(x, ((0, max(0, size - len(x))), (0, 0)))
    starts = np.arange(0, len(wide) - size + 1, size // 2)
    starts = starts[:: max(1, len(starts) // 400)]
    pieces = np.lib.stride_tricks.sliding_window_view(wide, size, axis=0)[starts] * np.hanning(size).astype(np.float32)
    spectrum = np.fft.fft(pieces, axis=2).transpose(2, 1, 0)  # frequency, band, piece
    cross = spectrum @ np.conj(spectrum.transpose(0, 2, 1))
    power = float(np.real(np.trace(cross, axis1=1, axis2=2).sum()))
    return cross * (np.sqrt(size) / max(power, 1e-12))


def _filtered(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """x (n, BANDS) at 100 frames a second; weights (k, BANDS, BANDS) for 0 to 12.5 Hz; nothing passes above."""
    size = 1 << int(np.ceil(np.log2(len(x) + 4 * COARSE * len(weights))))
    spectrum = np.fft.rfft(x, size, axis=0)
    used = size // (2 * COARSE)
    place = np.arange(used) * ((len(weights) - 1) / used)
    low = place.astype(np.int64)
    share = (place - low).astype(np.float32)[:, None]
    weights = weights.astype(np.float32)
    part = spectrum[:used, None, :]
    mixed = (part @ weights[low])[:, 0] * (1 - share) + (part @ weights[low + 1])[:, 0] * share
    out = np.fft.irfft(np.concatenate([mixed, np.zeros((len(spectrum) - used, BANDS), mixed.dtype)]), size, axis=0)[: len(x)]
    return (out / max(float(np.sqrt(np.mean(out**2))), 1e-9)).astype(np.float32)
