"""How alike two pictures are, by the two measures that everybody quotes: PSNR and SSIM.

SSIM is that of Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from error visibility to
structural similarity", IEEE TIP 13(4), 2004: windows of 11 x 11 pixels, Gaussian of 1.5 pixels, K1 = 0.01, K2 = 0.03, on
the picture's own pixels (nothing is shrunk first), the mean over all windows that lie inside.

Convention: pictures are (h, w), one plane, of one scale; `peak` is the top of that scale. `inside` is (h, w) bool and says which
pixels count; None is all of them. No function changes what it is given.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

WINDOW_PX = 11
SIGMA_PX = 1.5
K1, K2 = 0.01, 0.03


@dataclass(frozen=True)
class Grade:
    """What brings one picture's levels nearest to another's: gain * picture + offset."""

    gain: float = 1.0
    offset: float = 0.0

    def apply(self, picture: np.ndarray) -> np.ndarray:
        """The picture at the other one's levels; (h, w) float64."""
        return picture.astype(np.float64) * self.gain + self.offset


def mean_square(picture: np.ndarray, ref: np.ndarray, inside: np.ndarray | None = None) -> float:
    """Mean squared difference; NaN where nothing is inside. Raises ValueError for two sizes."""
    a, b = _both(picture, ref, inside)
    return float(np.mean(np.square(a - b))) if a.size else math.nan


def psnr_db(mean_squared: float, peak: float = 1.0) -> float:
    """Peak signal to noise, 10 log10(peak² / mean square), in decibels; infinite where the two are equal."""
    return math.inf if mean_squared == 0 else 10 * math.log10(peak * peak / mean_squared)


def fit_grade(picture: np.ndarray, ref: np.ndarray, inside: np.ndarray | None = None) -> Grade:
    """The gain and offset that bring a picture nearest to a ref, by least squares. A flat picture has gain 1."""
    a, b = _both(picture, ref, inside)
    if not a.size:
        return Grade()
    a_mean, b_mean = float(a.mean()), float(b.mean())
    power = float(np.mean(np.square(a - a_mean)))
    gain = float(np.mean((a - a_mean) * (b - b_mean))) / power if power > 1e-12 else 1.0
    return Grade(gain, b_mean - gain * a_mean)


def ssim(picture: np.ndarray, ref: np.ndarray, peak: float = 1.0, inside: np.ndarray | None = None) -> float:
    """Structural similarity, at most 1; NaN where no window lies inside. Raises ValueError for two sizes."""
    _require_one_size(picture, ref, inside)
    if min(picture.shape) < WINDOW_PX:
        return math.nan
    likeness = _ssim_map(picture.astype(np.float64), ref.astype(np.float64), peak)
    if inside is None:
        return float(likeness.mean())
    whole = cv2.erode(inside.astype(np.uint8), np.ones((WINDOW_PX, WINDOW_PX), np.uint8), borderType=cv2.BORDER_CONSTANT, borderValue=1)
    windows = _valid(whole) > 0
    return float(likeness[windows].mean()) if windows.any() else math.nan


def _ssim_map(a: np.ndarray, b: np.ndarray, peak: float) -> np.ndarray:
    """Of every window that lies in the picture: (h - 10, w - 10)."""
    c1, c2 = (K1 * peak) ** 2, (K2 * peak) ** 2
    a_mean, b_mean = _weighted(a), _weighted(b)
    aa = _weighted(a * a) - a_mean * a_mean
    bb = _weighted(b * b) - b_mean * b_mean
    ab = _weighted(a * b) - a_mean * b_mean
    light = (2 * a_mean * b_mean + c1) / (a_mean * a_mean + b_mean * b_mean + c1)
    return np.asarray(light * (2 * ab + c2) / (aa + bb + c2))


def _weighted(picture: np.ndarray) -> np.ndarray:
    """The Gaussian mean of each window."""
    return _valid(cv2.GaussianBlur(picture, (WINDOW_PX, WINDOW_PX), SIGMA_PX, borderType=cv2.BORDER_REFLECT_101))


def _valid(picture: np.ndarray) -> np.ndarray:
    edge = WINDOW_PX // 2
    return picture[edge:-edge, edge:-edge]


def _both(picture: np.ndarray, ref: np.ndarray, inside: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    _require_one_size(picture, ref, inside)
    a, b = picture.astype(np.float64), ref.astype(np.float64)
    return (a, b) if inside is None else (a[inside], b[inside])


def _require_one_size(picture: np.ndarray, ref: np.ndarray, inside: np.ndarray | None) -> None:
    if picture.ndim != 2 or picture.shape != ref.shape or (inside is not None and inside.shape != ref.shape):
        told = [picture.shape, ref.shape] + ([] if inside is None else [inside.shape])
        raise ValueError(f"pictures to be compared are (h, w) of one size, not {' and '.join(map(str, told))}")
