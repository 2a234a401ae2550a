"""The motion from a frame to a keyframe: steps from frame to frame, chained, then corrected on the two pictures themselves.

A chain of small steps gets far, and drifts; a search over the whole distance at once gets lost where things move much. So the chain says
where to begin, and dense inverse search (Kroeger et al., ECCV 2016) at full size says what it is off by. On the shots of
bench/inpaint.py, groups of 8, that was 0.3 to 5 dB nearer to the truth than the chain alone, and 0 to 8 dB nearer than genlock's own flow
as steps, which is made for pairs that differ by little and took six times the CPU of one step.

Convention: lumas are (h, w) uint8; a displacement is (h, w, 2) float32, x then y, pixel centres on integers: pixel p of one picture shows
what the other has at p + displacement[p].
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ...dis import searcher
from ...retime.between.looking import look
from ...retime.between.luma import LEAST_PX, continued
from ...retime.between.motion import both_ways
from ..fill.membrane import spread

Luma = Callable[[int], np.ndarray]
Masks = Callable[[int], np.ndarray]

_LEVELS = 4.0
"""Difference, in levels of 8 bits, at which a sample's worth has fallen to 1/e."""
_AROUND_PX = 8
"""Around a thing that was taken away, motion is still half its own."""
_LARGE = 1_000_000
"""Pixels of a window from which on the correction ends at half its size: where that many are, half of one is fine enough."""
_LIKE_PX = 7
"""A side of the window that likeness is judged in."""
_HALF = 2
"""Chains that wait are kept at half the size: the search between two frames is no finer, and the correction takes up the rest."""


@dataclass(frozen=True)
class Sight:
    """The frames as their motion is seen: with what moves in them, or with the ground behind a thing that was taken away."""

    luma: Luma
    masks: Masks | None = None
    """(h, w) bool of the thing; there, the motion of what is around goes on smoothly. None: everything is seen."""

    def step(self, here: int, there: int) -> np.ndarray:
        """From a frame to its neighbour in time."""
        return self._ground(steps(self.luma(here), self.luma(there))[0], here, there)

    def way(self, here: int, there: int, chain: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """From a frame to a keyframe, a chain of steps corrected, and what it is worth: (h, w) float32, 0 to 1."""
        found, apart = corrected(self.luma(here), self.luma(there), chain)
        worth = np.exp(-np.square(apart / np.float32(_LEVELS)))
        if self.masks is None:
            return found, worth
        ground = self._ground(found, here, there)
        return ground, np.where(self._thing(here, there, ground), np.float32(1), worth)

    def _ground(self, way: np.ndarray, here: int, there: int) -> np.ndarray:
        if self.masks is None:
            return way
        known = ~self._thing(here, there, way)
        return spread(way, known) if known.any() else way

    def _thing(self, here: int, there: int, way: np.ndarray) -> np.ndarray:
        """Where either picture shows the thing, and around it."""
        assert self.masks is not None
        seen = self.masks(here) | (look(self.masks(there).astype(np.uint8), way, cv2.INTER_NEAREST) > 0)
        side = 2 * _AROUND_PX + 1
        return cv2.dilate(seen.astype(np.uint8), np.ones((side, side), np.uint8)) > 0


def steps(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Displacements from a to b, its neighbour in time, and from b to a."""
    return both_ways(np.ascontiguousarray(a), np.ascontiguousarray(b), "medium")


def onwards(step: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """A step to a neighbour and, from there on, the way to the keyframe, as one displacement."""
    return step + look(rest, step)


def corrected(here: np.ndarray, there: np.ndarray, way: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A chain corrected by the two pictures it joins, and how unlike they are along it, (h, w) float32 in levels of 8 bits.

    Where the correction makes them no more alike, the chain stays: what stands still then stays where it is, bit for bit.
    """
    found = _searched(here, there, way)
    before, after = unlike(here, there, way), unlike(here, there, found)
    better = after < before
    return np.where(better[..., None], found, way), np.where(better, after, before)


def unlike(here: np.ndarray, there: np.ndarray, way: np.ndarray) -> np.ndarray:
    """Mean difference in a window around each pixel, (h, w) float32, once both have the same light."""
    apart = look(there.astype(np.float32), way) - here
    return cv2.blur(np.abs(apart - np.float32(np.median(apart))), (_LIKE_PX, _LIKE_PX), borderType=cv2.BORDER_REPLICATE)


def _searched(here: np.ndarray, there: np.ndarray, way: np.ndarray) -> np.ndarray:
    height, width = here.shape
    search = searcher(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    search.setFinestScale(int(here.size > _LARGE))
    search.setPatchStride(3)
    search.setVariationalRefinementIterations(5)
    pad = ((0, max(0, LEAST_PX - height)), (0, max(0, LEAST_PX - width)), (0, 0))
    start = np.ascontiguousarray(np.pad(way, pad, mode="edge"), np.float32)
    found = search.calc(np.ascontiguousarray(continued(here)), np.ascontiguousarray(continued(there)), start)
    return np.asarray(found, np.float32)[:height, :width]


def kept(way: np.ndarray, smaller: int = _HALF) -> np.ndarray:
    """A displacement as it waits: smaller, in half precision."""
    height, width = way.shape[:2]
    size_wh = max(1, -(-width // smaller)), max(1, -(-height // smaller))
    return np.asarray(cv2.resize(way, size_wh, interpolation=cv2.INTER_AREA), np.float16)


def taken_up(way: np.ndarray, hw: tuple[int, int]) -> np.ndarray:
    """The same at full size again."""
    return np.asarray(cv2.resize(way.astype(np.float32), hw[::-1], interpolation=cv2.INTER_LINEAR), np.float32)
