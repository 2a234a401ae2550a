"""Exact comparison: how far apart the matched frames and their neighbours are, in units of the noise between the two files.

Both sides are drawn on one fine grid. The clip's grey levels are brought to the ref's by one tone curve a segment, so that a fade,
whose only motion is its brightness, still tells its frames apart. Pixels count by how much they say: those that differ all the time
(a logo, a subtitle, a bar) little, those that move more than those that only carry grain.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .analysis import Analysis
from .fingerprint import Grid, Sampler, shared_grid

FINE_AREA = 9216
LONG_AREA = 4096
"""Grid pixels for footage of up to, and of more than, LONG_FRAMES frames."""
LONG_FRAMES = 4000
ROWS = 64
LOW_SHARE = 0.7
"""How much of the local mean is taken away: detail counts in full, broad brightness a little."""


@dataclass(frozen=True)
class Band:
    """Distances of one segment: ref frames first..first+N-1 against clip frames base[i] + low .. base[i] + low + M - 1."""

    first: int
    base: np.ndarray
    """(N,) int: clip frame of the segment's line at each ref frame."""
    low: int
    distance: np.ndarray
    """(N, M) float32: mean squared difference, weighed, in squared grey levels; inf outside the clip."""
    alike: np.ndarray
    """(N,) float32: correlation of plain detail with the nearest of the clip frames, -1 to 1."""
    energy: np.ndarray
    """(N,) float32: how much detail that correlation rests on, in squared grey levels a pixel."""


