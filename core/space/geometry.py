"""Matrices between pictures of different sizes. Pixel centres on integers, x right, y down, everywhere.

A picture of (W, H) pixels and its resized copy of (w, h) share edges, not corner centres: pixel x of the copy shows
x' = (x + 0.5) * W / w - 0.5 of the original. Forgetting the half pixel is the classic mistake of this field.
"""

from __future__ import annotations

import numpy as np

from ..alignment import Matrix


def resize_matrix(from_wh: tuple[float, float], to_wh: tuple[float, float]) -> np.ndarray:
    """3x3: pixel of a picture of from_wh (width, height) -> the same point in its copy resized to to_wh."""
    sx, sy = to_wh[0] / from_wh[0], to_wh[1] / from_wh[1]
    return np.array([[sx, 0, (sx - 1) / 2], [0, sy, (sy - 1) / 2], [0, 0, 1.0]])


def normalised(matrix: np.ndarray) -> np.ndarray:
    """The same projective map with its last number 1."""
    return matrix / matrix[2, 2]


def apply(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (N, 2) taken through a 3x3: (N, 2)."""
    out = points @ matrix[:, :2].T + matrix[:, 2]
    return out[:, :2] / out[:, 2:]


def corners(wh: tuple[float, float]) -> np.ndarray:
    """Outline of a picture, by the outer edges of its corner pixels: (4, 2), clockwise from the top left."""
    w, h = wh
    return np.array([[-0.5, -0.5], [w - 0.5, -0.5], [w - 0.5, h - 0.5], [-0.5, h - 0.5]])


def grid_points(wh: tuple[float, float], n: int = 9) -> np.ndarray:
    """n x n points spread over a picture, corner pixels included: (n * n, 2)."""
    x, y = np.meshgrid(np.linspace(0, wh[0] - 1, n), np.linspace(0, wh[1] - 1, n))
    return np.stack([x.ravel(), y.ravel()], axis=1)


def distance(a: np.ndarray, b: np.ndarray, wh: tuple[float, float]) -> float:
    """Root mean square distance, in pixels, between where two matrices take a grid over a picture of this size."""
    p = grid_points(wh)
    return float(np.sqrt(((apply(a, p) - apply(b, p)) ** 2).sum(1).mean()))


def scale_of(matrix: np.ndarray, wh: tuple[float, float]) -> float:
    """Linear magnification at the middle of a picture (square root of the area's)."""
    x, y = (wh[0] - 1) / 2, (wh[1] - 1) / 2
    p = apply(matrix, np.array([[x, y], [x + 1, y], [x, y + 1]]))
    a, b = p[1] - p[0], p[2] - p[0]
    return float(np.sqrt(abs(a[0] * b[1] - a[1] * b[0])))


def fit_to_frame(clip_wh: tuple[int, int], ref_wh: tuple[int, int]) -> np.ndarray:
    """clip_to_ref of a clip stretched over the whole ref."""
    return resize_matrix(clip_wh, ref_wh)


def as_tuple(matrix: np.ndarray) -> Matrix:
    """Nine floats, row by row, the last one 1."""
    return tuple(float(x) for x in normalised(matrix).ravel())  # type: ignore[return-value]


def as_array(matrix: Matrix) -> np.ndarray:
    """The 3x3 of nine numbers."""
    return np.array(matrix, float).reshape(3, 3)


def mirrored(matrix: np.ndarray) -> bool:
    """Whether the map turns the picture over."""
    return bool(np.linalg.det(matrix[:2, :2] / matrix[2, 2]) < 0)
