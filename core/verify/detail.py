"""Detail that gain and grade do not touch: local normalisation, blur matching, and correlation block by block.

A picture's detail is its difference from the local mean over the local deviation, held down where there is less of it
than coding noise. Correlation of two details is then free of gain, offset and slow changes of either over the frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

SIGMA_PX = 6.0
"""Of the neighbourhood that mean and deviation are taken over."""
FLOOR = 2.5
"""Grey levels of deviation that count as nothing, of 255."""
BLOCK_PX = 40
BLURS_PX = (0.0, 0.5, 0.7, 0.85, 1.0, 1.2, 1.4, 1.7, 2.0, 2.4, 2.8, 3.4, 4.0)
NEAR = 1.1
"""Two are equally sharp whose sharpness differs by no more than this factor."""


class Cover:
    """What of a frame is inside a picture, 0 to 1, and how much of it lies around each pixel; (h, w) float32 both."""

    def __init__(self, inside: np.ndarray) -> None:
        self.inside = inside
        self.around = np.maximum(_around(inside), 1e-3)


@dataclass(frozen=True)
class Detail:
    """The detail of one picture: values (h, w) float32 of about -3 to 3, 0 outside; inside (h, w) float32 of 0 to 1."""

    values: np.ndarray
    inside: np.ndarray


@dataclass(frozen=True)
class Blur:
    """What makes two pictures equally sharp: a Gaussian on one of them, its deviation in pixels."""

    ref_px: float = 0.0
    clip_px: float = 0.0


def detail(picture: np.ndarray, cover: Cover, blur_px: float = 0.0) -> Detail:
    """Take the detail of a picture, (h, w) float32, where it is covered. Nothing outside reaches in."""
    inside = cover.inside
    if blur_px > 0:
        weight = np.maximum(cv2.GaussianBlur(inside, (0, 0), blur_px), 1e-3)
        picture = cv2.GaussianBlur(picture * inside, (0, 0), blur_px) / weight
    off = (picture - _around(picture * inside) / cover.around) * inside
    deviation = np.sqrt(np.maximum(_around(off * off) / cover.around, 0.0))
    return Detail(off / (deviation + FLOOR), inside)


def _around(picture: np.ndarray) -> np.ndarray:
    """The mean over the neighbourhood: two running means, near enough to a Gaussian of SIGMA_PX, and ten times as fast."""
    side = 2 * round(SIGMA_PX * 6**0.5 / 2) + 1
    once = cv2.blur(picture, (side, side), borderType=cv2.BORDER_REFLECT)
    return cv2.blur(once, (side, side), borderType=cv2.BORDER_REFLECT)


def correlation(a: Detail, b: Detail) -> float:
    """Of two details over where both are, -1 to 1; 0 where one of them has none."""
    both = a.inside * b.inside
    x, y = a.values * both, b.values * both
    power = float(np.vdot(x, x)) * float(np.vdot(y, y))
    return float(np.vdot(x, y)) / power**0.5 if power > 1e-6 else 0.0


def block_correlations(a: Detail, b: Detail) -> np.ndarray:
    """Correlation in each block of BLOCK_PX; (rows, columns) float32, NaN where there is not enough detail of a inside both."""
    both = a.inside * b.inside
    ab, aa, bb = (_sums(part * both) for part in (a.values * b.values, a.values**2, b.values**2))
    covered = _sums(both) / BLOCK_PX**2
    enough = (covered > 0.6) & (aa > 0.06 * BLOCK_PX**2 * covered)
    return np.where(enough, ab / np.sqrt(np.maximum(aa * bb, 1e-6)), np.nan)


def block_differences(a: Detail, b: Detail) -> np.ndarray:
    """How much two details differ in each block: the sum of squares, (rows, columns)."""
    return _sums(((a.values - b.values) * a.inside * b.inside) ** 2)


def _sums(picture: np.ndarray) -> np.ndarray:
    rows, columns = picture.shape[0] // BLOCK_PX, picture.shape[1] // BLOCK_PX
    cut = picture[: rows * BLOCK_PX, : columns * BLOCK_PX]
    return cut.reshape(rows, BLOCK_PX, columns, BLOCK_PX).sum(axis=(1, 3))


def matching_blur(ref: np.ndarray, clip: np.ndarray, cover: Cover) -> Blur:
    """The blur of the sharper one that makes the two equally sharp; pictures (h, w) float32, cover the clip's.

    Sharpness is the power of the detail's slopes over the detail's own, so the two need not lie on each other, nor belong together.
    """
    whole = Cover(np.ones_like(ref))
    a, b = _sharpness(detail(ref, whole), cover.inside), _sharpness(detail(clip, cover), cover.inside)
    if a >= b:
        return Blur(ref_px=next((s for s in BLURS_PX if _sharpness(detail(ref, whole, s), cover.inside) <= b * NEAR), BLURS_PX[-1]))
    return Blur(clip_px=next((s for s in BLURS_PX if _sharpness(detail(clip, cover, s), cover.inside) <= a * NEAR), BLURS_PX[-1]))


def _sharpness(seen: Detail, inside: np.ndarray) -> float:
    x, y = cv2.Sobel(seen.values, cv2.CV_32F, 1, 0), cv2.Sobel(seen.values, cv2.CV_32F, 0, 1)
    deep = cv2.erode(inside, np.ones((5, 5)))
    return float(((x * x + y * y) * deep).sum()) / max(float((seen.values**2 * deep).sum()), 1e-6)


@dataclass(frozen=True)
class Contest:
    """Which of two clip frames fits the ref better, where the two differ."""

    lead: float
    """By how much the first one correlates better than the second, averaged over blocks by how much the two differ there."""
    best: float
    """The better one's correlation, averaged in the same way."""
    sigmas: float
    """The lead in standard errors over the blocks."""

    @property
    def won(self) -> bool:
        return self.sigmas > 2 and self.lead > 0.002 + 0.3 * (1 - self.best)

    @property
    def lost(self) -> bool:
        return self.sigmas < -4 and -self.lead > 0.004 + 0.6 * (1 - self.best)


def contest(ref: Detail, first: Detail, second: Detail) -> Contest:
    """Hold two candidates against the ref. A lead of 0 where nothing tells them apart."""
    a, b, weight = block_correlations(ref, first), block_correlations(ref, second), block_differences(first, second)
    known = np.isfinite(a) & np.isfinite(b)
    if known.sum() < 4:
        return Contest(0.0, 0.0, 0.0)
    a, b, weight = a[known], b[known], weight[known] + 1e-6
    weight = weight / weight.sum()
    off = a - b
    lead = float((weight * off).sum())
    spread = float(np.sqrt((weight**2 * (off - lead) ** 2).sum()))
    best = float(max((weight * a).sum(), (weight * b).sum()))
    return Contest(lead, best, lead / max(spread, 1e-4))
