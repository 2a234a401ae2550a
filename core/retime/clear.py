"""Frames in between of pictures that are partly clear: colours times alpha, and alpha, follow the same motion and are drawn alike.

Alpha is a fourth channel, and colours are associated (Porter and Duff, Compositing digital images, 1984): what is clear has no colour that could
bleed, and colour over alpha stays what it was where two pictures are mixed. An interpolator that knows three channels finds the motion, in
the picture as it stands before grey: before black, black drawings would not be seen to move. One that tells no motion is asked for the picture
before black and before white, and how much they differ is how clear it is.
"""

from __future__ import annotations

import cv2
import numpy as np

from ..errors import GenlockError
from .between.drawing import drawn
from .contracts import Between, Interpolator, Pair, Time

_BLACK, _GREY, _WHITE = np.float32(0), np.float32(0.5), np.float32(1)
_LEAST = np.float32(1e-4)


class Clear:
    """An Interpolator for pictures with alpha, (H, W, 4) float32, made of one for pictures without; those it passes on."""

    def __init__(self, interpolator: Interpolator) -> None:
        self._interpolator = interpolator
        self.name = interpolator.name

    def pair(self, a: np.ndarray, b: np.ndarray) -> Pair:
        """Prepare two pictures of one size. Raises what the interpolator raises."""
        if a.shape[2] == 3:
            return self._interpolator.pair(a, b)
        return _ClearPair(a, b, self._interpolator)

    def middle(self, a: np.ndarray, b: np.ndarray, t: Time = 0.5) -> np.ndarray:
        """The picture at a time between two."""
        return self.pair(a, b).at(t)


class _ClearPair:
    def __init__(self, a: np.ndarray, b: np.ndarray, interpolator: Interpolator) -> None:
        self._given, self._interpolator = (a, b), interpolator
        self._seen = self._pair(_GREY)
        self._tells_motion = True

    def at(self, t: Time) -> np.ndarray:
        for end in (0, 1):
            if np.all(t == end):
                return self._given[end]
        if self._tells_motion:
            try:
                return self.between(t).picture
            except GenlockError:
                self._tells_motion = False
        black, white = (self._pair(level).at(t) for level in (_BLACK, _WHITE))
        return _within(np.dstack([black, 1 - (white - black).mean(-1)]))

    def between(self, t: Time) -> Between:
        seen = self._seen.between(t)
        for end in (0, 1):
            if np.all(t == end):
                return Between(self._given[end], seen.flow_to_a, seen.flow_to_b, seen.share_of_a)
        picture = _within(drawn(*self._given, seen.flow_to_a, seen.flow_to_b, seen.share_of_a))
        return Between(picture, seen.flow_to_a, seen.flow_to_b, seen.share_of_a)

    def _pair(self, level: np.float32) -> Pair:
        """As they stand before a background of this level."""
        a, b = (np.ascontiguousarray(p[..., :3] + (1 - p[..., 3:]) * level, np.float32) for p in self._given)
        return self._interpolator.pair(a, b)


def _within(picture: np.ndarray) -> np.ndarray:
    """Alpha from 0 to 1, which sharp edges overshoot when they are drawn anew; colours by as much, so that they stay the same colours."""
    alpha = picture[..., 3]
    kept = np.clip(alpha, 0, 1)
    if np.array_equal(kept, alpha):
        return picture
    scale = np.where(alpha > _LEAST, kept / np.maximum(alpha, _LEAST), np.float32(0))
    scale[alpha == kept] = 1
    return np.asarray(picture * cv2.merge([scale] * 4), np.float32)
