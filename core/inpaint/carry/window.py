"""The part of the frames that a stretch is carried in, and what is read of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable

import cv2
import numpy as np

from ..crop import Box, box_of, union

MARGIN_PX = 48
"""Around the masks, where the motion is looked for too."""
_HELD = 4


def window_of(masks: Iterable[np.ndarray], hw: tuple[int, int], margin_px: int = MARGIN_PX) -> Box | None:
    """top, left, bottom, right of what holds all masks and a margin; None where they are empty."""
    box = union(box_of(mask) for mask in masks)
    if box is None:
        return None
    return max(0, box[0] - margin_px), max(0, box[1] - margin_px), min(hw[0], box[2] + margin_px), min(hw[1], box[3] + margin_px)


class Lumas:
    """Frames in a window as (h, w) uint8, as they are displayed; the last few are held."""

    def __init__(self, shown: Callable[[int], np.ndarray], window: Box) -> None:
        self._shown = shown
        self._rows, self._columns = slice(window[0], window[2]), slice(window[1], window[3])
        self._held: OrderedDict[int, np.ndarray] = OrderedDict()

    def __call__(self, number: int) -> np.ndarray:
        """Of a frame's number."""
        if number not in self._held:
            picture = self._shown(number)[self._rows, self._columns]
            grey = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_RGB2GRAY)
            self._held[number] = grey if grey.dtype == np.uint8 else cv2.convertScaleAbs(grey, alpha=1 / 257)
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(number)
        return self._held[number]
