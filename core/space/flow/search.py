"""Large displacements: every cell of a small picture is compared at every place around it.

Normalised correlation of windows over all whole-pixel displacements within reach, helped by how well each displacement suits the whole
picture; where a cell's best place stands out, it is believed, and the mesh's stiffness fills the rest.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .data_term import Scene
from .solve import Stiffness, step

LEAST_SCORE = 0.35
WHOLE = 0.7
"""What the whole picture's score of a displacement counts beside a cell's own."""
SOLVER_ROUNDS = 60


def search(scene: Scene, reach: int) -> Tensor:
    """(1, 2, h, w) mesh of a coarse level: displacements of up to `reach` of its pixels each way."""
    cell, (height, width) = scene.cell, scene.fixed.shape[-2:]
    fixed, moving = scene.fixed.float(), scene.moving.float()
    h, w = height // cell, width // cell
    best = fixed.new_full((h, w), -2.0)
    where = fixed.new_zeros((2, h, w))
    padded = F.pad(moving, (reach,) * 4)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            there = padded[..., reach + dy : reach + dy + height, reach + dx : reach + dx + width]
            score = alike(fixed, there, cell)
            better = score > best
            best = torch.where(better, score, best)
            where = torch.where(better, where.new_tensor([dx, dy]).view(2, 1, 1), where)
    return smoothed(where[None], best)


def alike(fixed: Tensor, there: Tensor, cell: int) -> Tensor:
    """(h, w): correlation of the windows around each cell, and the whole picture's."""
    both = fixed[:, 1:] * there[:, 1:]
    f, t = fixed[:, :1] * both, there[:, :1] * both
    sums = F.avg_pool2d(torch.cat([f * t, f * f, t * t, both], 1), cell)
    total = sums.mean((2, 3))[0]
    around = F.avg_pool2d(sums, 5, 1, 2, count_include_pad=True)[0]
    own = around[0] / ((around[1] + 0.02) * (around[2] + 0.02)).sqrt()
    whole = total[0] / ((total[1] + 1e-6) * (total[2] + 1e-6)).sqrt()
    return torch.where(around[3] > 0.3, own, own.new_tensor(-1.0)) + WHOLE * whole * total[3].sqrt()


def smoothed(where: Tensor, score: Tensor) -> Tensor:
    """The believed displacements, medians of their neighbours, with the rest filled in."""
    sure = (score > LEAST_SCORE).float()[None, None]
    p = F.pad(where, (1, 1, 1, 1), mode="replicate")
    h, w = where.shape[-2:]
    median = torch.stack([p[..., i : i + h, j : j + w] for i in range(3) for j in range(3)]).median(0).values
    agrees = ((median - where).abs().amax(1, keepdim=True) <= 1.5).float()
    weight = sure * agrees
    if not float(weight.sum()):
        return torch.zeros_like(where)
    matrix = torch.cat([weight, torch.zeros_like(weight), weight], 1)
    return step(matrix, weight * where, torch.zeros_like(where), Stiffness(0.05, 0.2, 1e3), SOLVER_ROUNDS)
