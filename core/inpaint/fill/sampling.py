"""Pictures read at scattered points."""

from __future__ import annotations

import cv2
import numpy as np

COLUMNS = 1024
"""Points are packed in rows of this many: OpenCV refuses a picture of 32768 columns."""
BORDER_PX = 5


def moved(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Points (..., 2) taken through a 3x3, float64. As core.space.geometry's apply(), for a million points: no threads of a matrix product."""
    flat = np.ascontiguousarray(points, np.float64).reshape(-1, 1, 2)
    if not len(flat):
        return np.zeros(points.shape)
    return np.asarray(cv2.perspectiveTransform(flat, matrix)).reshape(points.shape)


def at_points(picture: np.ndarray, points: np.ndarray, sharp: bool = False) -> np.ndarray:
    """Values (N, c) float32 of a picture (h, w) or (h, w, c) at points (N, 2), x then y; the edge goes on outside.

    sharp  by Lanczos over 8 x 8, within the least and most of the nine pixels around, so that nothing rings; otherwise bilinear
    Only the part that the points touch is converted to float.
    """
    channels = picture.shape[2] if picture.ndim == 3 else 1
    if not len(points):
        return np.zeros((0, channels), np.float32)
    h, w = picture.shape[:2]
    low = np.clip(np.floor(points.min(0)).astype(int) - BORDER_PX, 0, [w - 1, h - 1])
    high = np.clip(np.ceil(points.max(0)).astype(int) + BORDER_PX + 1, low + 1, [w, h])
    part = np.ascontiguousarray(picture[low[1] : high[1], low[0] : high[0]], np.float32)
    x, y = _packed(points - low)
    if not sharp:
        return _read(part, x, y, cv2.INTER_LINEAR, len(points), channels)
    values = _read(part, x, y, cv2.INTER_LANCZOS4, len(points), channels)
    nine = np.ones((3, 3), np.uint8)
    least = _read(cv2.erode(part, nine), x, y, cv2.INTER_NEAREST, len(points), channels)
    most = _read(cv2.dilate(part, nine), x, y, cv2.INTER_NEAREST, len(points), channels)
    return np.clip(values, least, most)


def _read(part: np.ndarray, x: np.ndarray, y: np.ndarray, how: int, count: int, channels: int) -> np.ndarray:
    return cv2.remap(part, x, y, how, borderMode=cv2.BORDER_REPLICATE).reshape(-1, channels)[:count]


def _packed(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    n = len(points)
    columns = min(COLUMNS, n)
    packed = np.zeros((-(-n // columns) * columns, 2), np.float32)
    packed[:n] = points
    rows = packed.reshape(-1, columns, 2)
    return np.ascontiguousarray(rows[..., 0]), np.ascontiguousarray(rows[..., 1])
