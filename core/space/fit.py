"""One matrix from many pairs of frames at once, to a small part of a pixel.

Inverse compositional Gauss-Newton (Baker & Matthews 2004) on band-passed luma, with one gain a pair and Tukey weights, so that a grade,
a logo or something that moves on one side only does not pull. The picture with the coarser pixels is the template; the other one is
smoothed to match before it is sampled. All in template pixels, pixel centres on integers.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .geometry import apply, grid_points, normalised

MODELS = ("shift", "scale", "similarity", "stretch", "affine", "homography")
"""Simplest first. scale: shift and one scale; similarity: and rotation; stretch: shift and a scale an axis."""
_BASIS = {
    "shift": ((0, 0, 1, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 1, 0, 0)),
    "scale": ((0, 0, 1, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 1, 0, 0), (1, 0, 0, 0, 1, 0, 0, 0)),
    "similarity": ((0, 0, 1, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 1, 0, 0), (1, 0, 0, 0, 1, 0, 0, 0), (0, -1, 0, 1, 0, 0, 0, 0)),
    "stretch": ((0, 0, 1, 0, 0, 0, 0, 0), (0, 0, 0, 0, 0, 1, 0, 0), (1, 0, 0, 0, 0, 0, 0, 0), (0, 0, 0, 0, 1, 0, 0, 0)),
    "affine": tuple(tuple(int(i == k) for i in range(8)) for k in range(6)),
    "homography": tuple(tuple(int(i == k) for i in range(8)) for k in range(8)),
}


@dataclass(frozen=True)
class Pair:
    """Two pictures of one moment, prepared: points of the template and what is needed at them."""

    moving: np.ndarray
    """(h, w) float32, band-passed."""
    at: np.ndarray
    """(N, 2) float64, template pixels."""
    value: np.ndarray
    """(N,) float32, band-passed template."""
    gradient: np.ndarray
    """(N, 2) float32, a template pixel."""


@dataclass(frozen=True)
class Fitted:
    """Where a fit ended."""

    matrix: np.ndarray
    """3x3, template pixel -> moving pixel."""
    residual: float
    """Weighted root mean square of what is left, as a share of the template's own detail: 0 perfect, near 1 nothing in common."""
    inliers: float
    """Share of the points that the weights kept."""
    information: np.ndarray
    """(8, 8): the normal matrix at the end, in the unit of `centre_scale`."""
    correlation: float
    """Of the two pictures' detail at the points, -1 to 1."""


def band_passed(picture: np.ndarray, fine: float, coarse: float) -> np.ndarray:
    """Detail between two scales, (h, w) float32: a Gaussian of sigma `fine` px less a box as wide as a Gaussian of sigma `coarse`."""
    x: np.ndarray = picture.astype(np.float32)
    side = int(coarse * 3.46) | 1
    low = cv2.blur(x, (side, side))
    if fine > 0:
        x = cv2.GaussianBlur(x, (0, 0), fine)
    return cv2.subtract(x, low)


