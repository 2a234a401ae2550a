"""How one frame's exposure and colour differ from another's, told from what both show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

POINTS = 2000
LEAST = 60
"""Points under which nothing is changed."""
MOST_GAIN = 2.0


@dataclass(frozen=True, eq=False)
class Tone:
    """target = gain * source + offset, each channel for itself."""

    gain: np.ndarray
    offset: np.ndarray

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Values (N, 3) of the source as the target would have them."""
        return np.asarray(values * self.gain + self.offset, np.float32)


SAME = Tone(np.ones(3, np.float32), np.zeros(3, np.float32))


def fitted(target: np.ndarray, source: np.ndarray) -> Tone:
    """The tone that takes a source's values (N, 3) to those of the target at the same points.

    The gain is a ratio of deviations and not a slope: noise and misplaced texture pull a slope down, and pull both deviations alike.
    Points that differ most, a third at the most, are left out: something moved there.
    """
    ok = np.isfinite(target).all(1) & np.isfinite(source).all(1)
    target, source = target[ok], source[ok]
    if len(target) < LEAST:
        return SAME
    gain, offset = np.ones(3, np.float32), np.zeros(3, np.float32)
    for c in range(3):
        gain[c], offset[c] = _channel(target[:, c].astype(float), source[:, c].astype(float))
    return Tone(gain, offset)


def _channel(target: np.ndarray, source: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(target, [10, 90])
    low_s, high_s = np.percentile(source, [10, 90])
    gain = float(np.clip((high - low) / (high_s - low_s), 1 / MOST_GAIN, MOST_GAIN)) if high_s - low_s > 1e-6 and high - low > 1e-6 else 1.0
    for _ in range(2):
        off = target - gain * source
        off = np.abs(off - np.median(off))
        keep = off <= max(float(np.quantile(off, 0.67)), min(3 * 1.4826 * float(np.median(off)), float(off.max())))
        a, b = target[keep], source[keep]
        if len(a) < LEAST // 2 or b.std() < 1e-9 or np.corrcoef(a, b)[0, 1] < 0.7:
            gain = 1.0
            break
        gain = float(np.clip(a.std() / b.std(), 1 / MOST_GAIN, MOST_GAIN))
    return gain, float(np.median(target - gain * source))
