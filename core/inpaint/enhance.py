"""The change's look, corrected inside its mask: colours brought to the original's, exposure, levels, gamma, saturation.

All of it works on what a painter sees (display-referred, 0 to 1), so numbers mean the same for a log plate, a film and an EXR sequence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from .project.tables_finish import EnhanceTable

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_STEADY_FRAMES = 3.0
"""Standard deviation that the match is smoothed by over time: a match that jumps is a flicker."""
_MOST_GAIN = 4.0
_DARK = 1e-4


@dataclass(frozen=True)
class Match:
    """Mean and spread of each channel inside the mask, (3,) each: of the original, and of the change."""

    was_mean: np.ndarray
    was_spread: np.ndarray
    mean: np.ndarray
    spread: np.ndarray

    @classmethod
    def of(cls, original: np.ndarray, change: np.ndarray, inside: np.ndarray) -> Match | None:
        """Of two views (H, W, 3); None where nothing is inside."""
        if not inside.any():
            return None
        a, b = original[inside].astype(np.float64), change[inside].astype(np.float64)
        return cls(a.mean(0), a.std(0), b.mean(0), b.std(0))

    def to_json(self) -> list[list[float]]:
        return [[round(float(x), 6) for x in part] for part in (self.was_mean, self.was_spread, self.mean, self.spread)]

    @classmethod
    def from_json(cls, body: list[list[float]]) -> Match:
        return cls(*(np.array(part) for part in body))


def steadied(found: Mapping[int, Match], cuts: list[int]) -> dict[int, Match]:
    """Each as the mean of those around it in time, by a Gaussian, within its shot."""
    out = {}
    for number in found:
        near = [k for k in found if abs(k - number) <= 3 * _STEADY_FRAMES and not any(min(k, number) < cut <= max(k, number) for cut in cuts)]
        weights = np.exp(-np.square([(k - number) / _STEADY_FRAMES for k in near]) / 2)
        tables = np.array([found[k].to_json() for k in near])
        mean = (tables * weights[:, None, None]).sum(0) / weights.sum()
        out[number] = Match(*mean)
    return out


def is_neutral(table: EnhanceTable) -> bool:
    """Whether enhanced() would change nothing."""
    return replace(table, overlay_original=0.0) == EnhanceTable()


def enhanced(view: np.ndarray, table: EnhanceTable, match: Match | None = None) -> np.ndarray:
    """A view of the change, (h, w, 3) float32 0 to 1, as it should look. In order: match, exposure, levels, gamma, saturation.

    match     after E. Reinhard et al. (Color transfer between images, 2001), channel by channel, as far as table.match says
    exposure  a factor of 2 a stop on the light that the view stands for by a power of 2.2
    """
    out: np.ndarray = view.astype(np.float32)
    if match is not None and table.match > 0:
        gain = np.clip(match.was_spread / np.maximum(match.spread, _DARK), 1 / _MOST_GAIN, _MOST_GAIN)
        moved = (out - match.mean) * gain + match.was_mean - out
        out = out + np.asarray(table.match * moved, np.float32)
    out = out * np.float32(2 ** (table.exposure / 2.2))
    out = (out - np.float32(table.black)) / np.float32(table.white - table.black)
    if table.gamma != 1:
        out = np.power(np.maximum(out, 0), np.float32(1 / table.gamma))
    if table.saturation != 1:
        grey = (out @ _LUMA)[..., None]
        out = grey + (out - grey) * np.float32(table.saturation)
    return np.asarray(out, np.float32)
