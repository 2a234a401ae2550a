"""Motion of the camera: one homography a pair of neighbouring frames, and by their product any pair.

Corners (Shi & Tomasi 1994) followed by pyramidal Lucas-Kanade (Bouguet 2000), RANSAC (Fischler & Bolles 1981), and then the whole picture outside
the masks by inverse compositional Gauss-Newton (core.space.fit): products over fifty frames need steps good to a hundredth of a pixel.
"""

from __future__ import annotations

import cv2
import numpy as np

from ...space.fit import fit, prepare
from ...space.geometry import apply, distance, normalised
from .views import Views

CORNERS = 500
LEAST = 10
"""Corners that have to agree."""
POINTS = 3000
NEAR_PX = 1.5
"""Further than this from what the corners said, the fit has run away."""


class Camera:
    """Homographies between views of a shot, each step found once."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._steps: dict[int, np.ndarray] = {}

    def matrix(self, a: int, b: int) -> np.ndarray:
        """3x3: view pixel of frame a -> view pixel of frame b."""
        whole = np.eye(3)
        for n in range(min(a, b), max(a, b)):
            whole = self._step(n) @ whole
        return normalised(whole if a <= b else np.linalg.inv(whole))

    def _step(self, n: int) -> np.ndarray:
        if n not in self._steps:
            views = self._views
            self._steps[n] = _found(views.grey(n), views.grey(n + 1), views.blocked(n), views.blocked(n + 1))
        return self._steps[n]


def _found(a: np.ndarray, b: np.ndarray, blocked_a: np.ndarray, blocked_b: np.ndarray) -> np.ndarray:
    """3x3: pixel of a -> pixel of b. Where nothing can be followed, nothing has moved."""
    free = blocked_a == 0
    if min(a.shape) < 24 or np.array_equal(a, b):
        return np.eye(3)
    rough = _by_corners(a, b, free, blocked_b)
    pair = prepare(a, b, 1.0, POINTS, free)
    if pair is None:
        return rough
    fitted = fit([pair], rough, "homography", (a.shape[1], a.shape[0]), rounds=8)
    if fitted is None or fitted.inliers < 0.3 or distance(fitted.matrix, rough, (a.shape[1], a.shape[0])) > NEAR_PX:
        return rough
    return fitted.matrix


def _by_corners(a: np.ndarray, b: np.ndarray, free: np.ndarray, blocked_b: np.ndarray) -> np.ndarray:
    corners = cv2.goodFeaturesToTrack(a, CORNERS, 0.005, 8, mask=free.astype(np.uint8))
    if corners is None or len(corners) < LEAST:
        return np.eye(3)
    p = corners.reshape(-1, 2)
    moved, status, _ = cv2.calcOpticalFlowPyrLK(a, b, corners, np.empty_like(corners), winSize=(21, 21), maxLevel=4)
    back, status_back, _ = cv2.calcOpticalFlowPyrLK(b, a, moved, np.empty_like(corners), winSize=(21, 21), maxLevel=4)
    q = moved.reshape(-1, 2)
    good = (status.ravel() == 1) & (status_back.ravel() == 1) & (np.linalg.norm(back.reshape(-1, 2) - p, axis=1) < 0.5)
    at = np.rint(q).astype(int)
    inside = (at >= 0).all(1) & (at[:, 0] < b.shape[1]) & (at[:, 1] < b.shape[0])
    good &= inside
    good[inside] &= blocked_b[at[inside, 1], at[inside, 0]] == 0
    if good.sum() < LEAST:
        return np.eye(3)
    cv2.setRNGSeed(1)
    matrix, agree = cv2.findHomography(p[good], q[good], cv2.RANSAC, 1.0)
    if matrix is None or agree.sum() < LEAST or not _plausible(matrix, a.shape[1], a.shape[0]):
        shift = np.eye(3)
        shift[:2, 2] = np.median(q[good] - p[good], axis=0)
        return shift
    return np.asarray(matrix, float)


def _plausible(matrix: np.ndarray, width: int, height: int) -> bool:
    """A step of a camera: the picture stays a picture, and most of it stays in view."""
    square = np.array([[0, 0], [width, 0], [width, height], [0, height]], float)
    to = apply(matrix, square)
    area = 0.5 * float(np.sum(to[:, 0] * np.roll(to[:, 1], -1) - np.roll(to[:, 0], -1) * to[:, 1]))
    return bool(np.isfinite(to).all()) and 0.4 < area / (width * height) < 2.5 and float(np.abs(to - square).max()) < max(width, height)
