"""The largest upright rectangle of the ref that the clip covers at every one of some frames: what VMAF is shown."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from ..alignment import Matrix
from ..space.geometry import apply, as_array, corners

STEP_PX = 4
"""The grid on which it is looked for; a rectangle may fall short by this much."""
EDGE_PX = 3
"""Left out along the clip's own edge."""
Box = tuple[int, int, int, int]
"""First column, first row, columns, rows."""


def common_box(matrices: Iterable[Matrix], clip_wh: tuple[int, int], ref_wh: tuple[int, int]) -> Box:
    """Of the ref, in its pixels; of no columns and rows where nothing is covered throughout."""
    width, height = ref_wh
    across, down = -(-width // STEP_PX), -(-height // STEP_PX)
    cells = np.ones((down, across), bool)
    for matrix in set(matrices):
        cells &= _cells(matrix, clip_wh, ref_wh)
    x, y, columns, rows = largest(cells)
    return x * STEP_PX, y * STEP_PX, min(columns * STEP_PX, width - x * STEP_PX), min(rows * STEP_PX, height - y * STEP_PX)


def _cells(matrix: Matrix, clip_wh: tuple[int, int], ref_wh: tuple[int, int]) -> np.ndarray:
    """Which cells of the grid lie wholly inside the clip: all four corners do, and the clip's outline is convex."""
    back = np.linalg.inv(as_array(matrix))
    x, y = np.meshgrid(_edges(ref_wh[0]), _edges(ref_wh[1]))
    points = np.stack([x.ravel(), y.ravel()], axis=1) - 0.5
    depth = points @ back[2, :2] + back[2, 2]
    at = apply(back, points).reshape(*x.shape, 2)
    (left, top), _, (right, bottom), _ = corners(clip_wh)
    scale_x, scale_y = (float(np.median(np.abs(step))) for step in (np.diff(at[..., 0], axis=1), np.diff(at[..., 1], axis=0)))
    room_x, room_y = EDGE_PX * scale_x / STEP_PX, EDGE_PX * scale_y / STEP_PX
    whole = np.allclose(apply(as_array(matrix), corners(clip_wh)), corners(ref_wh), atol=1e-3)
    if whole:
        room_x, room_y = -1e-3, -1e-3
    inside = (at[..., 0] >= left + room_x) & (at[..., 0] <= right - room_x) & (at[..., 1] >= top + room_y) & (at[..., 1] <= bottom - room_y)
    inside &= (depth * np.sign(np.median(depth)) > 0).reshape(x.shape)
    return np.asarray(inside[:-1, :-1] & inside[1:, :-1] & inside[:-1, 1:] & inside[1:, 1:])


def _edges(length: int) -> np.ndarray:
    return np.minimum(np.arange(-(-length // STEP_PX) + 1) * STEP_PX, length).astype(np.float64)


def largest(cells: np.ndarray) -> Box:
    """The largest rectangle of True cells, (rows, columns) bool: row by row, the heights of what stands above are a histogram, and the
    largest rectangle under it is found with a stack."""
    best, area = (0, 0, 0, 0), 0
    heights = np.zeros(cells.shape[1], int)
    for y, row in enumerate(cells):
        heights = np.where(row, heights + 1, 0)
        stack: list[tuple[int, int]] = []
        for x, height in enumerate([*heights.tolist(), 0]):
            start = x
            while stack and stack[-1][1] >= height:
                start, tall = stack.pop()
                if tall * (x - start) > area:
                    area, best = tall * (x - start), (start, y - tall + 1, x - start, tall)
            stack.append((start, height))
    return best


def cut(picture: np.ndarray, box: Box) -> np.ndarray:
    """That part of a picture; a view."""
    x, y, columns, rows = box
    return picture[y : y + rows, x : x + columns]


def shrunk(inside: np.ndarray, by_px: int) -> np.ndarray:
    """(h, w) bool without what lies nearer than this to a place outside; the picture's own border is no such place."""
    side = 2 * by_px + 1
    return cv2.erode(inside.astype(np.uint8), np.ones((side, side), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1) > 0
