"""Time and framing together, coarsely: which of some candidate framings lets the most of the clip run along the ref.

Each half needs the other: frames cannot be compared before the framing is known, and pictures cannot be registered before the
frames are in sync. So every candidate framing is given its best path through time, and the paths are compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .. import threads
from ..progress import Progress
from ..space.features import Features, detect, propose
from ..space.geometry import distance, fit_to_frame
from .analysis import Analysis
from .fingerprint import Sampler, coarse_vectors, shared_grid
from .path import NOTHING, Path, Prices, best_path

COARSE_AREA = 640
CELLS = 3_000_000
"""Pairs of frames compared at most; longer footage is looked at in steps."""
LONG_CELLS = 4_500_000
"""The same where steps are so long that the clip is looked at twice as often as the ref."""
NEUTRAL = 0.35
"""Correlation of local contrast that speaks neither for nor against a pair. Frames of unrelated footage stay under 0.25."""
FLAT = 1.2
"""Texture (grey levels) under which a frame says nothing: black, white, a fade's end."""
LEAST_FRAMES = 6
CLEAR = 0.42
"""Score a frame from which laying the whole clip over the whole ref needs no rival."""
ANCHOR = 50.0
"""Score of a frame known by hand."""
LATER_VOTES = 20.0
"""Votes that a second framing needs to be tried: what is left over after the first has little to show."""
TIERS = ((2, 57_600, 200), (5, 57_600, 300), (12, 480 * 270, 400))
"""How hard to look for the framing: frames a file, their area, keypoints a frame."""


@dataclass(frozen=True)
class Lock:
    """A framing and the path it allows."""

    clip_to_ref: np.ndarray
    at: np.ndarray
    """(ref frames,) int: clip frame or NOTHING, exact to about the step."""
    step: int
    """Every how many ref frames the path was looked at."""
    score: float
    """Likeness above NEUTRAL, summed over the frames played: 0.65 for a perfect one."""
    slope: float
    """Clip frames a ref frame, of the line that the path was measured from."""
    sure: np.ndarray
    """(ref frames,) float 0..1: how few other frames of the clip look like the one shown; 0 for a frame that says nothing."""
    chain: int = -1
    """Of a framing that moves: which chain of windows this lock is one of; -1 where it lies still."""
    backwards: bool = False
    """Whether clip frames are counted from the last one."""

    @property
    def held(self) -> float:
        """Share of the ref's frames that play something."""
        return float((self.at != NOTHING).mean())


def slopes(clip: Analysis, ref: Analysis) -> list[float]:
    """Clip frames a ref frame: by the clock, and frame for frame."""
    by_clock = float(clip.media.rate / ref.media.rate)
    return [by_clock] if abs(by_clock - 1) < 1e-6 else [by_clock, 1.0]


@dataclass(frozen=True)
class Among:
    """What may be matched with what."""

    rows: np.ndarray | None = None
    """(ref frames,) bool: the ref frames to look at; None is all."""
    columns: np.ndarray | None = None
    """(clip frames,) bool"""
    anchors: tuple[tuple[int, int], ...] = ()
    """(clip frame, ref frame) that belong together, whatever it looks like."""
    whole_only: bool = False
    """Only the framing that lays the whole clip over the whole ref."""

    def shape(self, scores: np.ndarray, step_ref: int, step_clip: int) -> None:
        """Write all this into coarse scores, in place."""
        if self.rows is not None:
            scores[~self.rows[::step_ref]] = -0.5
        if self.columns is not None:
            scores[:, ~self.columns[::step_clip]] = -0.5
        for j, i in self.anchors:
            row, column = i // step_ref, j // step_clip
            scores[row] = -ANCHOR
            scores[row, max(0, column - (step_clip > 1)) : column + 1] = ANCHOR


EVERYTHING = Among()


def try_framing(clip: Analysis, ref: Analysis, clip_to_ref: np.ndarray, among: Among = EVERYTHING) -> Lock | None:
    """The best path under one framing; None where the two would share almost no picture."""
    grid = shared_grid(clip_to_ref, (clip.media.width, clip.media.height), (ref.media.width, ref.media.height), COARSE_AREA, ref.thumb_wh)
    if grid is None:
        return None
    step_ref, step_clip = _steps(clip.frames, ref.frames)
    with threads.pool(2) as pool:
        of_ref = pool.submit(coarse_vectors, Sampler(ref, grid.grid_to_ref, grid.wh), grid.mask, step_ref, among.rows)
        of_clip = pool.submit(coarse_vectors, Sampler(clip, grid.grid_to_clip, grid.wh), grid.mask, step_clip, among.columns)
        (a, a_texture), (b, b_texture) = of_ref.result(), of_clip.result()
    scores = a @ b.T
    few = _specificity(scores, a_texture)
    scores -= NEUTRAL
    np.clip(scores, -0.5, 1.0, out=scores)
    for row in range(len(scores)):
        scores[row] *= np.where(scores[row] > 0, max(float(few[row]), 0.1), 1)
    scores[a_texture < FLAT] = 0
    scores[:, b_texture < FLAT] = 0
    among.shape(scores, step_ref, step_clip)
    best: tuple[Path, float] | None = None
    for slope in slopes(clip, ref):
        path = best_path(scores, slope * step_ref / step_clip, _prices(step_ref))
        if best is None or path.score > best[0].score * 1.003:
            best = path, slope
    assert best is not None
    path, slope = best
    earned = _earned(a, b, path.at, a_texture)
    at = _every_frame(path.at, ref.frames, step_ref, step_clip, slope, clip.frames)
    return Lock(clip_to_ref, at, step_ref, earned * step_ref, slope, np.repeat(few, step_ref)[: ref.frames])


