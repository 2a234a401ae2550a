"""How the pictures pull at the mesh: normal equations of brightness constancy, gathered over each cell of the mesh.

Lucas & Kanade (1981) with the mean of both pictures' gradients (second order in the step; Benhimane & Malis 2004) and Cauchy weights, so
that what one picture alone shows pulls little. Worked out tile by tile: each cell is a sum over its own pixels, so tiles change nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional as F

from .sampling import pixel_points, sample, spread

ALL_SEEN = 0.99
"""Between pixels of which one may not be looked at, this falls short."""


@dataclass(frozen=True)
class Scene:
    """Two pictures on one grid, at one level of the pyramid."""

    fixed: Tensor
    """(1, 2, H, W): detail of the ref; and 1 where it may be looked at, else 0."""
    moving: Tensor
    """(1, 2, H, W): likewise of the clip, drawn by the start."""
    cell: int
    """Pixels a side of a cell of the mesh; H and W are multiples of it."""
    tile: int = 0

    def blocks(self) -> Iterator[tuple[int, int, int, int]]:
        """top, bottom, left, right of what is worked on at once: multiples of the cell."""
        height, width = self.fixed.shape[-2:]
        step = max(self.tile // self.cell * self.cell, self.cell) if self.tile else max(height, width)
        for top in range(0, height, step):
            for left in range(0, width, step):
                yield top, min(top + step, height), left, min(left + step, width)


@dataclass(frozen=True)
class Pull:
    """Means over each cell, each (1, 1, h, w) or (1, 2, h, w)."""

    matrix: Tensor
    """(1, 3, h, w): xx, xy, yy of the weighted squared gradient."""
    vector: Tensor
    """(1, 2, h, w): weighted gradient times difference."""
    weight: Tensor
    """(1, 1, h, w): mean weight."""
    difference: Tensor
    """(1, 1, h, w): weighted squared difference."""


def pull(scene: Scene, mesh: Tensor, limit: Tensor) -> Pull:
    """The pull at a displacement.

    mesh   (1, 2, h, w): x and y to add to a pixel of the fixed picture to find it in the moving one, a value in each cell's middle
    limit  difference beyond which a pixel's weight falls, in units of detail
    """
    h, w = mesh.shape[-2:]
    out = mesh.new_empty((1, 7, h, w))
    single = replace(scene, moving=scene.moving.float())
    for top, bottom, left, right in scene.blocks():
        cells = gathered(single, mesh, limit, top, bottom, left, right)
        out[..., top // scene.cell : bottom // scene.cell, left // scene.cell : right // scene.cell] = cells
    return Pull(out[:, :3], out[:, 3:5], out[:, 5:6], out[:, 6:7])


def gathered(scene: Scene, mesh: Tensor, limit: Tensor, top: int, bottom: int, left: int, right: int) -> Tensor:
    """(1, 7, h, w) of one block: the parts of Pull, in its order."""
    fixed, warped = drawn(scene, mesh, top, bottom, left, right)
    both = fixed[:, :1] + warped[:, :1]
    gx = (both[..., 1:-1, 2:] - both[..., 1:-1, :-2]) * 0.25
    gy = (both[..., 2:, 1:-1] - both[..., :-2, 1:-1]) * 0.25
    fixed, warped = fixed[..., 1:-1, 1:-1], warped[..., 1:-1, 1:-1]
    off = fixed[:, :1] - warped[:, :1]
    weight = fixed[:, 1:] * (warped[:, 1:] > ALL_SEEN) / (1 + (off / limit) ** 2)
    wx, wy, wo = weight * gx, weight * gy, weight * off
    parts = torch.cat([wx * gx, wx * gy, wy * gy, wx * off, wy * off, weight, wo * off], 1)
    return F.avg_pool2d(parts, scene.cell) if scene.cell > 1 else parts


def drawn(scene: Scene, mesh: Tensor, top: int, bottom: int, left: int, right: int) -> tuple[Tensor, Tensor]:
    """The fixed picture and the moved one over a block and one pixel around it (at the picture's border: again the border)."""
    height, width = scene.fixed.shape[-2:]
    y0, y1, x0, x1 = max(top - 1, 0), min(bottom + 1, height), max(left - 1, 0), min(right + 1, width)
    points = pixel_points(y1 - y0, x1 - x0, mesh, y0, x0) + displacement(mesh, scene.cell, y0, y1, x0, x1)
    warped = sample(scene.moving, points)
    fixed = scene.fixed[..., y0:y1, x0:x1].float()
    edge = (x0 - left + 1, right + 1 - x1, y0 - top + 1, bottom + 1 - y1)
    if any(edge):
        warped, fixed = F.pad(warped, edge, mode="replicate"), F.pad(fixed, edge, mode="replicate")
    return fixed, warped


def displacement(mesh: Tensor, cell: int, top: int, bottom: int, left: int, right: int) -> Tensor:
    """(bottom - top, right - left, 2): the mesh at each pixel of a block; linear between the cells' middles, and on to the border."""
    h, w = mesh.shape[-2:]
    i0, i1 = max(top // cell - 2, 0), min((bottom - 1) // cell + 3, h)
    j0, j1 = max(left // cell - 2, 0), min((right - 1) // cell + 3, w)
    full = spread(mesh[..., i0:i1, j0:j1], cell)
    return full[0, :, top - i0 * cell : bottom - i0 * cell, left - j0 * cell : right - j0 * cell].permute(1, 2, 0)

