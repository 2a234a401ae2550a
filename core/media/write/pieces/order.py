"""When coded pictures are decoded: worked out anew for the whole film, since each piece counted from its own beginning."""

from __future__ import annotations

import numpy as np


def decoding_times(pts: np.ndarray, step: int) -> np.ndarray:
    """For each packet in the order of decoding, a time that rises and comes no later than the picture is shown; int64.

    pts   when they are shown, all different
    step  ticks of a frame: pictures that are shown later than they are decoded need so much of a lead for each

    The k-th packet is decoded when the picture shown as number k - d is due, d being how far any packet comes ahead of its turn.
    """
    pts = np.asarray(pts, np.int64)
    if not len(pts):
        return pts
    shown, numbers = np.sort(pts), np.arange(len(pts))
    turn = np.empty_like(numbers)
    turn[np.argsort(pts)] = numbers
    ahead = int((numbers - turn).max())
    return np.concatenate([shown[0] - step * np.arange(ahead, 0, -1), shown[: len(pts) - ahead]])
