"""Maps: for each pixel of one picture, the point of the other that it shows.

A ref_to_clip map is (H, W, 2) float32, absolute, not a displacement: [y, x] holds the clip point (x, y) shown at ref pixel
(x, y). Pixel centres on integers, x right, y down, in both pictures. invert.py turns a map round.
"""

from __future__ import annotations

import numpy as np


def points_of_matrix(ref_to_clip: np.ndarray, width: int, rows: range) -> tuple[np.ndarray, np.ndarray]:
    """Clip x and y, float64, (rows, width) each, for some rows of a ref of this width; not a number behind the horizon.

    ref_to_clip  3x3: the inverse of an alignment's matrix, with a positive w in front
    """
    a, b, c = (np.asarray(line, float) for line in ref_to_clip)
    x, y = np.arange(width, dtype=float), np.arange(rows.start, rows.stop, dtype=float)[:, None]
    if c[0] == 0 and c[1] == 0:
        return (a[0] * x + (a[1] * y + a[2])) / c[2], (b[0] * x + (b[1] * y + b[2])) / c[2]
    w = c[0] * x + (c[1] * y + c[2])
    w = np.where(w > 1e-12, w, np.nan)
    return (a[0] * x + (a[1] * y + a[2])) / w, (b[0] * x + (b[1] * y + b[2])) / w


def inverse_in_front(clip_to_ref: np.ndarray, clip_wh: tuple[int, int]) -> np.ndarray:
    """ref_to_clip 3x3, signed so that w is positive where the middle of the clip is seen.

    Raises ValueError where the matrix takes the picture to a line.
    """
    matrix = np.asarray(clip_to_ref, float).reshape(3, 3)
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError as error:
        raise ValueError("the matrix has no inverse: it takes the whole picture to a line") from error
    if not np.isfinite(inverse).all():
        raise ValueError("the matrix has no inverse: it holds what is no number")
    middle = matrix @ np.array([(clip_wh[0] - 1) / 2, (clip_wh[1] - 1) / 2, 1.0])
    return np.asarray(inverse if middle[2] >= 0 else -inverse)


def map_of_matrix(
    clip_to_ref: np.ndarray, ref_wh: tuple[int, int], clip_wh: tuple[int, int] = (1, 1), dtype: type = np.float32
) -> np.ndarray:
    """The ref_to_clip map of a matrix: (H, W, 2), float32 or what `dtype` says; not a number behind the horizon of a strong perspective.

    clip_wh  says which side of the horizon is in front: the one with the clip's middle
    Raises ValueError for a matrix without an inverse.
    """
    inverse = inverse_in_front(clip_to_ref, clip_wh)
    out: np.ndarray = np.empty((ref_wh[1], ref_wh[0], 2), dtype)
    for top in range(0, ref_wh[1], 64):
        rows = range(top, min(top + 64, ref_wh[1]))
        out[rows.start : rows.stop, :, 0], out[rows.start : rows.stop, :, 1] = points_of_matrix(inverse, ref_wh[0], rows)
    return out


def jacobian(ref_to_clip: np.ndarray) -> np.ndarray:
    """How a map stretches: (H, W, 2, 2) float32, [..., i, j] = change of clip coordinate i (0 is x) a ref pixel along j (0 is x).

    Central differences, one-sided at the border; the identity's column along a side that is one pixel long.
    """
    height, width = ref_to_clip.shape[:2]
    out = np.zeros((height, width, 2, 2), np.float32)
    for j, axis in ((0, 1), (1, 0)):
        if ref_to_clip.shape[axis] > 1:
            out[..., j] = np.gradient(ref_to_clip, axis=axis)
        else:
            out[..., j, j] = 1
    return out


def folds(ref_to_clip: np.ndarray) -> np.ndarray:
    """(H, W) bool: where a map turns the picture over against the way that most of it goes, or squeezes it to nothing."""
    j = jacobian(ref_to_clip)
    area = j[..., 0, 0] * j[..., 1, 1] - j[..., 0, 1] * j[..., 1, 0]
    seen = area[np.isfinite(area)]
    way = 1.0 if seen.size == 0 or np.median(seen) >= 0 else -1.0
    return np.asarray(~(area * way > 0) & np.isfinite(area))
