"""The structural similarity of two frames at 32 x 32 pixels (Wang et al., IEEE TIP 2004), as scene thresholds of frame interpolation mean it."""

from __future__ import annotations

import cv2
import numpy as np

_SIZE_WH = (32, 32)
_WINDOW, _SIGMA = 11, 1.5
_C1, _C2 = 0.01**2, 0.03**2


def small_ssim(a: np.ndarray, b: np.ndarray) -> float:
    """-1..1, of (H, W, 3) uint8 or float32 where 1 is white: the mean over colours and over all whole windows."""
    x, y = _small(a), _small(b)
    mean_x, mean_y = _mean(x), _mean(y)
    var_x, var_y, both = _mean(x * x) - mean_x**2, _mean(y * y) - mean_y**2, _mean(x * y) - mean_x * mean_y
    values = (2 * mean_x * mean_y + _C1) * (2 * both + _C2) / ((mean_x**2 + mean_y**2 + _C1) * (var_x + var_y + _C2))
    edge = _WINDOW // 2
    return float(values[edge:-edge, edge:-edge].mean())


def _small(picture: np.ndarray) -> np.ndarray:
    scale = 255 if picture.dtype == np.uint8 else 1
    small = cv2.resize(picture, _SIZE_WH, interpolation=cv2.INTER_LINEAR).astype(np.float64)
    return np.asarray(np.clip(np.nan_to_num(small / scale), 0, 1))


def _mean(values: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(values, (_WINDOW, _WINDOW), _SIGMA)
