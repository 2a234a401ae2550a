"""Lays clip frames on ref frames at full size, ready to be compared: by the matrix, and by dense flow from there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..alignment import Matrix
from ..media.display import needs_curve
from ..media.footage import Footage, Frame
from ..media.info import FootageInfo
from ..space.flow import Estimator
from ..space.geometry import as_array
from ..space.maps import map_of_matrix
from ..space.warp import warp, warp_by_matrix
from .rectangle import shrunk
from .walk import Walk

EDGE_PX = 3
"""Nearer than this to the clip's edge, resampling has had to make up what lies outside; those pixels are not compared."""
_COVERED = 0.999


@dataclass(frozen=True)
class Laid:
    """One pair of frames. All (H, W) of the ref's size, levels of 0 to 255 as the ref counts them."""

    ref: np.ndarray
    matrix: np.ndarray
    """The clip, laid by its matrix; float32."""
    flow: np.ndarray | None
    """The same by flow."""
    inside: np.ndarray
    """Bool: what is compared, the same for both."""


class Table:
    """Both files, open, and what it takes to lay one on the other."""

    def __init__(self, clip: Footage, ref: Footage, wanted: tuple[list[int], list[int]], estimator: Estimator | None) -> None:
        self.clip_wh = clip.info.width, clip.info.height
        self.ref_wh = ref.info.width, ref.info.height
        self._levels = Levels.between(clip.info, ref.info)
        self._as_stored = needs_curve(clip.info.colour.transfer) == needs_curve(ref.info.colour.transfer)
        """Else one is HDR and the other is not, and both are compared as they are shown."""
        self._estimator = estimator
        self._clip, self._ref = Walk(clip, wanted[0]), Walk(ref, wanted[1])

    def ref(self, frame: int) -> np.ndarray:
        """A ref frame's luma, (H, W), levels of 0 to 255."""
        return self._luma(self._ref.frame(frame))

    def lay(self, ref_frame: int, clip_frame: int, clip_to_ref: Matrix) -> Laid:
        """One pair. Nothing is resampled twice, and nothing at all where whole pixels lie on whole pixels."""
        ref, clip = self.ref(ref_frame), self._levels.apply(self._luma(self._clip.frame(clip_frame)))
        matrix = as_array(clip_to_ref)
        by_matrix, covered = warp_by_matrix(clip, matrix, self.ref_wh)
        inside = shrunk(covered >= _COVERED, EDGE_PX)
        if self._estimator is None:
            return Laid(ref, by_matrix, None, inside)
        start = map_of_matrix(matrix, self.ref_wh)
        found = self._estimator.estimate(_unit(clip), _unit(ref), start)
        by_flow, covered = warp(clip, found.ref_to_clip)
        return Laid(ref, by_matrix, by_flow, inside & shrunk(covered >= _COVERED, EDGE_PX))

    def _luma(self, frame: Frame) -> np.ndarray:
        return frame.fine_luma() if self._as_stored else frame.luma()


@dataclass(frozen=True)
class Levels:
    """From the clip's levels to the ref's, where one is of limited range (16 to 235) and the other of full range; else nothing."""

    gain: float = 1.0
    offset: float = 0.0

    @staticmethod
    def between(clip: FootageInfo, ref: FootageInfo) -> Levels:
        """By what the files say of themselves."""
        if full_range(clip) == full_range(ref):
            return Levels()
        return Levels(219 / 255, 16.0) if full_range(clip) else Levels(255 / 219, -16 * 255 / 219)

    def apply(self, picture: np.ndarray) -> np.ndarray:
        """The picture itself where there is nothing to do."""
        return picture if self == Levels() else picture.astype(np.float32) * np.float32(self.gain) + np.float32(self.offset)


def full_range(info: FootageInfo) -> bool:
    """Whether black is 0 and white the top of the code: RGB, grey, and YUV that says so."""
    return info.colour.full_range or info.pix_fmt.startswith(("rgb", "bgr", "gbr", "argb", "abgr", "gray", "ya", "yuvj", "0rgb", "0bgr", "pal8"))


def _unit(picture: np.ndarray) -> np.ndarray:
    """0 to 1, float32, as flow wants it."""
    return np.clip(picture.astype(np.float32) / 255, 0, 1)
