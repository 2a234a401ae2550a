"""The dense flow, coarse to fine, from no weights. docs/how-the-flow-works.md tells it in order."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from .box import MARGIN, Box, box_around
from .coarse_to_fine import descend, settle, stiffness_at
from .confidence import certainty, confidence_of
from .contract import Flow, require_fit
from .data_term import Scene, displacement
from .device import chosen
from .drawing import Drawer, inside, moved, moved_rows, spacing_of
from .features import luma
from .levels import Side, at_level, coarser, missing_blur_px, pyramid, scene, softened
from .plan import Plan, plan_of
from .sampling import spread
from .search import search
from .settings import FlowSettings
from .steady import Memory, steadied

WIDE = 0.2
"""Of the ref's longer side: how far a wide search looks."""


class DenseFlow:
    """The estimator that needs no weights; see contract.Estimator for the call."""

    def __init__(self, settings: FlowSettings = FlowSettings()) -> None:
        self.settings = settings
        self.device = chosen(settings.device)

    @torch.inference_mode()
    def estimate(
        self,
        clip: np.ndarray,
        ref: np.ndarray,
        start: np.ndarray,
        *,
        mask: np.ndarray | None = None,
        clip_mask: np.ndarray | None = None,
        previous: Flow | None = None,
    ) -> Flow:
        """Start from a map and correct it; see contract.Estimator."""
        require_fit(clip, ref, start, mask, clip_mask)
        whole = torch.from_numpy(np.array(start, np.float32, order="C")).to(self.device)
        covered = inside(whole, clip.shape[0], clip.shape[1]) & torch.isfinite(whole).all(-1)
        whole = torch.nan_to_num(whole)
        tight = box_around(covered, 1, 0)
        if tight is None:
            return Flow(whole.cpu().numpy(), np.zeros(ref.shape[:2], np.float32))
        spacing = spacing_of(whole, covered)
        plan = plan_of(self.settings, spacing, tight.height, tight.width)
        reach_px = round(WIDE * max(ref.shape[:2])) if plan.search else MARGIN
        box = box_around(covered, 2 * plan.unit, reach_px) or tight
        free = torch.ones_like(covered) if mask is None else torch.from_numpy(~mask).to(self.device)

        points = box.cut_map(whole)
        fixed = self._fixed(ref, free, box, plan, spacing)
        drawer = Drawer.of(luma(clip, self.device), clip_mask, spacing, self.settings.tile)
        scenes = self._coarse(fixed, drawer, points, plan)
        mesh = self._begin(scenes, fixed, plan, reach_px)
        for _ in range(plan.draws):
            held, last = mesh, self._drawn(fixed, drawer, points, mesh, plan)
            settled = settle(last, mesh, plan, stiffness_at(plan, plan.finest), plan.fine_rounds, held)
            mesh = settled.mesh

        sure = certainty(settled, plan)
        confidence = confidence_of(last, scenes[0] if scenes else None, settled, held, sure, plan)
        mesh, memory = steadied(mesh, sure, fixed.luma, box, plan, previous.memory if previous else None)
        return self._flow(mesh, confidence, whole, covered & free, box, plan, memory)

    def _fixed(self, ref: np.ndarray, free: Tensor, box: Box, plan: Plan, spacing: float) -> Side:
        """The ref at the finest level, no sharper than the clip."""
        side = Side(box.cut(luma(ref, self.device)), (box.on(free.shape[0], free.shape[1], free) & box.cut(free)).float()[None, None])
        side = at_level(side, plan.finest)
        return Side(softened(side.luma, math.hypot(plan.softening_px, missing_blur_px(spacing * 2**plan.finest))), side.seen)

    def _moving(self, drawer: Drawer, points: Tensor, plan: Plan, rough: bool = False) -> Side:
        """The clip at full-size points, at the finest level: made smaller as the ref is, after drawing, so that both alias alike."""
        side = at_level(drawer.at(points, rough), plan.finest)
        return Side(softened(side.luma, plan.softening_px), side.seen)

    def _coarse(self, fixed: Side, drawer: Drawer, points: Tensor, plan: Plan) -> list[Scene]:
        """Every level but the finest, the clip drawn by the start."""
        if plan.coarsest == plan.finest:
            return []
        moving = self._moving(drawer, points, plan, rough=True)
        return pyramid(coarser(fixed, 1), coarser(moving, 1), plan, self.settings.tile, self.settings.half)

    def _begin(self, scenes: list[Scene], fixed: Side, plan: Plan, reach_px: int) -> Tensor:
        """The mesh of the finest level, as the coarser ones tell it; a wide search goes before them."""
        sides = (scenes[-1].fixed if scenes else fixed.luma).shape[-2:]
        mesh = fixed.luma.new_zeros((1, 2, sides[0] // plan.cell, sides[1] // plan.cell))
        if not scenes:
            return mesh
        if plan.search:
            mesh = search(scenes[-1], math.ceil(reach_px / 2**plan.coarsest))
        h, w = (side // plan.cell for side in fixed.luma.shape[-2:])
        return spread(descend(scenes, mesh, plan), 2)[..., :h, :w] * 2

    def _drawn(self, fixed: Side, drawer: Drawer, points: Tensor, mesh: Tensor, plan: Plan) -> Scene:
        """The finest level, with the clip drawn by a mesh: what is left to find, and to interpolate, is a fraction of a pixel."""
        height, width = points.shape[:2]
        there = moved(points, displacement(mesh, plan.unit, 0, height, 0, width) * 2.0**plan.finest)
        return scene(fixed, self._moving(drawer, there, plan), plan, plan.finest, self.settings.tile, self.settings.half)

    def _flow(self, mesh: Tensor, confidence: Tensor, whole: Tensor, known: Tensor, box: Box, plan: Plan, memory: Memory) -> Flow:
        """The answer on every pixel of the ref: beyond the box, the displacement of its border goes on."""
        height, width = known.shape
        rows = (torch.arange(height, device=mesh.device) - box.top).clamp(0, box.height - 1)
        columns = (torch.arange(width, device=mesh.device) - box.left).clamp(0, box.width - 1)
        on_box = box.holds(height, width, mesh)
        out = torch.empty_like(whole)
        sure = torch.empty_like(known, dtype=torch.float32)
        step = self.settings.tile or height
        for top in range(0, height, step):
            band = slice(top, min(top + step, height))
            a, b = int(rows[band][0]), int(rows[band][-1]) + 1
            there = displacement(mesh, plan.unit, a, b, 0, box.width)[rows[band] - a][:, columns] * 2.0**plan.finest
            out[band] = moved_rows(whole, there, band)
            trust = displacement(confidence, plan.unit, a, b, 0, box.width)[rows[band] - a][:, columns][..., 0]
            sure[band] = trust.clamp(0, 1) * known[band] * on_box[band]
        return Flow(out.cpu().numpy(), sure.cpu().numpy(), memory)
