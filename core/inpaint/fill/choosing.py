"""Which source each masked pixel is taken from, and how sources pass into one another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from .ways import Region, Way

FAR = 12.0
"""A source so many frames away has to show twice as much as one next door to be taken before it."""
SOFT_PX = 1.5
"""Sigma, in view pixels, of the passage from one source to the next."""
MOST = 16
"""Sources of one frame: what is left then is a few pixels."""


@dataclass(frozen=True, eq=False)
class Pick:
    """A way that is taken, and where."""

    way: Way
    weight: np.ndarray
    """(rh, rw) float32; all picks of a region add up to 1 where any of them shows the pixel."""


def choose(region: Region, ways: Iterable[Way]) -> list[Pick]:
    """Few sources that show all there is to see of the hole, near ones first: fewer seams, and fewer frames to read."""
    left = region.hole.copy()
    waiting = [way for way in ways if (way.fits & left).any()]
    label = np.full(left.shape, -1, np.int32)
    taken: list[Way] = []
    while waiting and left.any() and len(taken) < MOST:
        gain = [float((way.fits & left).sum()) / (1 + abs(way.source - region.frame) / FAR) for way in waiting]
        best = int(np.argmax(gain))
        if gain[best] <= 0:
            break
        way = waiting.pop(best)
        new = way.fits & left
        label[new] = len(taken)
        left &= ~new
        taken.append(way)
    return _soft(taken, label)


def _soft(taken: list[Way], label: np.ndarray) -> list[Pick]:
    """Weights from labels. What is around the hole takes the label of the nearest pixel within, so that seams are judged by what meets them."""
    if not taken:
        return []
    known = label >= 0
    _, nearest = cv2.distanceTransformWithLabels((~known).astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    of_index = np.full(int(nearest.max()) + 1, -1, np.int32)
    of_index[nearest[known]] = label[known]
    everywhere = of_index[nearest]
    weights = [cv2.GaussianBlur((everywhere == k).astype(np.float32), (0, 0), SOFT_PX) * way.fits for k, way in enumerate(taken)]
    total = np.maximum(sum(weights), 1e-6)
    return [Pick(way, np.where(weight / total > 0.02, weight / total, 0).astype(np.float32)) for way, weight in zip(taken, weights, strict=True)]
