"""From a coarse lock to a ready comparison: the framing to a part of a small picture's pixel, the tone curve, the trusted pixels.

Frames of the coarse path may be a frame or two off, and under a moving camera a wrong frame is answered by a wrong framing that
suits it. So frames and framing are settled in turns, on frames from all over the footage, where the camera moves differently.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..space.bend import find_bend
from ..space.geometry import distance
from ..space.register import Registered, Registrar, coarse_to_fine
from .analysis import Analysis
from .compare import Comparer, detail, tone_curve, trust_map
from .framing import Lock
from .path import NOTHING

PAIRS = 12
TURNS = 3
GOOD = 0.11
"""Residual of a fit that nothing richer has to better."""
NEAR = 0.57
"""Mean likeness of a lock (0.65 at most) from which its framing is so near that no coarse start is needed."""
POINTS = 2500
"""Pixels of each pair that registration looks at."""


@dataclass(frozen=True)
class Tuned:
    """A framing ready for exact comparison."""

    comparer: Comparer
    clip_to_ref: np.ndarray
    model: str
    tone: np.ndarray
    trust: np.ndarray
    correlation: float
    alike: float
    """Correlation of detail, as fields measure it, of the frames that this came from."""
    pairs: np.ndarray
    """(N, 2) int: ref and clip frames that the above came from."""


def choose(at: np.ndarray, sure: np.ndarray, count: int) -> np.ndarray:
    """Ref frames to look at closely: spread over the matched ones, in each stretch the one that says most."""
    playing = np.flatnonzero((at != NOTHING) & (sure > 0))
    if not len(playing):
        playing = np.flatnonzero(at != NOTHING)
    parts = np.array_split(playing, min(count, len(playing)))
    return np.array([part[len(part) // 4 + int(np.argmax(sure[part[len(part) // 4 : len(part) - len(part) // 4]]))] for part in parts])


def tune(clip: Analysis, ref: Analysis, lock: Lock, space: bool = True, time: bool = True) -> Tuned | None:
    """Settle one lock; None where registration finds nothing to hold on to.

    space, time  whether the framing, and the frames, may move
    """
    near = lock.score > NEAR * lock.held * len(lock.at)
    rows = choose(lock.at, lock.sure, PAIRS)
    shown = lock.at[rows]
    clip_wh, ref_wh = (clip.media.width, clip.media.height), (ref.media.width, ref.media.height)
    refs = list(ref.thumbs_at(rows))
    start = lock.clip_to_ref
    matrix, model, correlation, residual, found = start, "affine", 1.0, 1.0, None
    if space:
        levels = (1.0,) if near else (4.0, 2.0, 1.0)
        points = POINTS // 2 if len(levels) == 1 else POINTS
        found = coarse_to_fine(list(clip.thumbs_at(shown)), refs, clip_wh, ref_wh, start, points=points, levels=levels)
        if found is None:
            return None
        matrix, correlation = found.clip_to_ref, found.correlation
    for turn in range(TURNS):
        settled = _nearest(Comparer(clip, ref, matrix), rows, shown, 2 + 2 * lock.step if turn == 0 else 2) if time else shown
        if turn and (settled == shown).all():
            break
        shown = settled
        if found is not None:
            matrix, model, best = _refit(list(clip.thumbs_at(shown)), refs, clip_wh, ref_wh, matrix, found)
            correlation, residual = best.correlation, best.residual
    comparer = Comparer(clip, ref, matrix)
    clips, drawn = comparer.pictures(shown, rows)
    mask = comparer.mask > 0
    tone = tone_curve(clips, drawn, mask)
    field = None
    if residual > GOOD:
        field = find_bend(np.stack([detail(tone[c]) for c in clips]), np.stack([detail(r.astype(np.float32)) for r in drawn]), mask)
    if field is not None:
        comparer.bend_clip(field)
        clips, drawn = comparer.pictures(shown, rows)
        tone = tone_curve(clips, drawn, mask)
    trust = trust_map(clips, drawn, tone, mask)
    alike = comparer.alike(clips, drawn, tone, trust)
    return Tuned(comparer, matrix, model, tone, trust, correlation, float(np.median(alike)), np.stack([rows, shown], 1))


def _nearest(comparer: Comparer, rows: np.ndarray, shown: np.ndarray, reach: int) -> np.ndarray:
    """The clip frame near each one shown that is most like its ref frame."""
    clips, refs = comparer.pictures(shown, rows)
    tone = tone_curve(clips, refs, comparer.mask > 0)
    trust = trust_map(clips, refs, tone, comparer.mask > 0)
    out = shown.copy()
    for k, (row, j) in enumerate(zip(rows, shown, strict=True)):
        band = comparer.band(int(row), np.array([j]), -reach, 2 * reach + 1, tone, trust)
        if np.isfinite(band.distance).any():
            out[k] = j - reach + int(band.distance[0].argmin())
    return out


def _refit(
    clips: list[np.ndarray], refs: list[np.ndarray], clip_wh: tuple[int, int], ref_wh: tuple[int, int], start: np.ndarray, before: Registered
) -> tuple[np.ndarray, str, Registered]:
    """Affine, unless a homography leaves clearly less."""
    registrar = Registrar(clips, refs, clip_wh, ref_wh, start, POINTS)
    affine = registrar.fit(start, "affine")
    if affine is None:
        return start, "affine", before
    rich = registrar.fit(affine.clip_to_ref, "homography") if affine.residual > GOOD else None
    if rich is not None and rich.residual < 0.94 * affine.residual and distance(rich.clip_to_ref, affine.clip_to_ref, clip_wh) > 0.3:
        return rich.clip_to_ref, "homography", rich
    return affine.clip_to_ref, "affine", affine
