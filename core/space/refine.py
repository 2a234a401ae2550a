"""The final matrix, from full-size frames, and the simplest model that explains it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .fit import MODELS
from .geometry import apply, as_array, distance, grid_points, normalised, scale_of
from .register import Registered, Registrar

POINTS = 6_000
"""Template pixels used of each pair of frames."""
WIDEST = 2048
"""Larger pictures are shrunk to this width before they are registered; a quarter of their pixel is not to be had from video."""
RICHER = 0.985
"""A richer model has to leave less than this share of the simpler one's residual, or to lie further off than the pairs disagree."""


SURE_PX = 0.045
"""A usual placing this near (in pixels of the coarser picture) is the one: nobody moves a picture by so little."""
SNAP_WHOLE_PX, SNAP_CROP_PX = 0.25, 0.12
"""Within this many pixels of the coarser picture, a usual placing is tried in place of the one found ..."""
ALIKE = 1.01
"""... and taken if it leaves no more than this share of the residual."""


@dataclass(frozen=True)
class Refined:
    """Where the picture lies, told as simply as the pictures allow."""

    clip_to_ref: np.ndarray
    model: str
    error_px: float
    """Standard error, in ref pixels, from how far single pairs of frames disagree."""
    correlation: float


def refine(
    clips: list[np.ndarray], refs: list[np.ndarray], clip_wh: tuple[int, int], ref_wh: tuple[int, int], start: np.ndarray, richest: str = "homography"
) -> Refined | None:
    """Fit every model up to the richest allowed and take the simplest that is as good; None where nothing can be fitted.

    clips, refs  (h, w) uint8 full-size luma; clips[k] and refs[k] show one moment
    start        clip_to_ref to about a pixel of the small pictures
    """
    clips, refs = [_bounded(p) for p in clips], [_bounded(p) for p in refs]
    registrar = Registrar(clips, refs, clip_wh, ref_wh, start, POINTS)
    if not registrar.pairs:
        return None
    allowed = MODELS[: MODELS.index(richest) + 1]
    plain = registrar.fit(start, min("affine", richest, key=MODELS.index), rounds=6)
    if plain is None:
        return None
    usual = _snapped(registrar, plain, clip_wh, ref_wh)
    if usual is not None:
        return Refined(usual[0], usual[1], distance(usual[0], plain.clip_to_ref, clip_wh), plain.correlation)
    top = plain
    if richest == "homography":
        rich = registrar.fit(plain.clip_to_ref, "homography", rounds=8)
        top = plain if rich is None or rich.residual > plain.residual * 1.001 else rich
    error = _disagreement(registrar, top.clip_to_ref, clip_wh, allowed)
    model, found = _simplest(registrar, top, allowed, clip_wh, error)
    usual = _snapped(registrar, found, clip_wh, ref_wh)
    matrix, model = usual if usual is not None else (normalised(found.clip_to_ref), model)
    return Refined(matrix, model, error, found.correlation)


def _bounded(picture: np.ndarray) -> np.ndarray:
    w = picture.shape[1]
    return picture if w <= WIDEST else cv2.resize(picture, None, fx=WIDEST / w, fy=WIDEST / w, interpolation=cv2.INTER_AREA)


def _disagreement(registrar: Registrar, around: np.ndarray, clip_wh: tuple[int, int], allowed: tuple[str, ...]) -> float:
    """Standard error of the whole, from shifts (or the simplest model allowed) fitted to single pairs."""
    singles = [registrar.fit(around, allowed[0], rounds=3, pairs=[pair]) for pair in registrar.pairs]
    middle = np.array([[(clip_wh[0] - 1) / 2, (clip_wh[1] - 1) / 2]])
    off = np.array([apply(s.clip_to_ref, middle)[0] - apply(around, middle)[0] for s in singles if s is not None])
    if len(off) < 2:
        return 0.1
    spread = 1.4826 * np.median(np.linalg.norm(off - np.median(off, axis=0), axis=1))
    return float(max(0.004, spread / np.sqrt(len(off))))


