"""How sure the flow is, cell by cell: is there something to see, does it look alike, and does the way back lead back."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .coarse_to_fine import Settled, likeness, settle, stiffness_at
from .data_term import Scene
from .plan import Plan
from .sampling import binomial, pixel_points, sample, spread

SURE_PX = 0.3
"""Ref pixels: with a standard deviation of this, a cell's displacement counts half."""
BACK_PX = 0.5
"""Ref pixels that way there and back may miss by, as a standard deviation."""
BACK_ROUNDS = 3
AROUND = 10.0
"""Cells that a mean by two binomials is counted for: the mesh is stiff, and a cell leans on its neighbours. Fewer than they are, since
at the rim of what can be seen they lend certainty to cells that have none of their own."""


def confidence_of(last: Scene, coarser: Scene | None, settled: Settled, held: Tensor, sure: Tensor, plan: Plan) -> Tensor:
    """(1, 1, h, w), 0 to 1, on the finest mesh.

    last     the finest level, its moving picture drawn by the displacement `held`
    coarser  the level above it, drawn by the start; None where there is none
    sure     as certainty() gives it
    """
    if coarser is None:
        good = return_trip(last, settled.mesh - held, plan, plan.finest)
    else:
        h, w = (side // coarser.cell for side in coarser.fixed.shape[-2:])
        good = return_trip(coarser, coarser_mesh(settled.mesh, h, w), plan, plan.finest + 1)
        good = spread(good, 2)[..., : settled.mesh.shape[-2], : settled.mesh.shape[-1]].clamp(0, 1)
    return sure / (sure + 1 / SURE_PX**2) * likeness(last, settled.pull) * good


def certainty(settled: Settled, plan: Plan) -> Tensor:
    """(1, 1, h, w): one over the variance, in ref pixels, of a cell's displacement in its weakest direction, as the pictures around it tell it."""
    xx, xy, yy = (binomial(binomial(settled.pull.matrix)) * settled.trust).unbind(1)
    weakest = (xx + yy) / 2 - ((xx - yy) ** 2 / 4 + xy * xy).sqrt()
    return weakest.clamp(min=0)[:, None] * AROUND / 4.0**plan.finest


def return_trip(scene: Scene, mesh: Tensor, plan: Plan, level: int) -> Tensor:
    """From how far the flow back, found for itself, misses the point that one came from."""
    back = Scene(scene.moving, scene.fixed, scene.cell, scene.tile)
    found = settle(back, -mesh, plan, stiffness_at(plan, level), BACK_ROUNDS).mesh
    points = pixel_points(mesh.shape[-2], mesh.shape[-1], mesh) + mesh[0].permute(1, 2, 0) / scene.cell
    miss = (mesh + sample(found, points)) * 2.0**level
    return torch.exp(-(miss * miss).sum(1, keepdim=True) / (2 * BACK_PX**2))


def coarser_mesh(mesh: Tensor, h: int, w: int) -> Tensor:
    """The mesh of the next level, in its pixels."""
    pad = (0, 2 * w - mesh.shape[-1], 0, 2 * h - mesh.shape[-2])
    return F.avg_pool2d(F.pad(mesh, pad, mode="replicate"), 2) / 2
