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
from .coarse import EVERYTHING, NEUTRAL, Among, coarse_path, steps_of
from .fingerprint import shared_grid
from .path import NOTHING

COARSE_AREA = 640
LEAST_FRAMES = 6
CLEAR = 0.42
"""Score a frame from which laying the whole clip over the whole ref needs no rival."""
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


def try_framing(clip: Analysis, ref: Analysis, clip_to_ref: np.ndarray, among: Among = EVERYTHING, progress: Progress = Progress()) -> Lock | None:
    """The best path under one framing; None where the two would share almost no picture."""
    grid = shared_grid(clip_to_ref, (clip.media.width, clip.media.height), (ref.media.width, ref.media.height), COARSE_AREA, ref.thumb_wh)
    if grid is None:
        return None
    found = coarse_path(clip, ref, grid, slopes(clip, ref), among, progress)
    return Lock(clip_to_ref, found.at, steps_of(clip.frames, ref.frames).ref, found.earned, found.slope, found.sure)


def search(clip: Analysis, ref: Analysis, progress: Progress, among: Among = EVERYTHING) -> list[Lock]:
    """Locks under candidate framings, best first; empty where nothing of the clip shows in the ref."""
    rows, columns = among.rows, among.columns
    wanted = min(clip.frames if columns is None else int(columns.sum()), ref.frames if rows is None else int(rows.sum()))
    locks = []
    if columns is None:
        fit = fit_to_frame((clip.media.width, clip.media.height), (ref.media.width, ref.media.height))
        whole = try_framing(clip, ref, fit, among, progress.part(0.0, 0.6))
        if whole is not None and (among.whole_only or whole.score >= CLEAR * min(clip.frames / whole.slope, wanted)):
            return [whole] if whole.score >= _LEAST_SCORE or among.anchors else []
        locks += [whole] if whole is not None else []
    for few, area, count in TIERS:
        locks += _by_features(clip, ref, few, area, count, locks, among, wanted)
        progress.at(1.0, "looking for the framing")
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
