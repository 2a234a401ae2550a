"""The mesh that the pulls and its own stiffness agree on.

Minimises, over a step s added to the mesh m,

    sum of (pull of the pictures on s)  +  plate |second differences of m + s|^2  +  membrane |first differences of m + s|^2

A plate goes on straight where nothing pulls (masked, flat, hidden), a membrane keeps it from running away over long stretches. Solved by
conjugate gradients (Hestenes & Stiefel 1952) with a preconditioner of all scales; no inner sum leaves the device.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from .sampling import binomial, halved
from .sums import total

MOST_LEVELS = 6
HELD = 4.0
"""Pull of the pictures on a cell, in one over square pixels, at which its bend counts half."""


@dataclass(frozen=True)
class Stiffness:
    """How the mesh resists, between neighbouring cells."""

    membrane: float
    plate: float
    yield_px: float
    """Bend, in second differences between cells, from which on the plate gives way."""


def ease(mesh: Tensor, matrix: Tensor, yield_px: float) -> Tensor:
    """(1, 1, h, w), 1 to near 0: how much of the plate's stiffness is left where the mesh is bent already (Charbonnier's penalty, lagged).

    Only where the pictures pull (matrix as in step()): what nothing holds has no reason to bend.
    """
    p = F.pad(mesh, (1, 1, 1, 1), mode="replicate")
    xx = p[..., 1:-1, 2:] + p[..., 1:-1, :-2] - 2 * mesh
    yy = p[..., 2:, 1:-1] + p[..., :-2, 1:-1] - 2 * mesh
    xx[..., 0], xx[..., -1], yy[..., 0, :], yy[..., -1, :] = 0, 0, 0, 0
    xy = (p[..., 2:, 2:] + p[..., :-2, :-2] - p[..., 2:, :-2] - p[..., :-2, 2:]) * 0.25
    xy[..., 0], xy[..., -1], xy[..., 0, :], xy[..., -1, :] = 0, 0, 0, 0
    held = matrix[:, :1] + matrix[:, 2:]
    bend = binomial((xx * xx + yy * yy + 2 * xy * xy).sum(1, keepdim=True) * (held / (held + HELD)))
    return 1 / (1 + bend / yield_px**2).sqrt()


def stiff(mesh: Tensor, stiffness: Stiffness, left: Tensor) -> Tensor:
    """The gradient (half) of the stiffness' energy at a mesh (1, C, h, w); zero on a constant, and within the plate on any slope."""
    out = torch.zeros_like(mesh)
    h, w = mesh.shape[-2:]
    if w > 1:
        d = (mesh[..., 1:] - mesh[..., :-1]) * stiffness.membrane
        out[..., 1:] += d
        out[..., :-1] -= d
    if h > 1:
        d = (mesh[..., 1:, :] - mesh[..., :-1, :]) * stiffness.membrane
        out[..., 1:, :] += d
        out[..., :-1, :] -= d
    if w > 2:
        s = F.pad((mesh[..., 2:] + mesh[..., :-2] - 2 * mesh[..., 1:-1]) * left[..., 1:-1], (2, 2))
        out += s[..., 2:] + s[..., :-2] - 2 * s[..., 1:-1]
    if h > 2:
        s = F.pad((mesh[..., 2:, :] + mesh[..., :-2, :] - 2 * mesh[..., 1:-1, :]) * left[..., 1:-1, :], (0, 0, 2, 2))
        out += s[..., 2:, :] + s[..., :-2, :] - 2 * s[..., 1:-1, :]
    if w > 1 and h > 1:
        t = (mesh[..., 1:, 1:] - mesh[..., 1:, :-1] - mesh[..., :-1, 1:] + mesh[..., :-1, :-1]) * (2 * left[..., 1:, 1:])
        out[..., 1:, 1:] += t
        out[..., :-1, :-1] += t
        out[..., 1:, :-1] -= t
        out[..., :-1, 1:] -= t
    return out


def times(matrix: Tensor, v: Tensor) -> Tensor:
    """(1, 2, h, w): symmetric 2 x 2 blocks (xx, xy, yy) times vectors."""
    xx, xy, yy = matrix.unbind(1)
    x, y = v.unbind(1)
    return torch.stack([xx * x + xy * y, xy * x + yy * y], 1)


def inverse(matrix: Tensor) -> Tensor:
    """Inverse of symmetric 2 x 2 blocks (xx, xy, yy) that are positive."""
    xx, xy, yy = matrix.unbind(1)
    over = 1 / (xx * yy - xy * xy)
    return torch.stack([yy * over, -xy * over, xx * over], 1)


def step(matrix: Tensor, vector: Tensor, mesh: Tensor, stiffness: Stiffness, rounds: int) -> Tensor:
    """The step to add to the mesh.

    matrix  (1, 3, h, w), vector (1, 2, h, w): the pull of the pictures, matrix * step = vector, in units of one over the variance
    rounds  of conjugate gradients
    """
    left = stiffness.plate * ease(mesh, matrix, stiffness.yield_px)
    blocks = inverse_blocks(matrix, left, stiffness)
    x = torch.zeros_like(mesh)
    residual = vector - stiff(mesh, stiffness, left)
    z = preconditioned(blocks, residual)
    direction, rho = z, total(residual * z)
    for left_over in range(rounds - 1, -1, -1):
        image = times(matrix, direction) + stiff(direction, stiffness, left)
        a = rho / (total(direction * image) + 1e-20)
        x = x + a * direction
        if not left_over:
            break
        residual = residual - a * image
        z = preconditioned(blocks, residual)
        new = total(residual * z)
        direction = z + (new / (rho + 1e-20)) * direction
        rho = new
    return x


def inverse_blocks(matrix: Tensor, left: Tensor, stiffness: Stiffness) -> list[Tensor]:
    """Of each coarsening of the mesh, from fine to coarse: the inverse of what one of its cells, moved alone, is held by."""
    eye = matrix.new_tensor([1.0, 0.0, 1.0]).view(1, 3, 1, 1)
    out = []
    for level in range(MOST_LEVELS):
        out.append(inverse(matrix + (4 * stiffness.membrane + 20 * left / 4.0**level + 1e-9) * eye))
        if min(matrix.shape[-2:]) < 4:
            break
        matrix, left = 4 * halved(_even(matrix)), halved(_even(left))
    return out


def preconditioned(blocks: list[Tensor], residual: Tensor) -> Tensor:
    """About the step that a residual asks for: the sum of every coarsening's own answer (Bramble, Pasciak & Xu 1990)."""
    levels = [residual]
    for _ in blocks[1:]:
        levels.append(4 * halved(_even(levels[-1])))
    z = times(blocks[-1], levels[-1])
    for block, r in zip(blocks[-2::-1], levels[-2::-1], strict=True):
        h, w = r.shape[-2:]
        z = times(block, r) + F.interpolate(z, scale_factor=2.0, mode="bilinear", align_corners=False)[..., :h, :w]
    return z


def _even(x: Tensor) -> Tensor:
    odd = (0, x.shape[-1] % 2, 0, x.shape[-2] % 2)
    return F.pad(x, odd) if any(odd) else x
