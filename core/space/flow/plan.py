"""What a precision means: where the pyramid ends, how fine its mesh, how often each level is gone over, how stiff the mesh."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .settings import FlowSettings
from .solve import Stiffness

LEAST_SIDE = 20
"""Pixels of the shorter side of the coarsest level, at least."""
LEAST_FINEST = 48
"""Likewise of the finest one: what is small is looked at more closely."""
MOST_LEVELS = 8
CLIP_COARSER = 0.6
"""Clip pixels a pixel of the finest level, at least: finer, there is nothing to see in the clip."""


@dataclass(frozen=True)
class Plan:
    """How one pair is gone over."""

    finest: int
    """Level of the last rounds: 0 is the ref's own size, 1 half of it."""
    cell: int
    """Pixels a side of a cell of the mesh, on every level."""
    coarse_rounds: int
    fine_rounds: int
    """On the last level."""
    draws: int
    """How often the clip is drawn by the flow found so far, and the last level gone over."""
    solver_rounds: int
    stiffness: Stiffness
    softening_px: float = 0.0
    """Sigma of the Gaussian that both pictures are softened by, in pixels of the finest level."""
    coarsest: int = 0
    search: bool = False
    """Look for large displacements at the coarsest level first."""

    @property
    def unit(self) -> int:
        """Ref pixels a side of a cell of the finest mesh."""
        return self.cell << self.finest


_STIFFNESS = Stiffness(membrane=0.3, plate=400.0, yield_px=0.01)
_SOFT = Stiffness(membrane=1.0, plate=3000.0, yield_px=0.01)
SOFTENING_PX = 1.8
_BY_PRECISION = {
    1: Plan(finest=2, cell=4, coarse_rounds=3, fine_rounds=4, draws=1, solver_rounds=5, stiffness=_STIFFNESS),
    2: Plan(finest=1, cell=4, coarse_rounds=4, fine_rounds=5, draws=1, solver_rounds=5, stiffness=_STIFFNESS),
    3: Plan(finest=0, cell=4, coarse_rounds=3, fine_rounds=4, draws=1, solver_rounds=4, stiffness=_STIFFNESS),
    4: Plan(finest=0, cell=4, coarse_rounds=8, fine_rounds=10, draws=2, solver_rounds=8, stiffness=_STIFFNESS),
}


def plan_of(settings: FlowSettings, spacing: float, height: int, width: int) -> Plan:
    """The plan for a pair.

    spacing        clip pixels from one ref pixel to the next: under 1, the clip is the coarser one
    height, width  of the part of the ref that the clip covers
    """
    base = _BY_PRECISION[settings.precision]
    side = min(height, width)
    finest = base.finest
    while finest > 0 and side >> finest < LEAST_FINEST:
        finest -= 1
    while spacing * 2**finest < CLIP_COARSER and side >> (finest + 1) >= LEAST_SIDE:
        finest += 1
    coarsest = finest
    while coarsest < MOST_LEVELS and side >> (coarsest + 1) >= LEAST_SIDE:
        coarsest += 1
    return replace(
        base,
        finest=finest,
        coarsest=coarsest,
        coarse_rounds=settings.iterations or base.coarse_rounds,
        fine_rounds=settings.iterations or base.fine_rounds,
        stiffness=_SOFT if settings.soften else base.stiffness,
        softening_px=SOFTENING_PX if settings.soften else 0.0,
        search=settings.wide,
    )
