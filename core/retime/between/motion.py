"""The motion between two pictures, both ways.

Dense inverse search (Kroeger et al., ECCV 2016), as OpenCV has it, with denser patches and more smoothing than its presets: on two cores
that was nearer to the truth at a given time than its finer presets, than a coarse-to-fine Lucas-Kanade, and than genlock's own flow, which
is made for pairs that differ by little and takes many times as long.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ...dis import searcher
from ...threads import both
from .looking import look
from .luma import continued

_WINDOW = np.ones((5, 5), np.uint8)
_NEAR_PX = 0.35
_TEXTURE = 3
"""Levels between the brightest and the darkest pixel of a window that make a match of it evidence."""


@dataclass(frozen=True)
class Search:
    """A setting of the dense inverse search."""

    finest: int
    """Level of the pyramid that it ends on; 0 is the picture itself."""
    stride_px: int
    """From patch to patch, of 8 pixels a side."""
    stride_of_large_px: int
    """The same in pictures of more than _LARGE pixels, where a denser one was slower and no nearer to the truth."""
    smoothing: int
    preset: int = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM


_LARGE = 700_000
SEARCHES = {
    "fast": Search(2, 4, 4, smoothing=5, preset=cv2.DISOPTICAL_FLOW_PRESET_FAST),
    "medium": Search(1, 2, 3, smoothing=10),
    "fine": Search(0, 2, 2, smoothing=10),
}


def both_ways(a: np.ndarray, b: np.ndarray, quality: str) -> tuple[np.ndarray, np.ndarray]:
    """Displacements (H, W, 2) float32 from a to b on a's pixels, and from b to a on b's; a and b (H, W) uint8."""
    height, width = a.shape
    wide_a, wide_b = continued(a), continued(b)
    how = SEARCHES[quality]
    there, back = (found[:height, :width] for found in both(lambda: _searched(wide_a, wide_b, how), lambda: _searched(wide_b, wide_a, how)))
    stands = _steady_shift(there)
    return _settled(there, a, b, stands), _settled(back, b, a, -stands)


def _searched(a: np.ndarray, b: np.ndarray, how: Search) -> np.ndarray:
    search = searcher(how.preset)
    search.setFinestScale(how.finest)
    search.setPatchStride(how.stride_of_large_px if a.size > _LARGE else how.stride_px)
    search.setVariationalRefinementIterations(how.smoothing)
    return np.asarray(search.calc(a, b, None), np.float32)  # type: ignore[call-overload]


def _steady_shift(flow: np.ndarray) -> np.ndarray:
    """The whole-pixel displacement that most of the picture is near to: what a camera that pans does."""
    return np.rint(np.median(flow[::4, ::4].reshape(-1, 2), axis=0)).astype(np.float32)


def _settled(flow: np.ndarray, a: np.ndarray, b: np.ndarray, camera: np.ndarray) -> np.ndarray:
    """The flow, set to standing still, to the camera's motion or to whole pixels where that shows the very same.

    A smooth flow drags what lies beside a moving thing along with it, and what stands still or moves by whole pixels is drawn bit for bit
    only where the displacement is exact. Windows that are merely more alike were tried as evidence too: that tore real footage.
    """
    flow = np.ascontiguousarray(flow)
    _, textured = cv2.threshold(cv2.subtract(cv2.dilate(a, _WINDOW), cv2.erode(a, _WINDOW)), _TEXTURE - 1, 255, cv2.THRESH_BINARY)
    for shift in {(0.0, 0.0), (float(camera[0]), float(camera[1]))}:
        everywhere = np.empty_like(flow)
        everywhere[:] = shift
        same = _same(a, b, everywhere)
        cv2.bitwise_and(same, cv2.bitwise_or(textured, _near(flow, everywhere)), dst=same)
        cv2.copyTo(everywhere, same, flow)
    whole = np.rint(flow)
    cv2.copyTo(whole, cv2.bitwise_and(_near(flow, whole), _same(a, b, whole)), flow)
    return flow


def _same(a: np.ndarray, b: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """255 where a window of a is bit for bit that of b at whole displacements, else 0; (H, W) uint8."""
    return cv2.erode(np.equal(a, look(b, whole, cv2.INTER_NEAREST)).view(np.uint8) * np.uint8(255), _WINDOW)


def _near(flow: np.ndarray, other: np.ndarray) -> np.ndarray:
    """255 where two flows differ by less than a third of a pixel on either axis, else 0."""
    return cv2.inRange(cv2.absdiff(flow, other), (0, 0, 0, 0), (_NEAR_PX, _NEAR_PX, 0, 0))
