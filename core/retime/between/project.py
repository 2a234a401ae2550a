"""Motion carried forward: from the pixels of a picture to where they are at a time.

Every pixel drops its displacement at the place that it has reached, shared between the four pixels around it. Where several meet, the one
whose brightness was found again counts more, since what is hidden is not found; where none arrives there is a hole, which is told and
filled by the other picture's motion, then from around. Only motion is carried: colours are looked up afterwards, so that nothing is blurred.
The idea is old (Baker et al., IJCV 2011, section 3.4 there); the weights are our own.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .looking import look, places

_LEAST = 0.02
"""Weight arrived, in pixels, below which a place counts as a hole."""
_ROUNDS = 3
_REACHES = (9, 33, 97, 385, 1537)


@dataclass(frozen=True)
class Seen:
    """One picture's motion, as it lies at a time."""

    motion: np.ndarray
    """(H, W, 2): the displacement to the other picture, for the pixel that is here now."""
    weight: np.ndarray
    """(H, W): how much of it has arrived, and how well it is to be believed."""
    count: np.ndarray
    """(H, W): how many pixels have arrived: about 1 where the picture shows what is here, found again or not, 0 where it does not."""


def carried(flow: np.ndarray, weight: np.ndarray, time: float | np.ndarray) -> Seen:
    """The flow at a time on its way: 0 is where it starts, 1 where it leads. time may be (H, W), at the places of arrival."""
    height, width = weight.shape
    landed = places(height, width) + _way(flow, time)
    corner = np.floor(landed)
    share = landed - corner
    column, row = (corner[..., k].astype(np.int32).ravel() for k in (0, 1))
    across, down = share[..., 0].ravel(), share[..., 1].ravel()
    flat = weight.ravel()
    u, v = flow[..., 0].ravel(), flow[..., 1].ravel()
    sums = [np.zeros(height * width) for _ in range(4)]
    for y in (0, 1):
        for x in (0, 1):
            here = (down if y else 1 - down) * (across if x else 1 - across)
            inside = (column >= -x) & (column < width - x) & (row >= -y) & (row < height - y)
            here[~inside] = 0
            part = flat * here
            place = np.where(inside, (row + y) * width + (column + x), 0)
            for total, values in zip(sums, (here, part, part * u, part * v), strict=True):
                total += np.bincount(place, values, height * width)
    count, arrived, *moved = (total.reshape(height, width).astype(np.float32) for total in sums)
    return Seen(np.dstack(moved) / np.maximum(arrived, 1e-6)[..., None], arrived, count)


def _way(flow: np.ndarray, time: float | np.ndarray) -> np.ndarray:
    """How far each pixel has come when the time at the place it has reached is that place's own."""
    if not isinstance(time, np.ndarray):
        return flow * np.float32(time)
    way = flow * time[..., None]
    for _ in range(_ROUNDS):
        way = flow * look(time, way)[..., None]
    return way


def filled(there: Seen, back: Seen) -> tuple[np.ndarray, np.ndarray]:
    """Displacements from a to b for each pixel at the time: as a tells it, and as b does; without holes."""
    total = there.weight + back.weight
    both = (there.motion * there.weight[..., None] - back.motion * back.weight[..., None]) / np.maximum(total, 1e-6)[..., None]
    known = total > _LEAST
    if not known.all():
        both = _from_around(both, known)
    return (
        np.where((there.weight > _LEAST)[..., None], there.motion, both),
        np.where((back.weight > _LEAST)[..., None], -back.motion, both),
    )


def _from_around(motion: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The motion, with holes filled by the mean of what is known nearby, the nearer the better."""
    open_ = ~known
    motion = motion * known[..., None]
    sure = known.astype(np.float32)
    out = motion.copy()
    for reach in _REACHES:
        count = cv2.blur(sure, (reach, reach), borderType=cv2.BORDER_CONSTANT)
        found = open_ & (count > 0.5 / reach**2)
        if found.any():
            mean = cv2.blur(motion, (reach, reach), borderType=cv2.BORDER_CONSTANT)
            out[found] = mean[found] / count[found][:, None]
            open_ &= ~found
        if not open_.any():
            break
    return out