def _simplest(
    registrar: Registrar, top: Registered, allowed: tuple[str, ...], clip_wh: tuple[int, int], error: float
) -> tuple[str, Registered]:
    """The first model, simplest first, that lies where the richest does or leaves no more than it."""
    near = max(0.03, 2.5 * error)
    for model in allowed[:-1]:
        found = registrar.fit(_projected(top.clip_to_ref, model, clip_wh), model, rounds=6)
        if found is None:
            continue
        apart = distance(found.clip_to_ref, top.clip_to_ref, clip_wh)
        if apart < near or (found.residual * RICHER <= top.residual and apart < 10 * near):
            return model, found
    return allowed[-1], top


def _projected(matrix: np.ndarray, model: str, clip_wh: tuple[int, int]) -> np.ndarray:
    """The map of a model that is nearest to a matrix over the picture (least squares on a grid)."""
    p = grid_points(clip_wh)
    q = apply(matrix, p)
    n = len(p)
    one, zero = np.ones(n), np.zeros(n)
    x, y = p.T
    columns = {
        "shift": ([one, zero], [zero, one]),
        "scale": ([x, one, zero], [y, zero, one]),
        "similarity": ([x, -y, one, zero], [y, x, zero, one]),
        "stretch": ([x, zero, one, zero], [zero, y, zero, one]),
    }
    if model in columns and np.linalg.det(matrix[:2, :2]) > 0:
        across, down = columns[model]
        left = np.concatenate([np.stack(across, 1), np.stack(down, 1)])
        right = np.concatenate([q[:, 0], q[:, 1]] if model != "shift" else [q[:, 0] - x, q[:, 1] - y])
        a = np.linalg.lstsq(left, right, rcond=None)[0]
        return {
            "shift": lambda: np.array([[1, 0, a[0]], [0, 1, a[1]], [0, 0, 1.0]]),
            "scale": lambda: np.array([[a[0], 0, a[1]], [0, a[0], a[2]], [0, 0, 1.0]]),
            "similarity": lambda: np.array([[a[0], -a[1], a[2]], [a[1], a[0], a[3]], [0, 0, 1.0]]),
            "stretch": lambda: np.array([[a[0], 0, a[2]], [0, a[1], a[3]], [0, 0, 1.0]]),
        }[model]()
    full = np.linalg.lstsq(np.stack([x, y, one], 1), q, rcond=None)[0]
    out = np.eye(3)
    out[:2] = full.T
    return out


def _snapped(registrar: Registrar, found: Registered, clip_wh: tuple[int, int], ref_wh: tuple[int, int]) -> tuple[np.ndarray, str] | None:
    """What editors do, where it explains the pictures as well: nothing, the whole clip over the whole ref, a crop on whole pixels."""
    matrix = found.clip_to_ref
    whole = np.eye(3)
    whole[:2, 2] = np.round(matrix[:2, 2])
    sx, sy = ref_wh[0] / clip_wh[0], ref_wh[1] / clip_wh[1]
    stretched = as_array((sx, 0, (sx - 1) / 2, 0, sy, (sy - 1) / 2, 0, 0, 1))
    pixel = max(1.0, scale_of(matrix, clip_wh))
    """Of the coarser picture, in ref pixels."""
    usual = (
        (np.eye(3), "identity", SNAP_WHOLE_PX),
        (stretched, "scale" if abs(sx - sy) < 1e-9 else "stretch", SNAP_WHOLE_PX),
        (whole, "shift", SNAP_CROP_PX),
    )
    for candidate, name, limit in usual:
        apart = distance(matrix, candidate, clip_wh) / pixel
        if apart < SURE_PX:
            return candidate, name
        if apart < limit:
            there = registrar.fit(candidate, "shift", rounds=1)
            if there is not None and there.residual <= ALIKE * found.residual:
                return candidate, name
    return None
