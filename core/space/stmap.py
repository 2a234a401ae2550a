"""ST maps and motion vectors: maps in the numbers that compositors read.

Inside genlock a map names points (x, y) of a source picture: pixel centres on integers, y down. Nuke, Fusion and Natron put the
origin at the bottom left corner and run y up, and an ST map there is relative to the source's size:

    S = (x + 0.5) / w            0 at the left edge, 1 at the right edge
    T = 1 - (y + 0.5) / h        0 at the bottom edge, 1 at the top edge

so the centre of the source's bottom left pixel is (0.5 / w, 0.5 / h), and an ST map holds for the source at any resolution. A
motion vector (u, v) is in pixels, u right and v up, between two pictures whose bottom left corners lie on one another, as Nuke
lays pictures of different sizes.
"""

from __future__ import annotations

import numpy as np


def st_of_map(field: np.ndarray, source_wh: tuple[int, int]) -> np.ndarray:
    """(H, W, 2) float32, S and T, of a map (H, W, 2) into a source of this size. Computed in the map's own precision."""
    s = (field[..., 0] + 0.5) / source_wh[0]
    t = 1 - (field[..., 1] + 0.5) / source_wh[1]
    return np.stack([s, t], -1).astype(np.float32)


def map_of_st(st: np.ndarray, source_wh: tuple[int, int]) -> np.ndarray:
    """The reverse of st_of_map: (H, W, 2) float32, points of the source."""
    x = np.asarray(st[..., 0], float) * source_wh[0] - 0.5
    y = (1 - np.asarray(st[..., 1], float)) * source_wh[1] - 0.5
    return np.stack([x, y], -1).astype(np.float32)


def motion_of_map(field: np.ndarray, source_wh: tuple[int, int]) -> np.ndarray:
    """(H, W, 2) float32, u and v in pixels, v up: from each pixel of the map's own picture to the point of the source that it names."""
    height, width = field.shape[:2]
    x, y = np.arange(width), np.arange(height)[:, None]
    u = field[..., 0] - x
    v = (source_wh[1] - height) - (field[..., 1] - y)
    return np.stack([u, v], -1).astype(np.float32)
