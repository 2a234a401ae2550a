"""How much of the picture on top shows, pixel by pixel: soft edges, wipes, checkers. (H, W) float32, 0 to 1."""

from __future__ import annotations

import math

import cv2
import numpy as np


def feathered(covered: np.ndarray, width_px: float) -> np.ndarray:
    """The coverage with a soft edge inside its outline: a straight ramp from 0 at the edge to 1 at `width_px` from it.

    A pixel whose centre lies d px inside the edge has d / width_px. The border of the frame is no edge: a picture that goes on
    beyond it has none there.
    """
    if width_px <= 0 or (covered >= 1).all():
        return covered
    inside = np.pad((covered >= 0.5).astype(np.uint8), 1, mode="edge")
    depth = cv2.distanceTransform(inside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1] - np.float32(0.5)
    return np.minimum(covered, np.clip(depth / np.float32(width_px), 0, 1)).astype(np.float32)


def wiped(size_wh: tuple[int, int], at: float, angle_deg: float) -> np.ndarray:
    """1 on the left of a line, 0 on its right, even over one pixel between.

    at         where the line crosses, 0 (all 0) to 1 (all 1) of the way across the picture, square to the line
    angle_deg  the line's, clockwise from upright
    """
    width, height = size_wh
    nx, ny = math.cos(math.radians(angle_deg)), math.sin(math.radians(angle_deg))
    reach = abs(nx) * width / 2 + abs(ny) * height / 2
    x = np.arange(width, dtype=np.float32) - np.float32((width - 1) / 2)
    y = np.arange(height, dtype=np.float32)[:, None] - np.float32((height - 1) / 2)
    beyond = x * np.float32(nx) + y * np.float32(ny) - np.float32((2 * at - 1) * reach)
    return np.clip(0.5 - beyond, 0, 1).astype(np.float32)


def checkered(size_wh: tuple[int, int], squares: int) -> np.ndarray:
    """1 and 0 in turn in squares, so many along the longer side; the one in the top left corner is 1."""
    width, height = size_wh
    side = max(1, -(-max(size_wh) // squares))
    x, y = np.arange(width) // side, np.arange(height)[:, None] // side
    return ((x + y) % 2 == 0).astype(np.float32)


def reduced_share(share: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """The same on a chroma plane's grid: the mean of the luma samples that a chroma sample stands for."""
    if share.shape[1::-1] == size_wh:
        return share
    across, down = -(-share.shape[1] // size_wh[0]), -(-share.shape[0] // size_wh[1])
    wide, high = size_wh[0] * across - share.shape[1], size_wh[1] * down - share.shape[0]
    padded = np.pad(share, ((0, high), (0, wide)), mode="edge") if wide or high else share
    return np.asarray(padded.reshape(size_wh[1], down, size_wh[0], across).mean(axis=(1, 3)), np.float32)
