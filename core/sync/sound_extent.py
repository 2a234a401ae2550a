"""How far a match reaches, and how far it stands out from every other place in the clip."""

from __future__ import annotations

import numpy as np

from .sound_chain import Line
from .sound_search import chance_level, coarse_view
from .sound_track import COARSE_STEP_S, frame_at, sampled

_SAME_S, _OTHER_S = 0.2, 0.5
"""A peak this near is the match; a peak at least this far is another."""


class Diagonals:
    """Both sounds at 25 frames a second, to be compared along lines."""

    def __init__(self, clip: np.ndarray, ref: np.ndarray) -> None:
        """clip, ref  the sounds of evened(), (frames, BANDS)"""
        self.clip_smooth, self.ref_smooth = clip, ref
        self.ref, self.ref_times = coarse_view(ref)
        self.clip, self.clip_times = coarse_view(clip)
        self.chance = chance_level(self.ref, self.clip)

    def agreement(self, line: Line) -> tuple[np.ndarray, np.ndarray]:
        """Per ref step along a line: products of the features, and how large they could be at most."""
        clip = sampled(self.clip_smooth, np.asarray(frame_at(line.at(self.ref_times))))
        most = np.sqrt(np.sum(self.ref**2, axis=1) * np.sum(clip**2, axis=1))
        return np.sum(self.ref * clip, axis=1), most

    def evidence(self, line: Line, span_s: tuple[float, float]) -> np.ndarray | None:
        """Per ref step, what speaks for this line: above 0 where more agrees than half of the span's likeness.

        None where the span holds no likeness at all. Silence speaks neither way.
        """
        product, most = self.agreement(line)
        inside = slice(*np.searchsorted(self.ref_times, span_s))
        alike = float(product[inside].sum()) / max(float(most[inside].sum()), 1e-9)
        if alike < 0.05:
            return None
        return (product - 0.5 * alike * most) / max(float(most[inside].mean()) * alike, 1e-9)

    def extents(self, line: Line, seeds_s: np.ndarray, span_s: tuple[float, float]) -> list[tuple[float, float]]:
        """Ref spans around the seeds in which the line holds; each grows until too much speaks against it."""
        evidence = self.evidence(line, span_s)
        if evidence is None:
            return []
        product, most = self.agreement(line)
        inside = slice(*np.searchsorted(self.ref_times, span_s))
        alike = float(product[inside].sum()) / max(float(most[inside].sum()), 1e-9)
        bear = max(31.0, 4.0 / alike**2)
        out: list[tuple[float, float]] = []
        for seed_s in np.sort(seeds_s):
            if out and seed_s <= out[-1][1]:
                continue
            at = int(np.clip(np.searchsorted(self.ref_times, seed_s), 0, len(evidence) - 1))
            right = at + _grown(evidence[at:], bear)
            left = at - _grown(evidence[:at][::-1], bear)
            if right > left:
                left, right = _trimmed(evidence, left, right)
            if right - left > 1 and (not out or self.ref_times[left] >= out[-1][1]):
                out.append((float(self.ref_times[left]) - COARSE_STEP_S / 2, float(self.ref_times[right - 1]) + COARSE_STEP_S / 2))
        return out

    def standing(self, line: Line, span_s: tuple[float, float]) -> tuple[float, float]:
        """(z, margin) of a span of the ref laid on the clip by a line: the peak there in standard deviations of
        chance, and how far it is above the highest peak at any other place in the clip.

        The deviation at each lag is that of products of series of uneven loudness with Bartlett's correction,
        and never less than what the lags themselves show.
        """
        step_s = COARSE_STEP_S / line.speed
        times = np.arange(span_s[0], span_s[1], step_s)
        part = sampled(self.ref_smooth, np.asarray(frame_at(times)))
        size = 1 << int(np.ceil(np.log2(len(part) + len(self.clip))))
        product = np.zeros(size // 2 + 1, np.complex128)
        for band in range(part.shape[1]):
            product += np.conj(np.fft.rfft(part[:, band], size)) * np.fft.rfft(self.clip[:, band], size)
        power = np.conj(np.fft.rfft(np.sum(part**2, axis=1), size)) * np.fft.rfft(np.sum(self.clip**2, axis=1), size)
        both = np.fft.irfft(power, size)
        z = np.fft.irfft(product, size) / (self.chance * np.sqrt(np.maximum(both, 0.15 * float(both.max()) + 1e-9)))
        lags = np.arange(size)
        lags = np.where(lags < len(self.clip), lags, lags - size)
        use = lags > -len(part)
        expected = (float(line.at(times[0])) - float(self.clip_times[0])) / COARSE_STEP_S
        off_s = np.abs(lags - expected) * COARSE_STEP_S
        here, other = z[use & (off_s <= _SAME_S)], z[use & (off_s >= _OTHER_S)]
        if not len(here) or not len(other):
            return 0.0, 0.0
        spread = max(1.0, float(np.median(np.abs(other[np.abs(other) > 1e-6]))) / 0.6745 if np.any(np.abs(other) > 1e-6) else 1.0)
        best = float(here.max()) / spread
        return best, best - float(other.max()) / spread


def _trimmed(evidence: np.ndarray, left: int, right: int) -> tuple[int, int]:
    """The part between left and right with the largest sum: a seed beside the match leaves a tail."""
    total = np.concatenate([[0.0], np.cumsum(evidence[left:right])])
    end = int(np.argmax(total - np.minimum.accumulate(total)))
    start = int(np.argmin(total[: end + 1]))
    return left + start, left + end


def _grown(evidence: np.ndarray, bear: float) -> int:
    """How many steps to go for the largest sum, given up once the sum lies `bear` under its best."""
    if not len(evidence):
        return 0
    total = np.cumsum(evidence)
    fallen = np.maximum.accumulate(np.maximum(total, 0)) - total > bear
    stop = int(fallen.argmax()) if fallen.any() else len(total)
    best = int(np.argmax(total[: max(stop, 1)]))
    return best + 1 if total[best] > 0 else 0
