"""The clip, drawn on the ref's grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .levels import Side
from .sampling import halved, sample, sample_cubic

EVERY = 4
"""Pixels from one whose spacing is looked at to the next: a map is smooth."""
COARSER = 1.5
"""Clip pixels from one point to the next up to which the clip is drawn as it is."""


def inside(points: Tensor, height: int, width: int) -> Tensor:
    """(H, W) bool: whether points (H, W, 2) lie on a picture of this size, by the outer edges of its pixels."""
    x, y = points[..., 0], points[..., 1]
    return (x >= -0.5) & (x <= width - 0.5) & (y >= -0.5) & (y <= height - 0.5)


def slopes(points: Tensor) -> tuple[Tensor, Tensor]:
    """Change of a map (H, W, 2) from one pixel to the next, across and down, each (H, W, 2): central differences, at the border one-sided.

    A map one pixel high or wide has no change that way.
    """
    return _along(points, 1), _along(points, 0)


def _along(points: Tensor, axis: int) -> Tensor:
    n = points.shape[axis]
    out = torch.zeros_like(points)
    if n > 1:
        at = points.narrow
        out.narrow(axis, 0, 1).copy_(at(axis, 1, 1) - at(axis, 0, 1))
        out.narrow(axis, n - 1, 1).copy_(at(axis, n - 1, 1) - at(axis, n - 2, 1))
    if n > 2:
        out.narrow(axis, 1, n - 2).copy_((at(axis, 2, n - 2) - at(axis, 0, n - 2)) * 0.5)
    return out


def moved(points: Tensor, displacement: Tensor) -> Tensor:
    """A map (H, W, 2), each pixel moved by a displacement (H, W, 2) in pixels of the map's own grid: to first order, exact where it is affine."""
    across, down = slopes(points)
    return points + across * displacement[..., :1] + down * displacement[..., 1:]


def moved_rows(points: Tensor, displacement: Tensor, rows: slice) -> Tensor:
    """moved() of some rows of a map; the displacement is those rows' own."""
    a, b = max(rows.start - 1, 0), min(rows.stop + 1, points.shape[0])
    across, down = slopes(points[a:b])
    part = slice(rows.start - a, rows.stop - a)
    return points[rows] + across[part] * displacement[..., :1] + down[part] * displacement[..., 1:]


def spacing_of(points: Tensor, where: Tensor) -> float:
    """Clip pixels from one point of a map (H, W, 2) to the next: the median, where (H, W) bool is True, of the area's square root."""
    if min(points.shape[:2]) < 2:
        return 1.0
    some = slice(0, -1, EVERY if min(points.shape[:2]) > 8 * EVERY else 1)
    here, where = points[:-1, :-1][some, some], where[:-1, :-1][some, some]
    across = (points[:-1, 1:][some, some] - here)[where]
    down = (points[1:, :-1][some, some] - here)[where]
    area = (across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]).abs()
    return float(area.median().sqrt()) if len(area) else 1.0


def coarse_enough(clip: Tensor, spacing: float) -> tuple[Tensor, float]:
    """The clip (1, C, h, w), halved until points `spacing` clip pixels apart are neighbours; and by how much it was made smaller."""
    factor = 1.0
    while spacing > COARSER * factor and min(clip.shape[-2:]) >= 4:
        odd = (0, clip.shape[-1] % 2, 0, clip.shape[-2] % 2)
        clip = halved(F.pad(clip, odd, mode="replicate") if any(odd) else clip)
        factor *= 2
    return clip, factor


@dataclass(frozen=True)
class Drawer:
    """Draws the clip at points."""

    clip: Tensor
    """(1, 1, h, w) luma, made smaller by `factor`."""
    factor: float
    hidden: Tensor | None
    """(1, 1, h, w): 1 where the clip is not to be looked at, or None."""
    full_hw: tuple[int, int]
    rows: int
    """Worked on at once; 0 is all."""

    @classmethod
    def of(cls, luma: Tensor, clip_mask: np.ndarray | None, spacing: float, rows: int) -> Drawer:
        """spacing: clip pixels from one point that is going to be asked for to the next."""
        clip, factor = coarse_enough(luma, spacing)
        hidden = None
        if clip_mask is not None:
            hidden, _ = coarse_enough(torch.from_numpy(clip_mask).to(luma.device).float()[None, None], spacing)
        return cls(clip, factor, hidden, (luma.shape[-2], luma.shape[-1]), rows)

    def at(self, points: Tensor, rough: bool = False) -> Side:
        """The clip at points (H, W, 2) in its full-size pixels, bicubic; what lies outside it or under its mask is not seen.

        rough  linear, a fifth of the work: for what is going to be made smaller
        """
        height = points.shape[0]
        step = self.rows or height
        bands = [self._band(points[top : top + step], rough) for top in range(0, height, step)]
        return bands[0] if len(bands) == 1 else Side(torch.cat([b.luma for b in bands], -2), torch.cat([b.seen for b in bands], -2))

    def _band(self, points: Tensor, rough: bool) -> Side:
        there = (points + 0.5) / self.factor - 0.5
        seen = inside(points, *self.full_hw)[None, None].float()
        if self.hidden is not None:
            seen = seen * (sample(self.hidden, there) < 0.01)
        return Side((sample if rough else sample_cubic)(self.clip, there), seen)
