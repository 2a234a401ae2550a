"""How the camera moves from one frame to the next: what most of the picture does, however much livelier the figures are that are in it.

Pictures are (H, W) float32, levels of 255; x right, y down; a move is a (2, 3) matrix that takes pixels of the first to those of the second.
"""

from __future__ import annotations

import cv2
import numpy as np

_WIDE = 640
"""It is looked for in pictures no wider than this."""
_CELL = 16
"""Pixels a side, of which each sends one point to be found again: so an area counts, and not how much is drawn in it."""
_TEXTURE = 1e-5
"""Least eigenvalue of a point that can be found again (Shi and Tomasi, CVPR 1994)."""
_HOME, _NEAR = 0.5, 0.5
"""Pixels by which a point may come back beside where it started, and lie beside where the camera would have brought it."""
_LEAST = 12
"""Points that have to agree."""
_TRIES = 3
_CLEARLY = 20.0
_BETTER = 0.95
"""A camera that moves leaves no more than this part of what standing still does."""


def camera_between(a: np.ndarray, b: np.ndarray) -> np.ndarray | None:
    """Shift, turn and zoom from a to b; None where standing still explains as much, or nothing is found.

    Groups of points that move alike are tried, largest first, and the one is taken that leaves the least of the picture unexplained.
    """
    height, width = a.shape
    scale = max(1.0, width / _WIDE)
    if scale > 1:
        size = round(width / scale), max(1, round(height / scale))
        a, b = (cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in (a, b))
    start, end = _found_again(a, b)
    best, least = None, _BETTER * _left(a, b)
    for _ in range(_TRIES):
        if len(start) < _LEAST:
            break
        found, agree = cv2.estimateAffinePartial2D(start, end, ransacReprojThreshold=_NEAR)
        if found is None or agree.sum() < _LEAST:
            break
        left = _left(moved(a, found), b)
        if left < least:
            best, least = found, left
        rest = agree.ravel() == 0
        start, end = start[rest], end[rest]
    return None if best is None else _enlarged(best, scale)


def moved(picture: np.ndarray, camera: np.ndarray | None) -> np.ndarray:
    """The picture, (H, W) or (H, W, C), as the move has it; beyond its border its outermost pixels go on."""
    if camera is None:
        return picture
    return cv2.warpAffine(picture, camera, picture.shape[1::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def within(camera: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(H, W) bool: where the moved picture has something to show."""
    full = np.full(shape[:2], 255, np.uint8)
    there = cv2.warpAffine(full, camera, shape[1::-1], flags=cv2.INTER_NEAREST)
    return np.asarray(cv2.erode(there, np.ones((3, 3), np.uint8), borderValue=255) > 0)


def _found_again(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 1, 2) points of a, and where they are in b, there and back."""
    start = _points(a)
    if not len(start):
        return start, start
    grey_a, grey_b = (np.clip(p, 0, 255).astype(np.uint8) for p in (a, b))
    manner = {"winSize": (17, 17), "maxLevel": 3}
    end, there, _ = cv2.calcOpticalFlowPyrLK(grey_a, grey_b, start, start.copy(), **manner)  # type: ignore[call-overload]
    home, back, _ = cv2.calcOpticalFlowPyrLK(grey_b, grey_a, end, end.copy(), **manner)  # type: ignore[call-overload]
    astray = np.linalg.norm((home - start).reshape(-1, 2), axis=1)
    sure = (there.ravel() == 1) & (back.ravel() == 1) & (astray < _HOME)
    return start[sure], end[sure]


def _points(a: np.ndarray) -> np.ndarray:
    """The best point of each cell, (n, 1, 2) float32."""
    rows, columns = a.shape[0] // _CELL, a.shape[1] // _CELL
    strength = cv2.cornerMinEigenVal(a / np.float32(255), 5)[: rows * _CELL, : columns * _CELL]
    cells = strength.reshape(rows, _CELL, columns, _CELL).transpose(0, 2, 1, 3).reshape(rows * columns, _CELL * _CELL)
    if not cells.size:
        return np.empty((0, 1, 2), np.float32)
    best = cells.argmax(1)
    row, column = np.divmod(np.arange(rows * columns), columns)
    at = np.stack([column * _CELL + best % _CELL, row * _CELL + best // _CELL], 1).astype(np.float32)
    return np.ascontiguousarray(at[cells.max(1) > _TEXTURE][:, None])


def _left(a: np.ndarray, b: np.ndarray) -> float:
    """Levels by which two pictures differ on average, softened; what differs wholly counts no more than what differs clearly."""
    return float(np.minimum(np.abs(cv2.blur(a, (3, 3)) - cv2.blur(b, (3, 3))), np.float32(_CLEARLY)).mean())


def _enlarged(camera: np.ndarray, scale: float) -> np.ndarray:
    """The same move in pictures that are larger by a factor, about pixel centres on integers."""
    out = camera.copy()
    out[:, 2] = (camera[:, 2] + 0.5 - camera[:, :2] @ (0.5, 0.5)) * scale + camera[:, :2] @ (0.5, 0.5) - 0.5
    return out
