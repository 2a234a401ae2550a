"""Candidates that lie on one line, clip time against ref time, joined across windows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .sound_search import LEAST_Z, Candidates

_REACH_S = 60.0
_FREE_Z = LEAST_Z - 0.5
_SKIP = 0.02  # score lost a second without a candidate
_SLACK_S, _SLOPE = 0.06, 0.006
_LIKELY = 1.15
"""Speed 1 is what most footage has."""
_LEAST_SCORE, _LEAST_PEAK = 3.0, 6.0


@dataclass(frozen=True)
class Line:
    """clip time = clip_s + speed * (ref time - ref_s)"""

    ref_s: float
    clip_s: float
    speed: float

    def at(self, ref_s: float | np.ndarray) -> float | np.ndarray:
        """Clip time at a ref time, both in seconds."""
        return self.clip_s + self.speed * (ref_s - self.ref_s)


@dataclass(frozen=True)
class Chain:
    """Windows of the ref whose places in the clip agree."""

    ref_s: np.ndarray
    clip_s: np.ndarray
    score: float
    speed: float

    def line(self) -> Line:
        """Through the points: by Theil-Sen where there are many, else at the speed they were found with."""
        speed, middle_s = self.speed, float(np.median(self.ref_s))
        if len(self.ref_s) >= 8:
            few = np.linspace(0, len(self.ref_s) - 1, min(len(self.ref_s), 200)).astype(int)
            t, c = self.ref_s[few], self.clip_s[few]
            a, b = np.triu_indices(len(few), len(few) // 3)
            speed = float(np.median((c[b] - c[a]) / (t[b] - t[a])))
        return Line(middle_s, float(np.median(self.clip_s - speed * (self.ref_s - middle_s))), speed)


def chains(found: dict[float, Candidates]) -> list[Chain]:
    """All chains worth a closer look, the strongest first. A candidate serves one chain of its speed."""
    out: list[Chain] = []
    for speed, candidates in found.items():
        out += _of_speed(candidates, speed)
    return sorted(out, key=lambda chain: (-chain.score * (_LIKELY if chain.speed == 1 else 1), chain.speed, float(chain.ref_s[0])))


def _of_speed(found: Candidates, speed: float) -> list[Chain]:
    """Longest paths through candidates that a line can join, taken greedily (dynamic programming)."""
    t, c, gain = found.ref_s, found.clip_s, found.z - _FREE_Z
    best, before = gain.astype(np.float64), np.full(len(t), -1)
    oldest = np.searchsorted(t, t - _REACH_S)
    newest = np.searchsorted(t, t)
    for i in range(len(t)):
        past = slice(oldest[i], newest[i])
        apart = t[i] - t[past]
        off = np.abs((c[i] - c[past]) - speed * apart)
        value = np.where(off <= _SLACK_S + _SLOPE * apart, best[past] - _SKIP * apart - 5 * off, 0.0)
        if len(value) and value.max() > 0:
            before[i] = oldest[i] + int(value.argmax())
            best[i] += value.max()
    out = []
    used = np.zeros(len(t), bool)
    for end in np.argsort(-best, kind="stable"):
        path = []
        i = int(end)
        while i >= 0 and not used[i]:
            path.append(i)
            used[i] = True
            i = int(before[i])
        path.reverse()
        score = float(gain[path].sum()) if path else 0.0
        if score >= _LEAST_SCORE or (path and found.z[path].max() >= _LEAST_PEAK):
            out.append(Chain(t[path], c[path], score, speed))
    return out