class Comparer:
    """Draws and compares frames of two files under one framing."""

    def __init__(self, clip: Analysis, ref: Analysis, clip_to_ref: np.ndarray) -> None:
        area = FINE_AREA if max(clip.frames, ref.frames) <= LONG_FRAMES else LONG_AREA
        grid = shared_grid(clip_to_ref, (clip.media.width, clip.media.height), (ref.media.width, ref.media.height), area, ref.thumb_wh)
        if grid is None:
            raise ValueError("the framing shares no picture")
        self.grid: Grid = grid
        self.clip, self.ref = clip, ref
        self._clip_sampler = Sampler(clip, grid.grid_to_clip, grid.wh)
        self._ref_sampler = Sampler(ref, grid.grid_to_ref, grid.wh)
        inner = cv2.erode(np.pad(grid.mask, 1).astype(np.uint8), np.ones((3, 3), np.uint8))[1:-1, 1:-1]
        self.mask = inner.astype(np.float32)
        self._bend: tuple[np.ndarray, np.ndarray] | None = None

    def bend_clip(self, field: np.ndarray) -> None:
        """Draw the clip displaced by a field (h, w, 2), in grid pixels, on top of the framing."""
        w, h = self.grid.wh
        y, x = np.mgrid[0:h, 0:w].astype(np.float32)
        self._bend = x + field[..., 0], y + field[..., 1]

    def _draw_clip(self, thumb: np.ndarray) -> np.ndarray:
        picture = self._clip_sampler.draw(thumb)
        if self._bend is None:
            return picture
        return cv2.remap(picture, *self._bend, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def pictures(self, clip_frames: np.ndarray, ref_frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Grid pictures (N, h, w) uint8 of pairs of frames."""
        clips = np.stack([self._draw_clip(t) for t in self.clip.thumbs_at(clip_frames)])
        refs = np.stack([self._ref_sampler.draw(t) for t in self.ref.thumbs_at(ref_frames)])
        return clips, refs

    def alike(self, clips: np.ndarray, refs: np.ndarray, tone: np.ndarray, trust: np.ndarray) -> np.ndarray:
        """(N,): correlation of the detail of grid pictures (N, h, w) uint8 of pairs of frames."""
        a = np.stack([detail(tone[c]) for c in clips]).reshape(len(clips), -1)
        b = np.stack([detail(r.astype(np.float32)) for r in refs]).reshape(len(refs), -1)
        return _correlations(b, a, (self.mask * trust).ravel())[0]

    def band(self, first: int, base: np.ndarray, low: int, wide: int, tone: np.ndarray, trust: np.ndarray) -> Band:
        """Distances of a segment.

        tone   (256,) float32: clip grey level -> ref grey level
        trust  (h, w) float32 0..1: pixels that are on one side only count little
        """
        n = len(base)
        distance = np.full((n, wide), np.inf, np.float32)
        alike = np.full(n, -1.0, np.float32)
        energy = np.zeros(n, np.float32)
        held: dict[int, np.ndarray] = {}
        for a in range(0, n, ROWS):
            rows = slice(a, min(n, a + ROWS))
            self._block(first + a, base[rows] + low, tone, trust, held, distance[rows], alike[rows], energy[rows])
        return Band(first, base, low, distance, alike, energy)

    def _block(
        self, first: int, left: np.ndarray, tone: np.ndarray, trust: np.ndarray, held: dict[int, np.ndarray],
        distance: np.ndarray, alike: np.ndarray, energy: np.ndarray,
    ) -> None:
        """Fill in some rows of distance, alike and energy; `held` carries clip frames from block to block."""
        count, wide = distance.shape
        refs = np.stack([detail(self._ref_sampler.draw(t).astype(np.float32)) for t in self.ref.thumbs(first, count)])
        lo, hi = max(0, int(left.min())), min(self.clip.frames, int(left.max()) + wide)
        if hi <= lo:
            return
        clips = self._clip_block(lo, hi, tone, held)
        plain = (self.mask * trust).ravel()
        weight = (_activity(refs, self.mask > 0) * self.mask * trust).ravel()
        squared = _squares(refs.reshape(count, -1), clips.reshape(hi - lo, -1), weight)
        j = left[:, None] + np.arange(wide)[None, :]
        good = (j >= lo) & (j < hi)
        distance[:] = np.where(good, np.take_along_axis(squared, np.clip(j - lo, 0, hi - lo - 1), 1), np.inf)
        near = np.clip(left + distance.argmin(1) - lo, 0, hi - lo - 1)
        correlated, carried = _correlations(refs.reshape(count, -1), clips[near].reshape(count, -1), plain)
        alike[:] = np.where(good.any(1), correlated, -1)
        energy[:] = carried

    def _clip_block(self, lo: int, hi: int, tone: np.ndarray, held: dict[int, np.ndarray]) -> np.ndarray:
        """Detail of clip frames lo..hi-1; `held` carries what the block before drew."""
        for number in [n for n in held if n < lo]:
            del held[number]
        missing = [n for n in range(lo, hi) if n not in held]
        if missing:
            a, b = missing[0], missing[-1] + 1
            for number, thumb in zip(range(a, b), self.clip.thumbs(a, b - a), strict=True):
                if number not in held:
                    held[number] = detail(cv2.LUT(self._draw_clip(thumb), tone))
        return np.stack([held[n] for n in range(lo, hi)])


def detail(picture: np.ndarray) -> np.ndarray:
    """What is compared of a float32 grid picture: all that is finer than a tenth of it, and a little of the rest."""
    picture = cv2.GaussianBlur(picture, (3, 3), 0.7)
    return cv2.addWeighted(picture, 1.0, cv2.blur(picture, (11, 11)), -LOW_SHARE, 0)


def _activity(frames: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(h, w) float32 0.05..1: where frames of this stretch change by more than the quiet places do (grain, compression)."""
    if len(frames) < 3:
        return np.ones(frames.shape[1:], np.float32)
    change: np.ndarray = np.zeros(frames.shape[1:], np.float32)
    count = 0
    for a, b in zip(frames[:-2:2], frames[2::2], strict=False):
        cv2.accumulateSquare(cv2.subtract(a, b), change)
        count += 1
    change = cv2.blur(change / count, (7, 7))
    quiet = float(np.quantile(change[mask], 0.2)) + 0.5 if mask.any() else 1.0
    return (0.05 + change / (change + 3 * quiet)).astype(np.float32)


def _squares(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(N, M): weighed mean squared differences of rows."""
    root = np.sqrt(weight)
    aw, bw = a * root, b * root
    out = np.einsum("nd,nd->n", aw, aw)[:, None] + np.einsum("nd,nd->n", bw, bw)[None, :] - 2 * (aw @ bw.T)
    return np.maximum(out / (float(weight.sum()) + 1e-6), 0)


def _correlations(a: np.ndarray, b: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(N,), (N,): weighed correlations of rows with rows, and the detail they rest on, in squared grey levels.

    What carries less than grain (0.6 grey levels) counts as nothing.
    """
    total = float(weight.sum()) + 1e-6
    mean_a, mean_b = a @ weight, b @ weight
    aa = np.einsum("nd,nd,d->n", a, a, weight) - mean_a**2 / total
    bb = np.einsum("nd,nd,d->n", b, b, weight) - mean_b**2 / total
    ab = np.einsum("nd,nd,d->n", a, b, weight) - mean_a * mean_b / total
    carried = np.sqrt(np.maximum(aa * bb, 0))
    return ab / (carried + 0.4 * total), carried / total


def tone_curve(clips: np.ndarray, refs: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(256,) float32: the ref grey level that goes with each clip grey level, from pairs of grid pictures (N, h, w) uint8.

    The median of what stands opposite each level, made to rise, carried on at its ends with the slope of its neighbours. Where
    that is the level itself to within what rounding explains, nothing is changed: a fade's frames lie a level or two apart.
    """
    x, y = clips[:, mask].ravel(), refs[:, mask].ravel()
    bins = x // 8
    order = np.argsort(bins, kind="stable")
    x, y = x[order].astype(float), y[order]
    count = np.bincount(bins, minlength=32)
    edges = np.concatenate([[0], np.cumsum(count)])
    known = [k for k in range(32) if count[k] >= 30]
    if len(known) < 3:
        return np.arange(256, dtype=np.float32)
    at = np.array([x[edges[k] : edges[k + 1]].mean() for k in known])
    to = np.array([np.median(y[edges[k] : edges[k + 1]]) for k in known], float)
    share = count[known] / count[known].sum()
    if (np.abs(to - at) * share).sum() < 1.5:
        return np.arange(256, dtype=np.float32)
    to = np.maximum.accumulate(to)
    low = min(max((to[1] - to[0]) / (at[1] - at[0]), 0.2), 3.0)
    high = min(max((to[-1] - to[-2]) / (at[-1] - at[-2]), 0.2), 3.0)
    all_at = np.concatenate([[at[0] - 300], at, [at[-1] + 300]])
    all_to = np.concatenate([[to[0] - 300 * low], to, [to[-1] + 300 * high]])
    return np.interp(np.arange(256), all_at, all_to).astype(np.float32)


def trust_map(clips: np.ndarray, refs: np.ndarray, tone: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(h, w) float32 0..1: low where matched pairs go on differing, as under a logo, a subtitle or a bar."""
    off: np.ndarray = np.zeros(mask.shape, np.float32)
    for a, b in zip(clips, refs, strict=True):
        off += (detail(tone[a]) - detail(b.astype(np.float32))) ** 2
    off = cv2.blur(off / len(clips), (5, 5))
    usual = float(np.median(off[mask])) + 1.0
    return (1 / (1 + (off / (4 * usual)) ** 2)).astype(np.float32)
