"""How far the content of a picture that was laid on another one still lies off, in pixels of that other one.

The measure is residual.py's: patch by patch, free of gain, offset and grade, in the coarser of the two rasters: a clip that is enlarged to
lie on the ref has nothing to say between its own pixels. Only patches that can be trusted count: with
detail in two directions, found again, and with a small error of their own; how many there were is always told.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .detail import Blur, Cover, detail, matching_blur
from .residual import residuals

LEAST_PATCHES = 6
"""Fewer say nothing of a picture."""
LEAST_ENLARGED = 1.25
"""Below this, the rasters count as one."""


@dataclass(frozen=True)
class Displacement:
    """Of the patches that could be measured: (n, 2) float64, right and down, how far the picture's content lies from the ref's."""

    shifts_px: np.ndarray

    @property
    def lengths_px(self) -> np.ndarray:
        """(n,) float64."""
        return np.hypot(self.shifts_px[:, 0], self.shifts_px[:, 1])

    @property
    def patches(self) -> int:
        """How many."""
        return len(self.shifts_px)

    @property
    def median_px(self) -> float | None:
        """None where there are too few patches to tell."""
        return float(np.median(self.lengths_px)) if self.patches >= LEAST_PATCHES else None

    @property
    def p95_px(self) -> float | None:
        """95 % of the patches lie nearer than this; None where there are too few."""
        return float(np.percentile(self.lengths_px, 95)) if self.patches >= LEAST_PATCHES else None

    @staticmethod
    def of(parts: list[Displacement]) -> Displacement:
        """The patches of several pictures together."""
        return Displacement(np.concatenate([part.shifts_px for part in parts]) if parts else np.zeros((0, 2)))


def displacement(
    picture: np.ndarray, ref: np.ndarray, inside: np.ndarray | None = None, blur: Blur = Blur(), enlarged: float = 1.0
) -> Displacement:
    """Measure a picture that should lie on a ref.

    picture, ref  (h, w), one plane, in levels of 0 to 255 or thereabouts; x right, y down, pixel centres on integers
    inside        (h, w) bool, what of the picture is there; None is all of it
    blur          what makes the two equally sharp, from equal_sharpness() with the same `enlarged`
    enlarged      ref pixels a pixel of the picture's own, before it was laid; 1 or less where it was made smaller
    """
    looked_at, seen, cover, (x, y) = _coarser(picture, ref, inside, enlarged)
    a = detail(looked_at, Cover(np.ones(looked_at.shape, np.float32)), blur.ref_px)
    b = detail(seen, cover, blur.clip_px)
    return Displacement(residuals(a, b).shifts_px * np.array([x, y]))


def equal_sharpness(picture: np.ndarray, ref: np.ndarray, inside: np.ndarray | None = None, enlarged: float = 1.0) -> Blur:
    """The blur that makes the sharper of the two as soft as the other; the same for all frames of a run, so it is found once."""
    looked_at, seen, cover, _ = _coarser(picture, ref, inside, enlarged)
    return matching_blur(looked_at, seen, cover)


def _coarser(
    picture: np.ndarray, ref: np.ndarray, inside: np.ndarray | None, enlarged: float
) -> tuple[np.ndarray, np.ndarray, Cover, tuple[float, float]]:
    """Ref and picture in the coarser raster, what of the picture is there, and how many ref pixels a pixel is now wide and high."""
    cover = np.ones(ref.shape, np.float32) if inside is None else inside.astype(np.float32)
    both = ref.astype(np.float32), picture.astype(np.float32)
    if enlarged < LEAST_ENLARGED:
        return *both, Cover(cover), (1.0, 1.0)
    h, w = ref.shape
    size = max(8, round(w / enlarged)), max(8, round(h / enlarged))
    small = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (*both, cover)]
    return small[0], small[1], Cover((small[2] > 0.999).astype(np.float32)), (w / size[0], h / size[1])
