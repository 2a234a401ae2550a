"""Comparable vectors of frames: what a framing says both pictures share, sampled on one grid.

A framing (clip_to_ref) makes an upright box in the ref that both show. Both sides are sampled there on the same grid, so rows of
the two arrays can be compared by a dot product. Coarse vectors keep local contrast alone (a grade, a logo or a fade changes them
little); they propose. Exact comparison (compare.py) disposes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..space.geometry import apply, corners, resize_matrix
from .analysis import Analysis
from .packed import Packed

BLOCK = 128
MIN_BOX = 8.0


@dataclass(frozen=True)
class Grid:
    """A sampling grid over what both pictures share."""

    wh: tuple[int, int]
    grid_to_ref: np.ndarray
    """3x3, grid pixel -> ref pixel."""
    grid_to_clip: np.ndarray
    mask: np.ndarray
    """(h, w) bool: where both pictures have something."""


def shared_grid(
    clip_to_ref: np.ndarray, clip_wh: tuple[int, int], ref_wh: tuple[int, int], area: int, thumb_wh: tuple[int, int] | None = None
) -> Grid | None:
    """The grid for one framing, of about `area` pixels; None where the two share almost nothing.

    thumb_wh  size of the ref's thumbs: where the two share the whole ref, the grid is a whole divisor of it, which is drawn faster
    """
    outline = apply(clip_to_ref, corners(clip_wh))
    lo = np.maximum(outline.min(0), -0.5)
    hi = np.minimum(outline.max(0), np.array(ref_wh) - 0.5)
    box = hi - lo
    if not np.isfinite(box).all() or (box < MIN_BOX).any():
        return None
    scale = np.sqrt(area / (box[0] * box[1]))
    wh = (max(4, round(box[0] * scale)), max(4, round(box[1] * scale)))
    if thumb_wh is not None and (np.abs(lo + 0.5) < 0.01 * box).all() and (np.abs(box - ref_wh) < 0.01 * box).all():
        lo, box = np.array([-0.5, -0.5]), np.array(ref_wh, float)
        k = max(1, round(float(np.sqrt(thumb_wh[0] * thumb_wh[1] / area))))
        wh = (max(4, thumb_wh[0] // k), max(4, thumb_wh[1] // k))
    to_ref = np.array([[1, 0, lo[0] + 0.5], [0, 1, lo[1] + 0.5], [0, 0, 1.0]]) @ resize_matrix(wh, (box[0], box[1]))
    to_clip = np.linalg.inv(clip_to_ref) @ to_ref
    x, y = np.meshgrid(np.arange(wh[0]), np.arange(wh[1]))
    at = apply(to_clip, np.stack([x.ravel(), y.ravel()], 1).astype(float))
    inside = (at >= -0.5).all(1) & (at <= np.array(clip_wh) - 0.5).all(1)
    mask = inside.reshape(wh[1], wh[0])
    return Grid(wh, to_ref, to_clip, mask) if mask.sum() >= 0.2 * mask.size else None


class Sampler:
    """Draws the thumbs of one file on a grid."""

    def __init__(self, analysis: Analysis, grid_to_full: np.ndarray, wh: tuple[int, int]) -> None:
        media = analysis.media
        self.analysis = analysis
        self.wh = wh
        full = (media.width, media.height)
        to_thumb = resize_matrix(full, analysis.thumb_wh) @ grid_to_full
        step = np.sqrt(abs(np.linalg.det(to_thumb[:2, :2])))
        shrink = max(1.0, step)
        tw, th = analysis.thumb_wh
        self.small_wh = (max(2, round(tw / shrink)), max(2, round(th / shrink)))
        self.matrix = resize_matrix(analysis.thumb_wh, self.small_wh) @ to_thumb
        near = np.abs(self.matrix / self.matrix[2, 2] - np.eye(3))
        self.plain = self.small_wh == wh and near[:2, :2].max() < 2e-3 and near[:2, 2].max() < 0.02 and near[2, :2].max() < 1e-6

    def draw(self, thumb: np.ndarray) -> np.ndarray:
        """(h, w) uint8 picture of a thumb on the grid; pixels outside repeat the edge."""
        if self.small_wh != self.analysis.thumb_wh:
            thumb = cv2.resize(thumb, self.small_wh, interpolation=cv2.INTER_AREA)
        if self.plain:
            return thumb
        return cv2.warpPerspective(thumb, self.matrix, self.wh, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE)

    def block(self, first: int, count: int, step: int = 1) -> np.ndarray:
        """Pictures of several frames: (count, h, w) uint8."""
        return np.stack([self.draw(thumb) for thumb in self.analysis.thumbs(first, count, step)])


def contrast(picture: np.ndarray, mask: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, float]:
    """Local contrast of a small picture as a unit vector, and its texture (mean local deviation, grey levels)."""
    x = picture.astype(np.float32)
    k = max(3, int(min(picture.shape) // 3) | 1)
    mean = cv2.blur(x, (k, k))
    x -= mean
    deviation = cv2.sqrt(cv2.blur(x * x, (k, k)))
    texture = float(deviation[mask].mean())
    x /= deviation + np.float32(3.0)
    x = np.clip(x, -2.5, 2.5, out=x) * weight
    x -= (x.sum() / max(1, weight.sum())) * weight
    norm = float(np.sqrt((x * x).sum()))
    return (x / norm if norm > 1e-6 else x).ravel(), texture


def coarse_vectors(
    sampler: Sampler, mask: np.ndarray, step: int, wanted: np.ndarray | None = None, packed: bool = False
) -> tuple[np.ndarray | Packed, np.ndarray]:
    """Unit vectors (N, D) float32 and textures (N,) of every step-th frame.

    wanted  (frames,) bool: the frames that matter; the others' vectors stay 0, at no cost
    packed  whether there are so many that they are kept in bytes
    """
    n = -(-sampler.analysis.frames // step)
    weight = mask.astype(np.float32)
    vectors = Packed(n, mask.size) if packed else np.zeros((n, mask.size), np.float32)
    texture = np.zeros(n, np.float32)
    for a in range(0, n, BLOCK):
        count = min(BLOCK, n - a)
        use = np.ones(count, bool) if wanted is None else wanted[a * step : (a + count) * step : step]
        if not use.any():
            continue
        for k, thumb in enumerate(sampler.analysis.thumbs(a * step, count, step)):
            if use[k]:
                vectors[a + k], texture[a + k] = contrast(sampler.draw(thumb), mask, weight)
    return vectors, texture
