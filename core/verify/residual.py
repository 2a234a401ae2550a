"""How far two pictures that should lie on each other do not, in pixels, patch by patch.

Each patch's whole-pixel place is the peak of the cross-correlation; the rest is the slope of the cross-spectrum's phase,
fitted by least squares with the spectrum's magnitude as weight (H. S. Stone, M. T. Orchard, E.-C. Chang, S. A. Martucci,
"A fast direct Fourier-based algorithm for subpixel registration of images", IEEE TGRS 39(10), 2001), and fitted again
after the patch was moved by what was found.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .detail import Detail

PATCH_PX, SMALL_PATCH_PX = 64, 32
LARGE_PX = 300
"""A picture lower or narrower than this is measured with the small patches."""
REACH = 5
"""A patch is looked for a fifth of its side beyond the common shift."""
MOST_PATCHES = 120
LEAST_ALIKE = 0.6
"""Correlation that a patch must have where it was found, to count."""
LARGEST_ERROR_PX = 0.2
"""Of a patch's own estimate; where a patch has only edges of one direction, it is larger."""


@dataclass(frozen=True)
class Residuals:
    """(n, 2) float64: how far the second picture's content lies from the first's, x right and y down, in pixels."""

    shifts_px: np.ndarray

    @property
    def lengths_px(self) -> np.ndarray:
        return np.hypot(self.shifts_px[:, 0], self.shifts_px[:, 1])

    @property
    def middle_px(self) -> tuple[float, float]:
        """The median shift."""
        if not len(self.shifts_px):
            return 0.0, 0.0
        x, y = np.median(self.shifts_px, axis=0)
        return float(x), float(y)


def residuals(ref: Detail, clip: Detail) -> Residuals:
    """Where the patches of ref are found in clip, against where they should be: (0, 0) is a perfect fit.

    Patches without detail in two directions, or that are not found again, are left out; what is left may be none.
    """
    side = PATCH_PX if min(ref.values.shape) >= LARGE_PX else SMALL_PATCH_PX
    common = common_shift(ref, clip)
    corners = _corners(ref, clip, common, side)
    if not len(corners):
        return Residuals(np.zeros((0, 2)))
    window = np.outer(np.hanning(side), np.hanning(side))
    a = _cut(ref.values, corners, np.zeros_like(corners), side) * window
    whole = np.tile(np.array(common), (len(corners), 1))
    whole = whole + _peaks(a, _cut(clip.values, corners, whole, side) * window)
    fits = _fits(clip.values.shape, corners, whole, side)
    a, corners, whole = a[fits], corners[fits], whole[fits]
    if not len(corners):
        return Residuals(np.zeros((0, 2)))
    b = _cut(clip.values, corners, whole, side)
    rest = np.zeros((len(corners), 2))
    error = np.full(len(corners), np.inf)
    for _ in range(3):
        moved = _moved(b, rest) * window
        step, error = _phase_slopes(a, moved)
        rest = rest + np.clip(step, -1, 1)
    alike = _alike(a, _moved(b, rest) * window)
    good = (alike > LEAST_ALIKE) & (error < LARGEST_ERROR_PX) & (np.abs(rest).max(axis=1) < 1.5)
    return Residuals((whole + rest)[good])


