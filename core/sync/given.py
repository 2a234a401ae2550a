"""A lock whose time map is given (by the clock, by sound, or by hand): only the framing is looked for."""

from __future__ import annotations

import cv2
import numpy as np

from ..space.features import Features, detect, propose
from ..space.geometry import fit_to_frame
from .analysis import Analysis
from .compare import Comparer
from .fingerprint import Sampler, contrast, shared_grid
from .framing import COARSE_AREA, Lock
from .path import NOTHING
from .scores import GAIN, Field, log_ratios
from .segments import Segment
from .tune import Tuned, choose

FRAMES = 8
FEATURE_AREA = 57_600


def by_clock(clip: Analysis, ref: Analysis, anchors: tuple[tuple[int, int], ...]) -> np.ndarray:
    """(ref frames,) int: the clip frame on screen when both run by the clock, set by the anchor before each frame; NOTHING beyond the clip."""
    at = np.full(ref.frames, NOTHING, int)
    marks = list(anchors) or [(0, 0)]
    for i in range(ref.frames):
        clip_frame, ref_frame = next((mark for mark in reversed(marks) if mark[1] <= i), marks[0])
        time_s = clip.media.middle_of(clip_frame) + ref.media.middle_of(i) - ref.media.middle_of(ref_frame)
        j = clip.media.frame_at(time_s)
        at[i] = j if 0 <= j < clip.frames else NOTHING
    return at


def lock_on(clip: Analysis, ref: Analysis, at: np.ndarray, fixed: bool) -> Lock | None:
    """The framing that suits given frames best; None where not one frame is given. `fixed` allows the whole-frame framing alone."""
    rows = choose(at, np.ones(len(at)), FRAMES)
    if not len(rows):
        return None
    clip_wh, ref_wh = (clip.media.width, clip.media.height), (ref.media.width, ref.media.height)
    candidates = [fit_to_frame(clip_wh, ref_wh)]
    if not fixed:
        clips = [_features(t, clip_wh) for t in clip.thumbs_at(at[rows])]
        refs = [_features(t, ref_wh) for t in ref.thumbs_at(rows)]
        candidates += [framing.clip_to_ref for framing in propose(clips, refs, clip_wh, ref_wh)]
    scored = [(_likeness(clip, ref, candidate, at[rows], rows), candidate) for candidate in candidates]
    best = max(range(len(scored)), key=lambda k: scored[k][0])
    sure = np.where(at == NOTHING, 0.0, 1.0)
    return Lock(scored[best][1], at, 1, scored[best][0], float(clip.media.rate / ref.media.rate), sure)


def given_field(tuned: Tuned, at: np.ndarray) -> Field:
    """A field that plays exactly the given frames, measured but not moved."""
    rows = np.flatnonzero(at != NOTHING)
    first, end = int(rows[0]), int(rows[-1]) + 1
    base = at[first:end]
    comparer: Comparer = tuned.comparer
    band = comparer.band(first, np.where(base == NOTHING, 0, base), 0, 1, tuned.tone, tuned.trust)
    score = np.where(base == NOTHING, -np.inf, GAIN)[:, None].astype(np.float32)
    return Field(Segment(first, end - 1, 1.0, float(base[0]), 0, 0), first, base, 0, score, band.alike, band.energy, np.zeros(len(base), bool))


def margins(tuned: Tuned, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(ref frames,), (ref frames,): how much better the given frames match than the best of the three before, and after, in nats."""
    rows = np.flatnonzero(at != NOTHING)
    first, end = int(rows[0]), int(rows[-1]) + 1
    base = np.where(at[first:end] == NOTHING, 0, at[first:end])
    score = log_ratios(tuned.comparer.band(first, base, -3, 7, tuned.tone, tuned.trust), slice(0, end - first), tuned.alike)
    out = []
    for side in (slice(0, 3), slice(4, 7)):
        rival = score[:, side].max(1)
        margin = np.zeros(len(at))
        margin[first:end] = np.where(np.isfinite(rival), np.clip(score[:, 3] - rival, -10, 10), 0)
        margin[at == NOTHING] = 0
        out.append(margin)
    return out[0], out[1]


def _features(thumb: np.ndarray, full_wh: tuple[int, int]) -> Features:
    shrink = (FEATURE_AREA / thumb.size) ** 0.5
    picture = cv2.resize(thumb, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else thumb
    return detect(picture, full_wh, 250)


def _likeness(clip: Analysis, ref: Analysis, clip_to_ref: np.ndarray, shown: np.ndarray, rows: np.ndarray) -> float:
    """Median correlation of local contrast of these pairs under a framing; -1 where it shares no picture."""
    grid = shared_grid(clip_to_ref, (clip.media.width, clip.media.height), (ref.media.width, ref.media.height), COARSE_AREA)
    if grid is None:
        return -1.0
    weight = grid.mask.astype(np.float32)
    a = [contrast(Sampler(ref, grid.grid_to_ref, grid.wh).draw(t), grid.mask, weight)[0] for t in ref.thumbs_at(rows)]
    b = [contrast(Sampler(clip, grid.grid_to_clip, grid.wh).draw(t), grid.mask, weight)[0] for t in clip.thumbs_at(shown)]
    return float(np.median([x @ y for x, y in zip(a, b, strict=True)]))
