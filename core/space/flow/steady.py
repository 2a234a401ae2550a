"""A flow that does not shimmer: what the frames before saw is kept, until the pictures say something else.

Each cell holds a mean displacement with its weight, and how much single frames scatter around it. A new frame is averaged in by its
weight. Where it departs from the mean by more than it ever scattered, or lies to one side for some frames, the mean's weight is taken
away and the new frame counts. At a cut everything is new. The cells are fixed on the ref's grid, like what bends a picture: a lens, a scanner.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from .box import Box
from .plan import Plan
from .sampling import binomial

KEPT = 0.98
"""Of the weight, from frame to frame: about fifty frames are averaged."""
SURE_PX, VAGUE_PX = 0.05, 1.0
"""Standard deviation of a frame's displacement, in ref pixels: taken for no smaller, no larger."""
FIRST_PX = 0.05
"""Scatter that is assumed before any was seen."""
LEAST_PX = 0.01
FAR_SIGMAS = 3.0
"""Departure from the mean that means something else is seen."""
ASIDE_SIGMAS = 1.4
"""Departure to one side, averaged over some frames, that does; the average of scatter alone has a sigma of 0.42."""
ASIDE_KEPT = 0.7
SCATTER_KEPT = 0.9
CUT_LIKENESS = 0.5
"""Correlation of two frames' thumbnails under which a cut lies between them."""


@dataclass(frozen=True)
class Memory:
    """What is kept from frame to frame. In ref pixels, on the cells of the finest mesh."""

    unit: int
    box: Box
    mean: Tensor
    """(1, 2, h, w)."""
    weight: Tensor
    """(1, 1, h, w), one over the variance of the mean, were frames independent."""
    scatter: Tensor
    """(1, 1, h, w): variance of one frame around the mean, a coordinate."""
    aside: Tensor
    """(1, 2, h, w): running mean of the departures."""
    thumbnail: Tensor


def steadied(mesh: Tensor, sure: Tensor, luma: Tensor, box: Box, plan: Plan, before: object) -> tuple[Tensor, Memory]:
    """The mesh, (1, 2, h, w) in pixels of its level, averaged with what is remembered; and the memory for the next frame.

    sure    (1, 1, h, w), as confidence.certainty() gives it
    luma    (1, 1, H, W) of the ref at the finest level
    before  the Memory of the frame before; anything else is no memory
    """
    scale = 2.0**plan.finest
    new = mesh * scale
    thumbnail = small(luma)
    weight = 1 / (1 / (sure + 1 / VAGUE_PX**2) + SURE_PX**2)
    fresh = Memory(plan.unit, box, new, weight, torch.full_like(weight, FIRST_PX**2), torch.zeros_like(new), thumbnail)
    if not isinstance(before, Memory) or before.unit != plan.unit or likeness(before.thumbnail, thumbnail) < CUT_LIKENESS:
        return mesh, fresh
    before = carried(before, fresh)
    away = new - before.mean
    aside = before.aside * ASIDE_KEPT + away * (1 - ASIDE_KEPT)
    scatter = binomial(before.scatter).clamp(min=LEAST_PX**2)
    vague = 1 / (10 * sure + 1 / VAGUE_PX**2)
    far = length2(binomial(away)) / (2 * (scatter + vague) * FAR_SIGMAS**2)
    one_way = length2(binomial(aside)) / (2 * (scatter + vague) * ASIDE_SIGMAS**2)
    surprise = torch.maximum(far, one_way)
    kept = before.weight * KEPT / surprise.clamp(min=1) ** 2
    mean = before.mean + away * (weight / (weight + kept))
    usual = torch.minimum(length2(away - aside) / 2, scatter * FAR_SIGMAS**2)
    learnt = (1 - SCATTER_KEPT) * sure / (sure + 1 / FIRST_PX**2)
    scatter = before.scatter + (usual - before.scatter) * learnt
    return mean / scale, Memory(plan.unit, box, mean, kept + weight, scatter, aside * (surprise < 1), thumbnail)


def carried(before: Memory, fresh: Memory) -> Memory:
    """What is remembered, on the cells of another box; cells that are new there remember nothing (their weight is 0)."""
    if before.box == fresh.box:
        return before
    a, b, unit = before.box, fresh.box, fresh.unit
    top, left = max(a.top, b.top), max(a.left, b.left)
    bottom, right = min(a.top + a.height, b.top + b.height), min(a.left + a.width, b.left + b.width)
    out = replace(fresh, weight=torch.zeros_like(fresh.weight))
    if top < bottom and left < right:
        down, across = slice(top, bottom), slice(left, right)
        old, new = (cells(box, down, across, unit) for box in (a, b))
        out = replace(out, mean=out.mean.clone(), scatter=out.scatter.clone(), aside=out.aside.clone())
        for name in ("mean", "weight", "scatter", "aside"):
            getattr(out, name)[new] = getattr(before, name)[old]
    return out


def cells(box: Box, down: slice, across: slice, unit: int) -> tuple[Any, slice, slice]:
    """Index of the cells of a box's mesh that hold these rows and columns of the ref."""
    rows = slice((down.start - box.top) // unit, (down.stop - box.top) // unit)
    return ..., rows, slice((across.start - box.left) // unit, (across.stop - box.left) // unit)


def small(luma: Tensor) -> Tensor:
    """A thumbnail of 32 x 18, of mean 0 and length 1."""
    t = F.adaptive_avg_pool2d(luma, (18, 32))
    t = t - t.mean()
    return t / (t.norm() + 1e-6)


def likeness(a: Tensor, b: Tensor) -> float:
    """Correlation of two thumbnails; 1 where both are flat."""
    if float(a.norm()) < 0.5 and float(b.norm()) < 0.5:
        return 1.0
    return float((a * b).sum())


def length2(v: Tensor) -> Tensor:
    """(1, 1, h, w): squared length."""
    return (v * v).sum(1, keepdim=True)