def prepare(template: np.ndarray, moving: np.ndarray, shrink: float, most: int, inside: np.ndarray | None = None, smooth: float = 0.8) -> Pair | None:
    """Choose the points of a template that say most, spread over the picture; None where it has no detail.

    template, moving  (h, w) uint8 or float32
    shrink            how many moving pixels one template pixel covers, at least 1
    most              points at most
    inside            (h, w) bool, where the template may be used
    """
    coarse = max(3.0, 0.02 * max(template.shape))
    fixed = band_passed(template, smooth, coarse)
    blur = np.sqrt(max(0.0, (smooth * shrink) ** 2 + (shrink**2 - 1) * 0.2))
    free = band_passed(moving, float(blur), coarse * shrink)
    gx, gy = cv2.Sobel(fixed, cv2.CV_32F, 1, 0, ksize=3, scale=0.125), cv2.Sobel(fixed, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
    strength = gx * gx + gy * gy
    edge = 3
    strength[:edge], strength[-edge:], strength[:, :edge], strength[:, -edge:] = 0, 0, 0, 0
    if inside is not None:
        strength = np.where(inside, strength, 0)
    y, x = _spread_points(strength, most)
    if len(x) < 24:
        return None
    at = np.stack([x, y], 1).astype(float)
    return Pair(free, at, fixed[y, x], np.stack([gx[y, x], gy[y, x]], 1))


def _spread_points(strength: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the strongest pixels, each of 8 x 8 fields giving no more than its share (what is weak stays out)."""
    h, w = strength.shape
    floor = max(1e-3, 0.02 * float(strength.mean()))
    share = max(4, most // 48)
    ys, xs = [], []
    for a in range(8):
        for b in range(8):
            y0, y1, x0, x1 = a * h // 8, (a + 1) * h // 8, b * w // 8, (b + 1) * w // 8
            part = strength[y0:y1, x0:x1].ravel()
            if part.size > share:
                pick = np.argpartition(part, part.size - share)[part.size - share :]
            else:
                pick = np.arange(part.size)
            pick = pick[part[pick] > floor]
            ys.append(y0 + pick // max(1, x1 - x0))
            xs.append(x0 + pick % max(1, x1 - x0))
    return np.concatenate(ys), np.concatenate(xs)


def fit(pairs: list[Pair], start: np.ndarray, model: str, template_wh: tuple[int, int], rounds: int = 12, stop_px: float = 0.004) -> Fitted | None:
    """Improve a matrix (template pixel -> moving pixel) within a model. None where it runs away or nothing is left to compare."""
    basis = np.array(_BASIS[model], float).T
    centre, scale = np.array([(template_wh[0] - 1) / 2, (template_wh[1] - 1) / 2]), max(template_wh) / 2
    unit = np.array([[1 / scale, 0, -centre[0] / scale], [0, 1 / scale, -centre[1] / scale], [0, 0, 1]])
    back = np.linalg.inv(unit)
    descents = [_descent(pair, centre, scale) for pair in pairs]
    matrix = start.copy()
    probe = grid_points(template_wh, 3)
    for _ in range(rounds):
        normal, right, cost, kept, corr = _sums(pairs, descents, matrix)
        if kept < 24:
            return None
        small = basis.T @ normal @ basis
        small[np.diag_indices_from(small)] *= 1 + 1e-6
        try:
            p = basis @ np.linalg.solve(small, basis.T @ right)
        except np.linalg.LinAlgError:
            return None
        delta = back @ np.array([[1 + p[0], p[1], p[2]], [p[3], 1 + p[4], p[5]], [p[6], p[7], 1]]) @ unit
        if not np.isfinite(delta).all() or abs(np.linalg.det(delta)) < 1e-3:
            return None
        moved = np.abs(apply(delta, probe) - probe).max()
        matrix = normalised(matrix @ np.linalg.inv(delta))
        if moved > 0.5 * max(template_wh):
            return None
        if moved < stop_px:
            break
    total = sum(len(pair.at) for pair in pairs)
    return Fitted(matrix, cost, kept / max(1, total), normal, corr)


def _descent(pair: Pair, centre: np.ndarray, scale: float) -> np.ndarray:
    """(N, 8): how the template changes along each number of the matrix, in units where the picture spans -1 to 1."""
    x, y = ((pair.at - centre) / scale).T
    gx, gy = pair.gradient[:, 0] * scale, pair.gradient[:, 1] * scale
    along = gx * x + gy * y
    return np.stack([gx * x, gx * y, gx, gy * x, gy * y, gy, -x * along, -y * along], 1).astype(np.float32)


def _sums(pairs: list[Pair], descents: list[np.ndarray], matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, float, int, float]:
    normal, right = np.zeros((8, 8)), np.zeros(8)
    left, detail, kept, corr, weighed = 0.0, 0.0, 0, 0.0, 0.0
    for pair, descent in zip(pairs, descents, strict=True):
        at = apply(matrix, pair.at)
        h, w = pair.moving.shape
        good = (at[:, 0] >= 1) & (at[:, 1] >= 1) & (at[:, 0] <= w - 2) & (at[:, 1] <= h - 2)
        if good.sum() < 16:
            continue
        seen = sample(pair.moving, at[good], pair.gradient[good], matrix)
        value, j = pair.value[good], descent[good]
        error, weight, _gain = _robust(seen, value)
        jw = j * weight[:, None]
        normal += jw.T @ j
        right += jw.T @ error
        left += float((weight * error * error).sum())
        detail += float((weight * value * value).sum())
        kept += int((weight > 0.05).sum())
        corr += float((seen * value).sum() / np.sqrt((seen * seen).sum() * (value * value).sum() + 1e-9)) * len(value)
        weighed += len(value)
    return normal, right, float(np.sqrt(left / max(detail, 1e-9))), kept, corr / max(1.0, weighed)


def _robust(seen: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Error after the best gain, and Tukey weights (cut at 4.7 robust deviations).

    The gain begins as a ratio of medians: by least squares, a logo over a tenth of the picture would take a third of it, and every
    other point would then look as far off as the logo.
    """
    gain = _bounded_gain(float(np.median(np.abs(value[::3]))), float(np.median(np.abs(seen[::3]))))
    error, weight = _tukey(gain * seen - value)
    gain = _bounded_gain(float((weight * seen * value).sum()), float((weight * seen * seen).sum()))
    error, weight = _tukey(gain * seen - value)
    return error, weight, gain


def _bounded_gain(over: float, under: float) -> float:
    return min(max(over / (under + 1e-6), 0.1), 10.0)


def _tukey(error: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The errors, and how far each is believed, 0 to 1. The deviation is taken from every third: it is a median of thousands."""
    deviation = 1.4826 * float(np.median(np.abs(error[::3]))) + 1e-3
    return error, np.clip(1 - (error / (4.685 * deviation)) ** 2, 0, 1) ** 2


def sample(picture: np.ndarray, at: np.ndarray, gradient: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Bilinear values of a band-passed picture at points (N, 2): (N,) float32.

    Bilinear on a smoothed picture is unbiased to 0.004 px; OpenCV's bicubic kernel (a = -0.75) does not reproduce a ramp and is 0.03 px
    off. Its rounding of positions to 1/32 pixel would cost 0.02 px on a plain shift: what the rounding took is put back by the
    template's gradient (N, 2), brought into the moving picture by `matrix` (template -> moving).
    """
    n, columns = len(at), 1024
    rows = -(-n // columns)
    rounded = np.round(at * 32) / 32
    packed = np.zeros((rows * columns, 2), np.float32)
    packed[:n] = rounded
    map_x, map_y = packed.T.reshape(2, rows, columns)
    values = cv2.remap(picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).ravel()[:n]
    rest = (at - rounded) @ np.linalg.inv(matrix[:2, :2] / matrix[2, 2]).T
    return values + (rest * gradient).sum(1).astype(np.float32)
