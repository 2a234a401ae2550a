"""Chroma planes to the size of luma and back, at the place where the samples sit.

Positions are counted in luma samples, centres on integers: chroma sample k sits at f k + s, with f luma samples to a chroma sample.
s = 0 is co-sited ("left" across, "topleft" in both directions), s = (f - 1) / 2 lies between ("left" down, "center" in both).
Interpolation is by the cubic of R. Keys (Cubic convolution interpolation, 1981) with a = -1/2; downwards it is stretched by f.
Beyond the edge, the edge's samples count on.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np


def siting(location: str, sub_wh: tuple[int, int]) -> tuple[float, float]:
    """(s across, s down) of a chroma location: left, center, topleft."""
    between = tuple((factor - 1) / 2 for factor in sub_wh)
    return (0.0 if location in ("left", "topleft") else between[0], 0.0 if location == "topleft" else between[1])


def enlarged(plane: np.ndarray, size_wh: tuple[int, int], sub_wh: tuple[int, int], location: str, fields: bool = False) -> np.ndarray:
    """A chroma plane, (h, w) float32, at luma's size.

    fields  the picture is interlaced: where lines are left out, each field's chroma belongs to its own lines
    """
    if fields and sub_wh[1] == 2 and size_wh[1] >= 4:
        return _by_fields(plane, size_wh, sub_wh, location)
    across, down = siting(location, sub_wh)
    wide = _up(plane, sub_wh[0], across, size_wh[0])
    return np.ascontiguousarray(_up(wide.T, sub_wh[1], down, size_wh[1]).T) if sub_wh[1] > 1 else wide


def reduced(plane: np.ndarray, sub_wh: tuple[int, int], location: str, fields: bool = False) -> np.ndarray:
    """The reverse: a plane of luma's size, (h, w) float32, to chroma's (rounded up)."""
    across, down = siting(location, sub_wh)
    narrow = _down(plane, sub_wh[0], across)
    if sub_wh[1] == 1:
        return narrow
    if not (fields and sub_wh[1] == 2 and plane.shape[0] >= 4):
        return np.ascontiguousarray(_down(narrow.T, sub_wh[1], down).T)
    out = np.empty((-(-plane.shape[0] // 2), narrow.shape[1]), np.float32)
    for parity in (0, 1):
        lines = np.ascontiguousarray(narrow[parity::2].T)
        out[parity::2] = _down(lines, 2, _field_siting(down, parity)).T[: len(out[parity::2])]
    return out


def _by_fields(plane: np.ndarray, size_wh: tuple[int, int], sub_wh: tuple[int, int], location: str) -> np.ndarray:
    across, down = siting(location, sub_wh)
    wide = _up(plane, sub_wh[0], across, size_wh[0])
    out = np.empty(size_wh[::-1], np.float32)
    for parity in (0, 1):
        lines = np.ascontiguousarray(wide[parity::2].T)
        out[parity::2] = _up(lines, 2, _field_siting(down, parity), len(out[parity::2])).T
    return out


def _field_siting(down: float, parity: int) -> float:
    """In lines of one field: MPEG-2 (ISO/IEC 13818-2, figure 6-2) puts chroma a quarter, then three quarters of a line down."""
    return down if down == 0 else 0.25 + 0.5 * parity


def _up(plane: np.ndarray, factor: int, s: float, width: int) -> np.ndarray:
    plane = np.ascontiguousarray(plane, np.float32)
    if factor == 1:
        return plane[:, :width]
    out = np.empty((plane.shape[0], plane.shape[1] * factor), np.float32)
    for phase in range(factor):
        out[:, phase::factor] = cv2.filter2D(plane, -1, _kernel(1, (phase - s) / factor), borderType=cv2.BORDER_REPLICATE)
    return out[:, :width]


def _down(plane: np.ndarray, factor: int, s: float) -> np.ndarray:
    plane = np.ascontiguousarray(plane, np.float32)
    if factor == 1:
        return plane
    return cv2.filter2D(plane, -1, _kernel(factor, s), borderType=cv2.BORDER_REPLICATE)[:, ::factor]


@lru_cache(maxsize=64)
def _kernel(stretch: int, offset: float) -> np.ndarray:
    """(1, n) weights of the samples around one, for the point that lies `offset` samples after it."""
    radius = 2 * stretch + int(np.ceil(abs(offset)))
    x = np.abs((np.arange(-radius, radius + 1) - offset) / stretch)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    weights = np.where(x <= 1, near, np.where(x < 2, far, 0.0))
    return (weights / weights.sum()).astype(np.float32)[None]
