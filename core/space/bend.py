"""What a matrix cannot explain: a smooth displacement (a lens, a scan that breathes, another master), for comparison only.

The displacement is a sum of low cosines over the picture, two for each pixel of the field of view's size, fitted by linear least
squares on many pairs at once (Lucas & Kanade 1981, with a global smooth basis in place of a window).
"""

from __future__ import annotations

import cv2
import numpy as np

ORDERS = (6, 5)
"""Cosines along x and y."""


def cosines(wh: tuple[int, int]) -> np.ndarray:
    """(K, h, w) float32: products of cosines over a picture; the first is 1."""
    w, h = wh
    x, y = (np.arange(w) + 0.5) / w, (np.arange(h) + 0.5) / h
    across = [np.cos(np.pi * k * x) for k in range(ORDERS[0])]
    down = [np.cos(np.pi * k * y) for k in range(ORDERS[1])]
    return np.stack([np.outer(d, a) for a in across for d in down]).astype(np.float32)


def find_bend(clips: np.ndarray, refs: np.ndarray, mask: np.ndarray, rounds: int = 4) -> np.ndarray | None:
    """(h, w, 2) float32: x and y, in pixels, to add to a pixel of the ref to find it in the clip; None where it is nothing to speak of.

    clips, refs  (N, h, w) float32 detail of matched pairs on one grid
    mask         (h, w) bool
    """
    h, w = mask.shape
    basis = cosines((w, h))
    flat = basis[:, mask].T
    field = np.zeros((h, w, 2), np.float32)
    y, x = np.mgrid[0:h, 0:w].astype(np.float32)
    gx = np.stack([cv2.Sobel(r, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)[mask] for r in refs])
    gy = np.stack([cv2.Sobel(r, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)[mask] for r in refs])
    before = after = 0.0
    for turn in range(rounds + 1):
        drawn = np.stack([cv2.remap(c, x + field[..., 0], y + field[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[mask] for c in clips])
        error = refs[:, mask] - drawn
        limit = 3 * 1.4826 * np.median(np.abs(error)) + 1e-3
        weight = 1 / (1 + (error / limit) ** 2)
        after = float((weight * error * error).sum() / weight.sum())
        if turn == 0:
            before = after
        if turn == rounds:
            break
        step = _solve(flat, gx, gy, error, weight)
        field += np.tensordot(step, basis, axes=(1, 0)).transpose(1, 2, 0)
    size = np.hypot(field[..., 0], field[..., 1])[mask]
    if after > 0.9 * before or np.percentile(size, 90) < 0.08 or size.max() > 0.1 * w:
        return None
    return field


def _solve(flat: np.ndarray, gx: np.ndarray, gy: np.ndarray, error: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """(2, K): the cosines' amplitudes for x and y that explain the error to first order."""
    k = flat.shape[1]
    xx, xy, yy = ((weight * a * b).sum(0) for a, b in ((gx, gx), (gx, gy), (gy, gy)))
    normal = np.zeros((2 * k, 2 * k))
    normal[:k, :k] = (flat * xx[:, None]).T @ flat
    normal[:k, k:] = (flat * xy[:, None]).T @ flat
    normal[k:, :k] = normal[:k, k:].T
    normal[k:, k:] = (flat * yy[:, None]).T @ flat
    right = np.concatenate([flat.T @ (weight * gx * error).sum(0), flat.T @ (weight * gy * error).sum(0)])
    normal[np.diag_indices(2 * k)] += 1e-3 * np.trace(normal) / (2 * k)
    return np.linalg.solve(normal, right).reshape(2, k).astype(np.float32)
