"""The part of the ref that is worked on: where the clip covers it, and a margin, which may lie outside the ref."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MARGIN = 16
"""Pixels around the overlap, at least: a displacement may lead there."""


@dataclass(frozen=True)
class Box:
    """A rectangle on the ref's pixel grid. Top and left are multiples of its unit, and may be negative; so are the sizes."""

    top: int
    left: int
    height: int
    width: int

    def cut(self, whole: Tensor) -> Tensor:
        """That part of a picture (..., H, W); outside it, its border."""
        rows, columns = self._indices(whole.shape[-2], whole.shape[-1], whole)
        return whole[..., rows, :][..., columns]

    def on(self, height: int, width: int, like: Tensor) -> Tensor:
        """(h, w) bool: which pixels of the box are on a ref of this size."""
        rows = torch.arange(self.top, self.top + self.height, device=like.device)
        columns = torch.arange(self.left, self.left + self.width, device=like.device)
        return ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))

    def holds(self, height: int, width: int, like: Tensor) -> Tensor:
        """(height, width) bool: which pixels of a ref of this size are in the box."""
        rows = torch.arange(height, device=like.device) - self.top
        columns = torch.arange(width, device=like.device) - self.left
        return ((rows >= 0) & (rows < self.height))[:, None] & ((columns >= 0) & (columns < self.width))

    def cut_map(self, points: Tensor) -> Tensor:
        """(h, w, 2): that part of a map (H, W, 2); outside it, it goes on straight."""
        height, width = points.shape[:2]
        rows, columns = self._indices(height, width, points)
        beyond_y = torch.arange(self.top, self.top + self.height, device=points.device) - rows
        beyond_x = torch.arange(self.left, self.left + self.width, device=points.device) - columns
        out = points[rows][:, columns]
        slope_y, slope_x = border_slopes(points)
        out = out + beyond_y[:, None, None] * torch.where((beyond_y < 0)[:, None, None], slope_y[0][columns], slope_y[1][columns])
        return out + beyond_x[None, :, None] * torch.where((beyond_x < 0)[None, :, None], slope_x[0][rows][:, None], slope_x[1][rows][:, None])

    def _indices(self, height: int, width: int, like: Tensor) -> tuple[Tensor, Tensor]:
        rows = torch.arange(self.top, self.top + self.height, device=like.device).clamp(0, height - 1)
        columns = torch.arange(self.left, self.left + self.width, device=like.device).clamp(0, width - 1)
        return rows, columns


def border_slopes(points: Tensor) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """Change of a map a pixel at its top and bottom (each (W, 2)) and at its left and right (each (H, 2)), over eight pixels at most.

    A map one pixel high or wide has none; a step there is taken for as long as one the other way, or of one pixel.
    """
    height, width = points.shape[:2]
    a, b = min(8, height - 1), min(8, width - 1)
    down = ((points[a] - points[0]) / a, (points[-1] - points[-1 - a]) / a) if a else None
    across = ((points[:, b] - points[:, 0]) / b, (points[:, -1] - points[:, -1 - b]) / b) if b else None
    if across is None:
        turned = points.new_tensor([[1.0, 0.0]]) if down is None else down[0].flip(-1) * points.new_tensor([1.0, -1.0])
        turned = turned.expand(height, 2)
        across = (turned, turned)
    if down is None:
        turned = (across[0].flip(-1) * points.new_tensor([-1.0, 1.0])).expand(width, 2)
        down = (turned, turned)
    return down, across


def box_around(where: Tensor, unit: int, margin: int = MARGIN) -> Box | None:
    """The box around the pixels that are True in (H, W); None where there are none."""
    rows, columns = where.any(1).nonzero(), where.any(0).nonzero()
    if not len(rows):
        return None
    height, width = where.shape
    top, left = max(int(rows[0]) - margin, -margin) // unit * unit, max(int(columns[0]) - margin, -margin) // unit * unit
    bottom, right = min(int(rows[-1]) + 1 + margin, height + margin), min(int(columns[-1]) + 1 + margin, width + margin)
    return Box(top, left, -(-(bottom - top) // unit) * unit, -(-(right - left) // unit) * unit)
