"""What no frame shows, painted from the picture's own texture.

Every patch that touches the hole looks for a like one among what is known, and the found patches vote for each pixel; coarse to fine
(Wexler, Shechtman & Irani, PAMI 2007). The search is PatchMatch (Barnes et al., SIGGRAPH 2009) on patches reduced to their
lowest frequencies, all pixels of a round at once. Deterministic.
"""

from __future__ import annotations

import cv2
import numpy as np

from .membrane import resized, spread

SIDE = 7
HALF = SIDE // 2
WORK_PX = 192
"""Longer side of what is searched; in larger pictures the texture finer than that is copied from where the search points to."""
ORDERS = ((0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (2, 0), (1, 2), (2, 1), (0, 3), (3, 0))
"""Of the cosine transform: what of a patch is compared, in each channel."""
ROUNDS = 3
COARSEST_PX = 24
LEAST_KNOWN = 64
"""Whole known patches to choose from; with fewer, the membrane alone."""


def _cosine(order: int) -> np.ndarray:
    wave = np.cos(np.pi * order * (2 * np.arange(SIDE) + 1) / (2 * SIDE))
    return wave / np.linalg.norm(wave)


_KERNELS = [np.outer(_cosine(v), _cosine(u)).astype(np.float32) for v, u in ORDERS]


def painted(picture: np.ndarray, look: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """The picture with its hole painted: (H, W, 3) float32, as it was where not.

    picture  (H, W, 3) float32, any range; what it holds in the hole is not looked at
    look     (H, W, 3) uint8: the same as it is seen, by which patches are compared
    hole     (H, W) bool
    """
    h, w = hole.shape
    shrink = min(1.0, WORK_PX / max(h, w))
    size = (max(1, round(w * shrink)), max(1, round(h * shrink)))
    weight = _resized((~hole).astype(np.float32)[..., None], size)
    both = np.concatenate([np.where(hole[..., None], 0, part).astype(np.float32) for part in (look, picture)], -1)
    small_hole = weight[..., 0] < 0.999
    some = weight[..., 0] > 0.05
    small = _resized(both, size) / np.maximum(weight, 1e-6)
    work = np.concatenate([spread(part, some) for part in (small[..., :3], small[..., 3:])], -1)
    if _whole(~small_hole).sum() >= LEAST_KNOWN:
        work, match = _coarse_to_fine(work, small_hole)
        if shrink < 1:
            return np.where(hole[..., None], _enlarged(np.where(hole[..., None], 0, picture), work[..., 3:], match), picture)
    return np.where(hole[..., None], _resized(work[..., 3:], (w, h)), picture)


def _coarse_to_fine(work: np.ndarray, hole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The filled work (h, w, 6), and where each of its pixels was found (h, w, 2) int, row then column."""
    sizes = [hole.shape]
    while min(sizes[-1]) > 2 * COARSEST_PX and _whole(~_shrunk(hole, sizes[-1])).sum() >= LEAST_KNOWN:
        sizes.append((sizes[-1][0] // 2, sizes[-1][1] // 2))
    sizes = [s for s in sizes if _whole(~_shrunk(hole, s)).sum() >= LEAST_KNOWN]
    rng = np.random.default_rng(1)
    match: np.ndarray | None = None
    for k, (h, w) in enumerate(reversed(sizes)):
        level, gap = _resized(work, (w, h)), _shrunk(hole, (h, w))
        if match is not None:
            match = _finer(match, (h, w))
            near = _repaired(match, gap, rng)
            level = _voted(level, gap, near, None)
            match = near
        level, match = _solved(level, gap, match, rng, ROUNDS + (4 if k == 0 else 0))
    assert match is not None
    return level, match


def _solved(level: np.ndarray, hole: np.ndarray, match: np.ndarray | None, rng: np.random.Generator, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Search and vote in turns at one size."""
    if match is None:
        match = _repaired(np.zeros((*hole.shape, 2), int), hole, rng, everywhere=True)
    target = np.argwhere(_touching(hole))
    patches = _described(level)
    for k in range(rounds):
        if k:
            _described_anew(patches, level, hole)
        cost = _search(patches, _whole(~hole), target, match, rng)
        level = _voted(level, hole, match, cost)
    return level, match


def _search(patches: np.ndarray, allowed: np.ndarray, target: np.ndarray, match: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Improve `match` in place at the target pixels; the cost (h, w) float32 of what it holds then."""
    h, w = allowed.shape
    ty, tx = target.T
    own = patches[ty, tx]
    best = match[ty, tx].copy()
    cost = _apart(own, patches[best[:, 0], best[:, 1]])

    def offer(sy: np.ndarray, sx: np.ndarray) -> None:
        ok = (sy >= 0) & (sx >= 0) & (sy < h) & (sx < w)
        ok[ok] &= allowed[sy[ok], sx[ok]]
        new = np.full(len(cost), np.inf, np.float32)
        new[ok] = _apart(own[ok], patches[sy[ok], sx[ok]])
        better = new < cost
        cost[better] = new[better]
        best[better] = np.stack([sy, sx], 1)[better]

    for jump in (4, 2, 1):
        for dy, dx in ((-jump, 0), (jump, 0), (0, -jump), (0, jump)):
            match[ty, tx] = best
            ny, nx = np.clip(ty + dy, 0, h - 1), np.clip(tx + dx, 0, w - 1)
            offer(match[ny, nx, 0] - dy, match[ny, nx, 1] - dx)
    reach = max(h, w)
    while reach >= 1:
        shift = np.rint(rng.uniform(-reach, reach, (len(best), 2))).astype(int)
        offer(best[:, 0] + shift[:, 0], best[:, 1] + shift[:, 1])
        reach //= 2
    match[ty, tx] = best
    out = np.zeros((h, w), np.float32)
    out[ty, tx] = cost
    return out


def _apart(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    off = a - b
    return np.asarray(np.einsum("ij,ij->i", off, off))


def _voted(level: np.ndarray, hole: np.ndarray, match: np.ndarray, cost: np.ndarray | None) -> np.ndarray:
    """Each hole pixel as the mean of what the patches over it say; good matches, and those nearer the edge of the hole, count for more."""
    h, w = hole.shape
    target = np.argwhere(_touching(hole))
    ty, tx = target.T
    depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3)[ty, tx]
    weight = np.power(1.25, -np.minimum(depth, 40))
    if cost is not None:
        mine = cost[ty, tx]
        weight = weight * np.exp(-mine / (2 * max(float(np.percentile(mine, 75)), 1e-3)))
    sy, sx = match[ty, tx].T
    index_at, values_at, weights_at = [], [], []
    for dy in range(-HALF, HALF + 1):
        for dx in range(-HALF, HALF + 1):
            y, x = ty + dy, tx + dx
            ok = (y >= 0) & (x >= 0) & (y < h) & (x < w)
            ok[ok] &= hole[y[ok], x[ok]]
            index_at.append(y[ok] * w + x[ok])
            values_at.append(level[np.clip(sy[ok] + dy, 0, h - 1), np.clip(sx[ok] + dx, 0, w - 1)])
            weights_at.append(weight[ok])
    index, values, weights = np.concatenate(index_at), np.concatenate(values_at), np.concatenate(weights_at)
    total = np.bincount(index, weights, h * w)
    out = level.copy()
    rows = np.flatnonzero(total > 0)
    for c in range(level.shape[2]):
        out.reshape(-1, level.shape[2])[rows, c] = np.bincount(index, weights * values[:, c], h * w)[rows] / total[rows]
    return out


def _described(level: np.ndarray) -> np.ndarray:
    """Every pixel's patch by its lowest frequencies: (h, w, components) float32. A filter a component, so that no patch is ever cut out."""
    channels = [np.ascontiguousarray(level[..., c]) for c in range(3)]
    found = [cv2.filter2D(channel, -1, kernel, borderType=cv2.BORDER_REFLECT_101) for kernel in _KERNELS for channel in channels]
    return np.stack(found, -1)


def _described_anew(patches: np.ndarray, level: np.ndarray, hole: np.ndarray) -> None:
    """The descriptions that touch the hole, after a vote."""
    x, y, w, h = cv2.boundingRect(_touching(hole).astype(np.uint8))
    wide = np.s_[max(0, y - SIDE) : y + h + SIDE, max(0, x - SIDE) : x + w + SIDE]
    found = _described(level[wide])
    y0, x0 = y - max(0, y - SIDE), x - max(0, x - SIDE)
    patches[y : y + h, x : x + w] = found[y0 : y0 + h, x0 : x0 + w]


def _finer(match: np.ndarray, size_hw: tuple[int, int]) -> np.ndarray:
    """A match for a picture of another size: the same places, and each pixel's own part of them."""
    h, w = match.shape[:2]
    y, x = np.arange(size_hw[0]), np.arange(size_hw[1])
    fy, fx = size_hw[0] / h, size_hw[1] / w
    oy, ox = np.minimum((y / fy).astype(int), h - 1), np.minimum((x / fx).astype(int), w - 1)
    shift = match - np.stack(np.meshgrid(np.arange(h), np.arange(w), indexing="ij"), -1)
    moved = np.rint(shift[oy][:, ox] * [fy, fx]).astype(int)
    return np.clip(moved + np.stack(np.meshgrid(y, x, indexing="ij"), -1), 0, [size_hw[0] - 1, size_hw[1] - 1])


def _repaired(match: np.ndarray, hole: np.ndarray, rng: np.random.Generator, everywhere: bool = False) -> np.ndarray:
    """Matches that point where a patch is not wholly known are thrown anew; what no patch of the hole touches is its own match."""
    allowed = _whole(~hole)
    near = _touching(hole)
    out = np.stack(np.meshgrid(*(np.arange(side) for side in hole.shape), indexing="ij"), -1)
    out[near] = match[near]
    wrong = near & (~allowed[out[..., 0], out[..., 1]] | everywhere)
    places = np.argwhere(allowed)
    out[wrong] = places[rng.integers(0, len(places), int(wrong.sum()))]
    return out


def _enlarged(picture: np.ndarray, found: np.ndarray, match: np.ndarray) -> np.ndarray:
    """The fill at full size: its broad forms as they were voted, and the fine texture of the places that they come from."""
    h, w = picture.shape[:2]
    size = (found.shape[1], found.shape[0])
    broad = _resized(found, (w, h))
    fine = picture - _resized(_resized(picture, size), (w, h))
    at = _finer(match, (h, w))
    return np.asarray(broad + fine[at[..., 0], at[..., 1]], np.float32)


def _whole(known: np.ndarray) -> np.ndarray:
    """(h, w) bool: pixels whose patch is known and inside."""
    inside = cv2.erode(known.astype(np.uint8), np.ones((SIDE, SIDE), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(inside > 0)


def _touching(hole: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.dilate(hole.astype(np.uint8), np.ones((SIDE, SIDE), np.uint8)) > 0)


def _shrunk(hole: np.ndarray, size_hw: tuple[int, int]) -> np.ndarray:
    return np.asarray(cv2.resize(hole.astype(np.float32), size_hw[::-1], interpolation=cv2.INTER_AREA) > 0.02)


def _resized(values: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    return resized(values, size_wh, cv2.INTER_AREA if size_wh[0] < values.shape[1] else cv2.INTER_CUBIC)
