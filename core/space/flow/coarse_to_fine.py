"""From the coarsest level to the finest: at each, pictures and stiffness settle the mesh (Gauss-Newton)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from .data_term import Pull, Scene, pull
from .plan import Plan
from .sampling import binomial, spread
from .solve import Stiffness, step
from .sums import total

ALIKE_PX = 6.0
"""Pixels whose differences say the same thing once: detail is smooth, and compression's errors are."""
LEAST_VARIANCE = 1e-4
LEAST_LIMIT = 0.1
LIMIT_SIGMAS = 2.5
LEAST_PLATE = 2.0
UNLIKE, ALIKE = 0.3, 0.7
"""Mean weight of a cell's pixels that counts nothing, and all."""


@dataclass(frozen=True)
class Settled:
    """A mesh, and what it was settled by."""

    mesh: Tensor
    """(1, 2, h, w), pixels of its level."""
    pull: Pull
    """Of the last round, before its step."""
    trust: Tensor
    """Scalar: what to multiply the pull's matrix by to have one over the variance of a cell's displacement."""


def settle(scene: Scene, mesh: Tensor, plan: Plan, stiffness: Stiffness, rounds: int, held: Tensor | None = None) -> Settled:
    """Go over a level.

    held  (1, 2, h, w): the displacement that the moving picture is drawn by already
    """
    limit = torch.ones((), device=mesh.device)
    for _ in range(rounds):
        found = pull(scene, mesh if held is None else mesh - held, limit)
        variance = total(found.difference) / (total(found.weight) + 1e-6) + LEAST_VARIANCE
        trust = scene.cell**2 / ALIKE_PX / variance
        heard = trust * likeness(scene, found)
        mesh = mesh + step(found.matrix * heard, found.vector * heard, mesh, stiffness, plan.solver_rounds)
        limit = (LIMIT_SIGMAS * variance.sqrt()).clamp(min=LEAST_LIMIT)
    return Settled(mesh, found, trust)


def likeness(scene: Scene, found: Pull) -> Tensor:
    """(1, 1, h, w), 0 to 1: from the weights that the differences left to the pixels around a cell that may be looked at.

    Where most are far off, the two show different things, and what slopes there are say nothing.
    """
    seen = F.avg_pool2d(scene.fixed[:, 1:].float(), scene.cell)
    share = binomial(found.weight) / (binomial(seen) + 1e-6)
    return ((share - UNLIKE) / (ALIKE - UNLIKE)).clamp(0, 1) * (seen > 0)


def stiffness_at(plan: Plan, level: int) -> Stiffness:
    """The same plate, in the pixels and cells of a level: bends between its cells are larger by two a level."""
    own = plan.stiffness
    return Stiffness(own.membrane, max(own.plate / 4.0**level, LEAST_PLATE), own.yield_px * 2.0**level)


def descend(scenes: list[Scene], mesh: Tensor, plan: Plan) -> Tensor:
    """Settle every level but the finest, from the coarsest on; the mesh of the last of them.

    scenes  from level plan.finest + 1 up
    mesh    of the coarsest, to begin with
    """
    for at in range(len(scenes) - 1, -1, -1):
        mesh = fitted(mesh, scenes[at]) if at < len(scenes) - 1 else mesh
        mesh = settle(scenes[at], mesh, plan, stiffness_at(plan, plan.finest + 1 + at), plan.coarse_rounds).mesh
    return mesh


def fitted(mesh: Tensor, scene: Scene) -> Tensor:
    """A mesh of the next coarser level, on a scene's cells and in its pixels."""
    h, w = (side // scene.cell for side in scene.fixed.shape[-2:])
    return spread(mesh, 2)[..., :h, :w] * 2
