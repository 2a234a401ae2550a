"""A matrix between two files' pictures from pairs of frames that show the same moments, coarse to fine."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .. import threads
from .fit import Fitted, Pair, fit, prepare
from .geometry import apply, corners, normalised, resize_matrix, scale_of

EDGE = 0.035
"""How far from the moving picture's edge points keep, as a share of the template's longer side: half the band pass's box."""


@dataclass(frozen=True)
class Registered:
    """What registration found."""

    clip_to_ref: np.ndarray
    """In full-size pixels."""
    residual: float
    correlation: float
    inliers: float


class Registrar:
    """Some pairs of pictures of one moment each, ready to be fitted with any model from any start.

    clips, refs       (h, w) uint8, all of one size a side; clips[k] and refs[k] show one moment
    clip_wh, ref_wh   full sizes that matrices are told in
    start             clip_to_ref, roughly: decides which side has the coarser pixels and what both share
    """

    def __init__(
        self, clips: list[np.ndarray], refs: list[np.ndarray], clip_wh: tuple[int, int], ref_wh: tuple[int, int], start: np.ndarray, points: int
    ) -> None:
        self.clip_full_to_here = resize_matrix(clip_wh, clips[0].shape[::-1])
        self.ref_full_to_here = resize_matrix(ref_wh, refs[0].shape[::-1])
        here = self._here(start)
        self.clip_is_template = scale_of(here, clips[0].shape[::-1]) >= 1.0
        templates, movings = (clips, refs) if self.clip_is_template else (refs, clips)
        matrix = here if self.clip_is_template else np.linalg.inv(here)
        self.template_wh: tuple[int, int] = templates[0].shape[::-1]  # type: ignore[assignment]
        shrink = max(1.0, scale_of(matrix, self.template_wh))
        inside = _inside(matrix, self.template_wh, movings[0].shape[::-1])  # type: ignore[arg-type]
        with threads.pool(4) as pool:
            made = list(pool.map(lambda pair: prepare(pair[0], pair[1], shrink, points, inside), zip(templates, movings, strict=True)))
        self.pairs: list[Pair] = [pair for pair in made if pair is not None]

    def fit(self, start: np.ndarray, model: str, rounds: int = 12, pairs: list[Pair] | None = None) -> Registered | None:
        """The best clip_to_ref of a model near a start; None where there is nothing to hold on to."""
        use = self.pairs if pairs is None else pairs
        if not use:
            return None
        fitted = fit(use, self.to_template(start), model, self.template_wh, rounds)
        return None if fitted is None else self._told(fitted)

    def to_template(self, clip_to_ref: np.ndarray) -> np.ndarray:
        """The same map as template pixel -> moving pixel, in the sizes at hand."""
        here = self._here(clip_to_ref)
        return here if self.clip_is_template else normalised(np.linalg.inv(here))

    def _here(self, clip_to_ref: np.ndarray) -> np.ndarray:
        return normalised(self.ref_full_to_here @ clip_to_ref @ np.linalg.inv(self.clip_full_to_here))

    def _told(self, fitted: Fitted) -> Registered:
        here = fitted.matrix if self.clip_is_template else np.linalg.inv(fitted.matrix)
        full = normalised(np.linalg.inv(self.ref_full_to_here) @ here @ self.clip_full_to_here)
        return Registered(full, fitted.residual, fitted.correlation, fitted.inliers)


def _inside(matrix: np.ndarray, wh: tuple[int, int], moving_wh: tuple[int, int]) -> np.ndarray:
    """(h, w) bool: template pixels that fall inside the moving picture by as much as the band pass reaches.

    What the template has over that edge, a black bar or more of the scene, is on one side only, and its border is the strongest
    detail there is.
    """
    room = np.minimum(EDGE * max(wh) * scale_of(matrix, wh), 0.1 * np.array(moving_wh))
    outline = corners(moving_wh) + room * np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    back = apply(np.linalg.inv(matrix), outline)
    mask = np.zeros((wh[1], wh[0]), np.uint8)
    cv2.fillConvexPoly(mask, np.clip(np.round(back), -1e6, 1e6).astype(np.int32), 1)
    return mask > 0


def smaller(pictures: list[np.ndarray], factor: float) -> list[np.ndarray]:
    """The pictures shrunk by area averaging."""
    return [cv2.resize(p, None, fx=1 / factor, fy=1 / factor, interpolation=cv2.INTER_AREA) for p in pictures]


def coarse_to_fine(
    clips: list[np.ndarray], refs: list[np.ndarray], clip_wh: tuple[int, int], ref_wh: tuple[int, int], start: np.ndarray,
    model: str = "affine", points: int = 6000, levels: tuple[float, ...] = (4.0, 2.0, 1.0),
) -> Registered | None:
    """Register through a pyramid of shrunk copies; a start within about a tenth of the picture is near enough."""
    best: Registered | None = None
    for level in levels:
        if min(min(clips[0].shape), min(refs[0].shape)) / level < 20:
            continue
        a, b = (clips, refs) if level == 1 else (smaller(clips, level), smaller(refs, level))
        found = Registrar(a, b, clip_wh, ref_wh, start, points).fit(start, "affine" if level > 1 else model)
        if found is not None and found.correlation > (best.correlation * 0.9 if best and level == 1 else -1):
            best, start = found, found.clip_to_ref
    return best
