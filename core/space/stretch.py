"""How far a ref pixel reaches over the clip: what the kernel is stretched by where a map shrinks the picture.

A map's Jacobian J takes a step in the ref to a step in the clip. The kernel is stretched by the symmetric matrix A whose square is
J Jᵀ with no axis shorter than a clip pixel: along the directions in which the map shrinks it grows to the ref's pixels, along
the others it stays as it is, and a turn alone changes nothing. Compare P. S. Heckbert, "Fundamentals of Texture Mapping and Image
Warping" (1989), whose ellipses are these; the kernel here is a product along A's own axes instead of a round one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .maps import jacobian

_FROM, _FULL = 1.05, 1.2
"""Between these shrinkings the stretch sets in: a map's own jitter must not make the picture soft, and up to here an unstretched
kernel lets next to nothing through that a ref pixel could not show."""
_TORN = 1e3
"""A map that leaps by more than this from pixel to pixel is torn there, and says nothing of how it stretches."""
_CALM_PX = 2
"""A measured map's Jacobian is averaged this many pixels to each side."""


@dataclass(frozen=True)
class Stretch:
    """The inverse of A at n points, and how far A reaches: (n,) float32 each."""

    xx: np.ndarray
    xy: np.ndarray
    yy: np.ndarray
    reach_x: np.ndarray
    """Half the width of the box around the stretched unit square, 1 or more."""
    reach_y: np.ndarray

    @property
    def reach(self) -> np.ndarray:
        """The larger of the two."""
        return np.maximum(self.reach_x, self.reach_y)

    def of(self, some: np.ndarray) -> Stretch:
        """At some of the points."""
        return Stretch(self.xx[some], self.xy[some], self.yy[some], self.reach_x[some], self.reach_y[some])


def stretch_of(j: np.ndarray) -> Stretch | None:
    """The stretch of Jacobians (n, 2, 2), float; None where no pixel shrinks. Where J is not finite, nothing is stretched."""
    a, b, c, d = (np.asarray(j[:, i, k], float) for i in (0, 1) for k in (0, 1))
    xx, xy, yy = a * a + b * b, a * c + b * d, c * c + d * d
    middle, spread = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    largest, least = np.sqrt(middle + spread), np.sqrt(np.maximum(middle - spread, 0))
    if not (largest > _FROM).any():
        return None
    big, small = stretched(largest), stretched(least)
    with np.errstate(invalid="ignore", divide="ignore"):
        # f(J Jᵀ) = lift + slope * J Jᵀ, for the f that takes the squared axes to the ones wanted
        apart = largest**2 - least**2
        round_ = ~(apart > 1e-6 * largest**2)
        reach_slope = np.where(round_, 0, (big - small) / apart)
        slope = np.where(round_, 0, (1 / big - 1 / small) / apart)
    lift, reach_lift = 1 / big - slope * largest**2, big - reach_slope * largest**2
    off = np.abs(reach_slope * xy)
    return Stretch(
        xx=_kept(lift + slope * xx, 1),
        xy=_kept(slope * xy, 0),
        yy=_kept(lift + slope * yy, 1),
        reach_x=_kept(reach_lift + reach_slope * xx + off, 1),
        reach_y=_kept(reach_lift + reach_slope * yy + off, 1),
    )


def _kept(value: np.ndarray, otherwise: float) -> np.ndarray:
    return np.where(np.isfinite(value), value, otherwise).astype(np.float32)


def stretched(length: np.ndarray) -> np.ndarray:
    """What a kernel is stretched by where a ref pixel is this many clip pixels long: 1 up to 1.05, all of it from 1.2 on."""
    share = np.clip((length - _FROM) / (_FULL - _FROM), 0, 1)
    return np.asarray(1 + (np.maximum(length, 1) - 1) * share * share * (3 - 2 * share))


def measured_jacobian(ref_to_clip: np.ndarray, rows: range) -> np.ndarray:
    """(rows * W, 2, 2) float32: the Jacobian of some rows of a map (H, W, 2), averaged over a few pixels around each."""
    import cv2

    top, stop = max(0, rows.start - _CALM_PX - 1), min(len(ref_to_clip), rows.stop + _CALM_PX + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        j = jacobian(ref_to_clip[top:stop])
    # The average is a running sum: what is no number, or huge, must not enter it.
    j = np.where(np.abs(j) < _TORN, j, 0).astype(np.float32)
    side = 2 * _CALM_PX + 1
    calm = cv2.blur(j.reshape(*j.shape[:2], 4), (side, side), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(calm[rows.start - top : rows.stop - top]).reshape(-1, 2, 2)


def matrix_jacobian(ref_to_clip: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(n, 2, 2): the Jacobian of a 3x3 ref_to_clip at ref points."""
    m = np.asarray(ref_to_clip, float)
    w = m[2, 0] * x + m[2, 1] * y + m[2, 2]
    out = np.empty((len(x), 2, 2))
    for i in (0, 1):
        at = (m[i, 0] * x + m[i, 1] * y + m[i, 2]) / w
        for k in (0, 1):
            out[:, i, k] = (m[i, k] - at * m[2, k]) / w
    return out