def _specificity(alike: np.ndarray, texture: np.ndarray) -> np.ndarray:
    """(N,) 0..1: 1 where few clip frames look like the best one, less the more do; 0 for a flat frame."""
    few = np.empty(len(alike), np.float32)
    for a in range(0, len(alike), 256):
        part = alike[a : a + 256]
        few[a : a + 256] = 1 / (1 + 0.1 * np.maximum((part > part.max(1, keepdims=True) - 0.01).sum(1) - 4, 0))
    few[texture < FLAT] = 0
    return few


def _earned(a: np.ndarray, b: np.ndarray, at: np.ndarray, texture: np.ndarray) -> float:
    rows = np.flatnonzero((at != NOTHING) & (texture >= FLAT))
    return float(((a[rows] * b[at[rows]]).sum(1) - NEUTRAL).sum())


def _prices(step: int) -> Prices:
    return Prices(step=0.05, jump=6.0 if step == 1 else 3.5, leave=2.0, enter=2.0)


def _steps(clip_frames: int, ref_frames: int) -> tuple[int, int]:
    step = max(1, int(np.ceil(np.sqrt(clip_frames * ref_frames / CELLS))))
    if step <= 2:
        return step, step
    step = max(3, int(np.ceil(np.sqrt(2 * clip_frames * ref_frames / LONG_CELLS))))
    return step, step // 2


def _every_frame(at: np.ndarray, frames: int, step_ref: int, step_clip: int, slope: float, clip_frames: int) -> np.ndarray:
    """A path in steps, told for every frame: along the line between steps that lie on one, else from the nearer step."""
    out = np.full(frames, NOTHING, int)
    for k, here in enumerate(at):
        if here == NOTHING:
            continue
        n = np.arange(k * step_ref, min(frames, (k + 1) * step_ref))
        ahead = slope
        if k + 1 < len(at) and at[k + 1] != NOTHING:
            rate = (at[k + 1] - here) * step_clip / step_ref
            if 0.4 * slope < rate < 2.2 * slope + step_clip / step_ref:
                ahead = rate
        out[n] = np.clip(np.floor(here * step_clip + (n - k * step_ref + 0.5) * ahead).astype(int), 0, clip_frames - 1)
    return out


def search(clip: Analysis, ref: Analysis, progress: Progress, among: Among = EVERYTHING) -> list[Lock]:
    """Locks under candidate framings, best first; empty where nothing of the clip shows in the ref."""
    rows, columns = among.rows, among.columns
    wanted = min(clip.frames if columns is None else int(columns.sum()), ref.frames if rows is None else int(rows.sum()))
    locks = []
    if columns is None:
        whole = try_framing(clip, ref, fit_to_frame((clip.media.width, clip.media.height), (ref.media.width, ref.media.height)), among)
        progress.at(0.2, "matching frames")
        if whole is not None and (among.whole_only or whole.score >= CLEAR * min(clip.frames / whole.slope, wanted)):
            return [whole] if whole.score >= _LEAST_SCORE or among.anchors else []
        locks += [whole] if whole is not None else []
    for few, area, count in TIERS:
        locks += _by_features(clip, ref, few, area, count, locks, among, wanted)
        progress.at(0.4, "looking for the framing")
        locks.sort(key=lambda lock: -lock.score)
        if (locks and locks[0].score >= 0.3 * wanted) or columns is not None:
            break
    return [lock for lock in locks if lock.score >= _LEAST_SCORE]


_LEAST_SCORE = LEAST_FRAMES * (1 - NEUTRAL) * 0.7


def _by_features(clip: Analysis, ref: Analysis, few: int, area: int, count: int, known: list[Lock], among: Among, wanted: int) -> list[Lock]:
    clip_wh, ref_wh = (clip.media.width, clip.media.height), (ref.media.width, ref.media.height)
    framings = propose(_features(clip, few, area, count, among.columns), _features(ref, few + 2, area, count, among.rows), clip_wh, ref_wh)
    out = []
    for framing in framings:
        if among.columns is not None and framing.votes < LATER_VOTES:
            break
        if any(distance(framing.clip_to_ref, lock.clip_to_ref, clip_wh) < 0.01 * max(ref_wh) for lock in known):
            continue
        lock = try_framing(clip, ref, framing.clip_to_ref, among)
        if lock is not None:
            out.append(lock)
            if lock.score >= CLEAR * wanted:
                break
    return out


def _features(analysis: Analysis, few: int, area: int, count: int, frames: np.ndarray | None) -> list[Features]:
    """Keypoints of the most textured pictures, one from each stretch of the frames that are looked at."""
    full = (analysis.media.width, analysis.media.height)
    numbers, pictures = analysis.samples()
    if frames is not None:
        at = np.flatnonzero(frames)
        pictures = [p for n, p in zip(numbers, pictures, strict=True) if frames[n]]
        if len(pictures) < few:
            spread = at[np.linspace(0, len(at) - 1, min(len(at), 2 * few)).astype(int)]
            pictures = list(analysis.thumbs_at(spread))
    chosen = []
    for stretch in np.array_split(np.arange(len(pictures)), min(few, len(pictures))):
        picture = max((pictures[k] for k in stretch), key=lambda p: float(cv2.Laplacian(p[::2, ::2], cv2.CV_32F).std()))
        shrink = (area / picture.size) ** 0.5
        if shrink < 1:
            picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        chosen.append(picture)
    with threads.pool(4) as pool:
        return list(pool.map(lambda picture: detect(picture, full, count), chosen))
