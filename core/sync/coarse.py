"""The coarse path under one framing: of short footage over all pairs of frames, of long footage over lanes that hits speak for."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from ..progress import Progress
from .analysis import Analysis
from .fingerprint import Grid, Sampler, coarse_vectors
from .hits import AROUND_S, Shared
from .lanes import lanes_of, lanes_path
from .packed import Packed
from .path import NOTHING, Path, Prices, best_path

CELLS = 3_000_000
"""Pairs of frames compared at most; longer footage is looked at in steps."""
LONG_CELLS = 4_500_000
"""The same where steps are so long that the clip is looked at twice as often as the ref."""
LONGEST_STEP = 6
"""Where steps would have to be longer than this, lanes are compared, and not all pairs."""
NEUTRAL = 0.35
"""Correlation of local contrast that speaks neither for nor against a pair. Frames of unrelated footage stay under 0.25."""
FLAT = 1.2
"""Texture (grey levels) under which a frame says nothing: black, white, a fade's end."""
ANCHOR = 50.0
"""Score of a frame known by hand."""

TELLS = "matching frames"


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


EVERYTHING = Among()


@dataclass(frozen=True)
class Steps:
    """Every how many frames either side is looked at."""

    ref: int
    clip: int
    lanes: bool
    """Whether pairs are too many to compare all of them."""


@dataclass(frozen=True)
class Coarse:
    """A coarse path, told for every frame."""

    at: np.ndarray
    """(ref frames,) int: clip frame or NOTHING."""
    slope: float
    """Clip frames a ref frame, of the line that the path was measured from."""
    earned: float
    """Likeness above NEUTRAL, summed over the frames played."""
    sure: np.ndarray
    """(ref frames,) float 0..1: how few other frames of the clip look like the one shown; 0 for a frame that says nothing."""
    compared: int
    """Pairs of vectors compared."""