def common_shift(ref: Detail, clip: Detail) -> tuple[int, int]:
    """The whole-pixel shift (x, y) of the clip's content that all of the picture agrees on best, up to a tenth of it; else (0, 0)."""
    both = ref.inside * clip.inside
    a, b = (cv2.resize(cv2.GaussianBlur(d.values * both, (0, 0), 1.5), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for d in (ref, clip))
    h, w = a.shape
    if min(h, w) < 16:
        return 0, 0
    spectrum = np.conj(np.fft.rfft2(a)) * np.fft.rfft2(b)
    surface = np.fft.irfft2(spectrum / np.maximum(np.abs(spectrum), 1e-9) ** 0.5, s=(h, w))
    ys, xs = np.fft.fftfreq(h, 1 / h), np.fft.fftfreq(w, 1 / w)
    surface = surface / ((1 - np.abs(ys)[:, None] / h) * (1 - np.abs(xs)[None, :] / w))
    surface[(np.abs(ys)[:, None] > h / 10) | (np.abs(xs)[None, :] > w / 10)] = -np.inf
    y, x = np.unravel_index(int(np.argmax(surface)), surface.shape)
    if surface[y, x] < 1.5 * surface[0, 0]:
        return 0, 0
    return 2 * int(xs[x]), 2 * int(ys[y])


def _corners(ref: Detail, clip: Detail, common: tuple[int, int], side: int) -> np.ndarray:
    """Top left corners (n, 2) as x, y of the patches with most detail in their weaker direction."""
    h, w = ref.values.shape
    step = max(side // 2, int((h * w / (2.0 * MOST_PATCHES)) ** 0.5))
    grid = [(x, y) for y in range(2, h - side - 1, step) for x in range(2, w - side - 1, step)]
    corners = np.array(grid, int).reshape(-1, 2)
    corners = corners[_fits((h, w), corners, np.tile(np.array(common), (len(corners), 1)), side)]
    if not len(corners):
        return corners
    gx, gy = cv2.Sobel(ref.values, cv2.CV_32F, 1, 0), cv2.Sobel(ref.values, cv2.CV_32F, 0, 1)
    sums = [cv2.integral(part.astype(np.float32)) for part in (gx * gx, gy * gy, gx * gy, ref.inside * clip.inside)]
    xx, yy, xy, both = (_box(total, corners, side) / side**2 for total in sums)
    weaker = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    usable = (both > 0.98) & (weaker > 0.15)
    order = np.argsort(-weaker[usable])[:MOST_PATCHES]
    return corners[usable][order]


def _box(total: np.ndarray, corners: np.ndarray, side: int) -> np.ndarray:
    x, y = corners.T
    return total[y + side, x + side] - total[y, x + side] - total[y + side, x] + total[y, x]


def _fits(shape_hw: tuple[int, ...], corners: np.ndarray, shifts: np.ndarray, side: int) -> np.ndarray:
    at = corners + shifts
    return np.asarray((at >= 0).all(axis=1) & (at[:, 0] + side <= shape_hw[1]) & (at[:, 1] + side <= shape_hw[0]))


def _cut(values: np.ndarray, corners: np.ndarray, shifts: np.ndarray, side: int) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(values, (side, side))
    at = corners + shifts
    return windows[at[:, 1], at[:, 0]].astype(np.float64)


def _peaks(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Whole-pixel shift (n, 2) of each patch's content from a to b."""
    side = a.shape[1]
    surface = np.fft.irfft2(np.conj(np.fft.rfft2(a)) * np.fft.rfft2(b), s=(side, side))
    near = np.r_[0 : side // REACH + 1, -(side // REACH) : 0]
    hann = np.hanning(side)
    overlap = np.array([(hann[abs(n) :] * hann[: side - abs(n)]).sum() for n in near])
    reach = surface[:, near[:, None], near[None, :]] / (overlap[:, None] * overlap[None, :])
    reach = reach.reshape(len(a), -1)
    y, x = np.divmod(reach.argmax(axis=1), len(near))
    return np.stack([near[x], near[y]], axis=1)


def _frequencies(side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cycles a pixel along x and y of rfft2's bins, and which of them are used: low ones, where coding leaves the phase alone."""
    fy, fx = np.meshgrid(np.fft.fftfreq(side), np.fft.rfftfreq(side), indexing="ij")
    radius = np.hypot(fx, fy)
    return fx, fy, (radius > 0) & (radius < 0.25)


def _phase_slopes(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Shift (n, 2) of below a pixel from a to b, and the standard error of each."""
    fx, fy, used = _frequencies(a.shape[1])
    cross = (np.fft.rfft2(a) * np.conj(np.fft.rfft2(b)))[:, used]
    u, v = 2 * np.pi * fx[used], 2 * np.pi * fy[used]
    weight, phase = np.abs(cross), np.angle(cross)
    weight = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
    xx, yy, xy = (weight * u * u).sum(1), (weight * v * v).sum(1), (weight * u * v).sum(1)
    x, y = (weight * u * phase).sum(1), (weight * v * phase).sum(1)
    area = np.maximum(xx * yy - xy * xy, 1e-12)
    shift = np.stack([(yy * x - xy * y) / area, (xx * y - xy * x) / area], axis=1)
    left = phase - shift[:, :1] * u - shift[:, 1:] * v
    noise = (weight**2 * left**2 * (u * u + v * v)).sum(1)
    weaker = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
    return shift, np.sqrt(noise) / np.maximum(weaker, 1e-9)


def _moved(patches: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """Patches with their content moved back by (x, y), in the spectrum."""
    side = patches.shape[1]
    fx, fy, _ = _frequencies(side)
    turn = np.exp(2j * np.pi * (shifts[:, 0, None, None] * fx + shifts[:, 1, None, None] * fy))
    return np.fft.irfft2(np.fft.rfft2(patches) * turn, s=(side, side))


def _alike(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    power = (a * a).sum(axis=(1, 2)) * (b * b).sum(axis=(1, 2))
    return np.asarray((a * b).sum(axis=(1, 2)) / np.sqrt(np.maximum(power, 1e-12)))
