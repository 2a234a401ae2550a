"""Pictures as an interpolator wants them: display-referred, and colours times alpha where some of the picture is clear; and brought back.

Interpolators know display pictures, so scene-linear light is shown to them on a curve. Alpha goes the same way then: colour over alpha
stays what it was.
"""

from __future__ import annotations

import numpy as np

from ..media.plates import PictureInfo, Plate
from ..media.write.fitting import associated, straightened

_GAMMA = np.float32(2.4)


class Light:
    """Of one piece of footage."""

    def __init__(self, info: PictureInfo) -> None:
        self._linear, self._alpha, self._straight = info.linear, info.alpha, info.alpha and not info.associated

    def look(self, plate: Plate) -> np.ndarray:
        """(H, W, 3) float32, or (H, W, 4) where the footage has alpha. Below 0 the curve is mirrored, so that nothing is lost."""
        picture = plate.rgb(alpha=self._alpha)
        if self._straight:
            picture = associated(picture)
        return np.copysign(np.abs(picture) ** (1 / _GAMMA), picture) if self._linear else picture

    def back(self, picture: np.ndarray) -> np.ndarray:
        """As the footage has it; where it is clear, alpha that is straight leaves no colour."""
        if self._linear:
            picture = np.copysign(np.abs(picture) ** _GAMMA, picture)
        return straightened(picture) if self._straight else picture
