"""The pyramid: both pictures on one grid, each level half of the one before, down to a few cells."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from .data_term import Scene
from .features import QUIET, detail
from .plan import Plan
from .sampling import binomial, halved

LEAST_QUIET = 0.003
"""Coarser levels average grain and compression away, and what is faint may be looked at; down to this spread, of 1."""

ALONE = 0.01
"""What a pixel that only one side sees counts for its local level, beside those that both see."""
MOSTLY_SEEN = 0.7
"""Share of its pixels by which a coarser pixel counts as seen."""


@dataclass(frozen=True)
class Side:
    """One of the two pictures on the common grid."""

    luma: Tensor
    """(1, 1, H, W)."""
    seen: Tensor
    """(1, 1, H, W): 1 where it may be looked at, else 0."""


def pyramid(fixed: Side, moving: Side, plan: Plan, tile: int, half: bool) -> list[Scene]:
    """Scenes from level plan.finest + 1 up to the coarsest. The sides are of the former, their sizes equal, and multiples of the mesh's cell."""
    scenes: list[Scene] = []
    for level in range(plan.finest + 1, plan.coarsest + 1):
        if scenes:
            fixed, moving = coarser(fixed, 2 * plan.cell), coarser(moving, 2 * plan.cell)
        scenes.append(scene(fixed, moving, plan, level, tile, half))
    return scenes


def coarser(side: Side, even: int) -> Side:
    """Half the size, after padding to the right and down to multiples of `even`; 1 where the size is even already.

    What may not be looked at does not bleed into what may: a mean is of seen pixels alone (normalised convolution, Knutsson & Westin 1993).
    """
    pad = (0, -side.luma.shape[-1] % even, 0, -side.luma.shape[-2] % even) if even > 1 else (0, 0, 0, 0)
    luma, seen = F.pad(side.luma, pad, mode="replicate"), F.pad(side.seen, pad)
    both = halved(torch.cat([luma * seen, seen, luma], 1))
    share = both[:, 1:2]
    return Side(torch.where(share > 0.01, both[:, :1] / share.clamp(min=0.01), both[:, 2:]), (share > MOSTLY_SEEN).float())


def at_level(side: Side, level: int) -> Side:
    """Halved this often. The size is a multiple of 2 ** level."""
    for _ in range(level):
        side = coarser(side, 1)
    return side


def scene(fixed: Side, moving: Side, plan: Plan, level: int, tile: int, half: bool) -> Scene:
    """One level, freed of grade. Levels and spreads are taken where both sides are seen, or else a mask's edge on one would look like a slope."""
    kind = torch.float16 if half else torch.float32
    quiet, both = max(QUIET / 2**level, LEAST_QUIET), fixed.seen * moving.seen + ALONE
    sides = [torch.cat([detail(side.luma, side.seen * both, quiet, tile), narrowed(side.seen)], 1).to(kind) for side in (fixed, moving)]
    return Scene(sides[0], sides[1], plan.cell, tile)


def narrowed(seen: Tensor) -> Tensor:
    """Less by a pixel all around: a slope takes both its neighbours."""
    return 1 - F.max_pool2d(1 - seen, 3, 1, 1)


def softened(picture: Tensor, sigma_px: float) -> Tensor:
    """Smoothed by about a Gaussian of this sigma: binomials in a row, each of variance one half."""
    for _ in range(round(2 * sigma_px * sigma_px)):
        picture = binomial(picture)
    return picture


def missing_blur_px(spacing: float) -> float:
    """Sigma of the blur that makes a picture as soft as one whose pixels are larger, points lying `spacing` < 1 of its pixels apart."""
    return 0.0 if spacing >= 1 else min(0.5 * math.sqrt(1 / (spacing * spacing) - 1), 2.0)