def steps_of(clip_frames: int, ref_frames: int) -> Steps:
    """How closely a pair of such lengths is looked at."""
    step = max(1, int(np.ceil(np.sqrt(clip_frames * ref_frames / CELLS))))
    if step <= 2:
        return Steps(step, step, False)
    step = max(3, int(np.ceil(np.sqrt(2 * clip_frames * ref_frames / LONG_CELLS))))
    lanes = step > LONGEST_STEP
    step = min(step, LONGEST_STEP)
    return Steps(step, step // 2, lanes)


def coarse_path(clip: Analysis, ref: Analysis, grid: Grid, slopes: list[float], among: Among, progress: Progress = Progress()) -> Coarse:
    """The best path of a pair drawn on a grid."""
    progress.at(0.0, TELLS)
    steps = steps_of(clip.frames, ref.frames)
    with ThreadPoolExecutor(2) as pool:
        of_ref = pool.submit(coarse_vectors, Sampler(ref, grid.grid_to_ref, grid.wh), grid.mask, steps.ref, among.rows, steps.lanes)
        of_clip = pool.submit(coarse_vectors, Sampler(clip, grid.grid_to_clip, grid.wh), grid.mask, steps.clip, among.columns, steps.lanes)
        (a, a_texture), (b, b_texture) = of_ref.result(), of_clip.result()
    progress.at(0.6, TELLS)
    around = (max(1, round(AROUND_S * ref.media.rate / steps.ref)), max(1, round(AROUND_S * clip.media.rate / steps.clip)))
    shape = _Shape(steps, among, a_texture < FLAT, b_texture < FLAT, around)
    way = _Lanes(a, b, shape) if isinstance(a, Packed) and isinstance(b, Packed) else _All(np.asarray(a), np.asarray(b), shape)
    progress.at(0.75, TELLS)
    best: tuple[Path, float] | None = None
    for slope in slopes:
        path = way.path(slope * steps.ref / steps.clip, _prices(steps.ref))
        if best is None or path.score > best[0].score * 1.003:
            best = path, slope
    assert best is not None
    progress.at(1.0, TELLS)
    path, slope = best
    rows = np.flatnonzero((path.at != NOTHING) & ~shape.flat_ref)
    earned = sum(float(((a[part] * b[path.at[part]]).sum(1) - NEUTRAL).sum()) for part in np.array_split(rows, len(rows) // 4096 + 1))
    at = _every_frame(path.at, ref.frames, steps, slope, clip.frames)
    return Coarse(at, slope, earned * steps.ref, np.repeat(way.few, steps.ref)[: ref.frames], way.compared)


class _Shape:
    """What scores are made of beside likeness."""

    def __init__(self, steps: Steps, among: Among, flat_ref: np.ndarray, flat_clip: np.ndarray, around: tuple[int, int]) -> None:
        self.around = around
        """Steps of either side that last AROUND_S."""
        self.flat_ref, self.flat_clip = flat_ref, flat_clip
        self.closed_ref = np.zeros(len(flat_ref), bool) if among.rows is None else ~among.rows[:: steps.ref]
        self.closed_clip = np.zeros(len(flat_clip), bool) if among.columns is None else ~among.columns[:: steps.clip]
        self.sure: dict[int, range] = {}
        """Clip steps that a ref step shows, as somebody knows."""
        for j, i in among.anchors:
            column = j // steps.clip
            self.sure[i // steps.ref] = range(max(0, column - (steps.clip > 1)), column + 1)

    def scores(self, alike: np.ndarray, few: np.ndarray, first: int, clip: np.ndarray) -> np.ndarray:
        """Scores of pairs, in place of their likeness (ref steps from first on, clip steps); clip holds the clip step of each pair."""
        rows = slice(first, first + len(alike))
        alike -= NEUTRAL
        np.clip(alike, -0.5, 1.0, out=alike)
        np.multiply(alike, np.maximum(few, 0.1)[:, None], out=alike, where=alike > 0)
        alike[self.flat_ref[rows]] = 0
        alike[self.flat_clip[clip]] = 0
        alike[self.closed_ref[rows]] = -0.5
        alike[self.closed_clip[clip]] = -0.5
        for row, shown in self.sure.items():
            if 0 <= row - first < len(alike):
                here = clip[row - first]
                alike[row - first] = np.where((here >= shown.start) & (here < shown.stop), ANCHOR, -ANCHOR)
        return alike


class _All:
    """All pairs."""

    def __init__(self, a: np.ndarray, b: np.ndarray, shape: _Shape) -> None:
        self.compared = len(a) * len(b)
        self.scores = a @ b.T
        self.few = few_like(self.scores, shape.flat_ref)
        columns = np.arange(len(b))
        for first in range(0, len(a), 256):
            part = self.scores[first : first + 256]
            shape.scores(part, self.few[first : first + 256], first, np.broadcast_to(columns, part.shape))

    def path(self, slope: float, prices: Prices) -> Path:
        return best_path(self.scores, slope, prices)


class _Lanes:
    """The pairs that lie where hits point."""

    def __init__(self, a: Packed, b: Packed, shape: _Shape) -> None:
        self.a, self.b, self.shape = a, b, shape
        rows, columns = np.flatnonzero(~shape.flat_ref & ~shape.closed_ref), np.flatnonzero(~shape.flat_clip & ~shape.closed_clip)
        self.shared = Shared(a, rows, b, columns, shape.around)
        self.compared = 0
        self.few = np.zeros(len(a), np.float32)

    def path(self, slope: float, prices: Prices) -> Path:
        sure = tuple((shown.stop - 1, row) for row, shown in self.shape.sure.items())
        lanes = lanes_of(self.shared.between, len(self.a), len(self.b), slope, sure)
        self.compared += lanes.cells
        return lanes_path(lanes, len(self.b), self._scores, prices)

    def _scores(self, first: int, end: int, clip: np.ndarray) -> np.ndarray:
        clip = np.clip(clip, 0, len(self.b) - 1)
        alike = np.empty(clip.shape, np.float32)
        here = self.a[first:end]
        edges = [0, *(np.flatnonzero(np.diff(clip[0]) > 1) + 1).tolist(), clip.shape[1]]
        for left, right in itertools.pairwise(edges):
            columns = clip[:, left:right]
            low = int(columns.min())
            all_of_them = here @ self.b[low : int(columns.max()) + 1].T
            alike[:, left:right] = np.take_along_axis(all_of_them, columns - low, 1)
        few = few_like(alike, self.shape.flat_ref[first:end])
        self.few[first:end] = few
        return self.shape.scores(alike, few, first, clip)


def few_like(alike: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """(N,) 0..1: 1 where few clip frames look like the best one, less the more do; 0 for a flat frame."""
    few = np.empty(len(alike), np.float32)
    for a in range(0, len(alike), 256):
        part = alike[a : a + 256]
        few[a : a + 256] = 1 / (1 + 0.1 * np.maximum((part > part.max(1, keepdims=True) - 0.01).sum(1) - 4, 0))
    few[flat] = 0
    return few


def _prices(step: int) -> Prices:
    return Prices(step=0.05, jump=6.0 if step == 1 else 3.5, leave=2.0, enter=2.0)


def _every_frame(at: np.ndarray, frames: int, steps: Steps, slope: float, clip_frames: int) -> np.ndarray:
    """A path in steps, told for every frame: along the line between steps that lie on one, else from the nearer step."""
    out = np.full(frames, NOTHING, int)
    for k, here in enumerate(at):
        if here == NOTHING:
            continue
        n = np.arange(k * steps.ref, min(frames, (k + 1) * steps.ref))
        ahead = slope
        if k + 1 < len(at) and at[k + 1] != NOTHING:
            rate = (at[k + 1] - here) * steps.clip / steps.ref
            if 0.4 * slope < rate < 2.2 * slope + steps.clip / steps.ref:
                ahead = rate
        out[n] = np.clip(np.floor(here * steps.clip + (n - k * steps.ref + 0.5) * ahead).astype(int), 0, clip_frames - 1)
    return out
