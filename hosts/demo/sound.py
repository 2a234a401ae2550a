"""Made sound that can be found again: syllables like speech, tones that change, bursts of noise."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

RATE = 48000
FORMANTS_HZ = ((730, 1090), (270, 2290), (300, 870), (530, 1840), (570, 840))
"""First two resonances of five vowels; Peterson and Barney, JASA 24 (1952), table II."""


@dataclass
class Sound:
    """An endless mono track, made second by second from a seed; any part can be asked for."""

    seed: int
    _kept: dict[int, NDArray[np.float32]] = field(default_factory=dict, repr=False)

    def between(self, start_s: float, stop_s: float, count: int) -> NDArray[np.float32]:
        """`count` samples played evenly from one moment to another; backwards where stop lies before start.

        Before 0 s there is silence. Values from -1 to 1.
        """
        if count < 1:
            return np.zeros(0, np.float32)
        at = (start_s + (stop_s - start_s) * np.arange(count) / count) * RATE
        first, last = int(np.floor(at.min() / RATE)), int(np.floor(at.max() / RATE)) + 1
        whole = np.concatenate([self._second(k) for k in range(first, last + 1)])
        return np.interp(at - first * RATE, np.arange(len(whole)), whole).astype(np.float32)

    def _second(self, number: int) -> NDArray[np.float32]:
        if number < 0:
            return np.zeros(RATE, np.float32)
        if number not in self._kept:
            if len(self._kept) > 12:
                self._kept.clear()
            self._kept[number] = _second(self.seed, number)
        return self._kept[number]


def _second(seed: int, number: int) -> NDArray[np.float32]:
    """One second: up to four syllables, a chord that changes every three seconds, now and then a burst."""
    rng = np.random.default_rng((seed, 7, number))
    time_s = number + np.arange(RATE) / RATE
    out = 0.01 * rng.standard_normal(RATE)
    chord = np.random.default_rng((seed, 8, number // 3)).uniform(180, 900, 3)
    for pitch in chord:
        out += 0.04 * np.sin(2 * np.pi * pitch * time_s)
    start = rng.uniform(0, 0.08)
    while start < 0.8:
        length = rng.uniform(0.1, 0.26)
        if rng.random() < 0.8:
            _syllable(out, rng, start, min(length, 1 - start))
        start += length + rng.uniform(0, 0.1)
    if rng.random() < 0.4:
        at, size = int(rng.uniform(0, 0.8) * RATE), int(rng.uniform(0.02, 0.12) * RATE)
        out[at : at + size] += 0.3 * rng.standard_normal(size) * np.exp(-np.arange(size) / size * 4)
    return np.clip(out, -1, 1).astype(np.float32)


def _syllable(out: NDArray[np.float64], rng: np.random.Generator, start_s: float, length_s: float) -> None:
    """Add a buzz with the resonances of a vowel, swelling and fading."""
    at, count = int(start_s * RATE), int(length_s * RATE)
    if count < 64:
        return
    time_s = np.arange(count) / RATE
    pitch = rng.uniform(95, 220)
    bend = rng.uniform(-0.2, 0.2)
    phase = 2 * np.pi * pitch * (time_s + bend * time_s**2 / length_s / 2)
    vowel = FORMANTS_HZ[int(rng.integers(len(FORMANTS_HZ)))]
    wave = np.zeros(count)
    for harmonic in range(1, 14):
        strength = sum(np.exp(-(((harmonic * pitch - peak) / 160) ** 2)) for peak in vowel) + 0.15 / harmonic
        wave += strength * np.sin(harmonic * phase)
    out[at : at + count] += 0.22 * wave * np.hanning(count)
