"""Planes of subsampled video: where chroma samples lie, and what a map of the luma plane is for them.

So video is warped plane by plane, as it is stored, without a way through RGB.

A chroma plane has ceil(W / sx) x ceil(H / sy) samples. Chroma sample i stands for luma pixels i * sx to i * sx + sx - 1; its
place among them is the chroma location of H.264/H.265 (chroma_sample_loc_type): left (MPEG-2, H.264 and most video: beside
the left luma pixel, between two rows), center (MPEG-1, JPEG), topleft (BT.2020, most UHD), top, bottomleft, bottom.
Pixel centres on integers, x right, y down, in every plane by its own samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import UsageError
from .coverage import Outline

LOCATIONS = ("left", "center", "topleft", "top", "bottomleft", "bottom")
_LEFT = ("left", "topleft", "bottomleft")


@dataclass(frozen=True)
class Plane:
    """How a plane samples the picture; Plane() is luma itself, or any plane that is not subsampled."""

    sx: int = 1
    """Luma pixels a sample, across: 2 in 4:2:0 and 4:2:2."""
    sy: int = 1
    """Luma pixels a sample, down: 2 in 4:2:0."""
    location: str = "left"

    def __post_init__(self) -> None:
        if self.location not in LOCATIONS:
            raise UsageError(f"{self.location!r} is no chroma location", f"choose one of {', '.join(LOCATIONS)}")
        if self.sx < 1 or self.sy < 1:
            raise UsageError(f"a plane cannot have a sample every {self.sx} x {self.sy} pixels", "give whole numbers from 1 on")

    @property
    def first_xy(self) -> tuple[float, float]:
        """Where the first sample lies, in luma pixels."""
        x = 0.0 if self.location in _LEFT else (self.sx - 1) / 2
        y = {"t": 0.0, "b": self.sy - 1.0}.get(self.location[0], (self.sy - 1) / 2)
        return x, y

    def wh(self, luma_wh: tuple[int, int]) -> tuple[int, int]:
        """Size of the plane of a picture of this size."""
        return -(-luma_wh[0] // self.sx), -(-luma_wh[1] // self.sy)

    def to_luma(self) -> np.ndarray:
        """3x3: sample of this plane -> luma pixel."""
        x, y = self.first_xy
        return np.array([[self.sx, 0, x], [0, self.sy, y], [0, 0, 1.0]])

    def outline(self, luma_wh: tuple[int, int]) -> Outline:
        """The picture's edges in samples of this plane: (left, top, right, bottom)."""
        x, y = self.first_xy
        return (-0.5 - x) / self.sx, (-0.5 - y) / self.sy, (luma_wh[0] - 0.5 - x) / self.sx, (luma_wh[1] - 0.5 - y) / self.sy


def plane_matrix(clip_to_ref: np.ndarray, clip_plane: Plane, ref_plane: Plane) -> np.ndarray:
    """clip_to_ref in samples of a plane: 3x3, from clip sample to ref sample."""
    return np.asarray(np.linalg.inv(ref_plane.to_luma()) @ np.asarray(clip_to_ref, float).reshape(3, 3) @ clip_plane.to_luma())


def plane_map(ref_to_clip: np.ndarray, clip_plane: Plane, ref_plane: Plane) -> np.ndarray:
    """A ref_to_clip map (H, W, 2) of luma pixels in samples of a plane: (h', w', 2) float32, with the plane's size of the ref.

    Between luma pixels the map is linear; beyond its border it goes on straight.
    """
    height, width = ref_to_clip.shape[:2]
    if (ref_plane.sx, ref_plane.sy) == (1, 1):
        at = np.asarray(ref_to_clip, np.float32)
    else:
        at = _read(ref_to_clip, ref_plane, ref_plane.wh((width, height)))
    first = np.array(clip_plane.first_xy, np.float32)
    return np.asarray((at - first) / np.array((clip_plane.sx, clip_plane.sy), np.float32), np.float32)


def _read(field: np.ndarray, plane: Plane, wh: tuple[int, int]) -> np.ndarray:
    """The map at a plane's samples: two products of lines, since the samples lie on a grid."""
    (x, y), (height, width) = plane.first_xy, field.shape[:2]
    rows = _between(field, y + plane.sy * np.arange(wh[1]), height, 0)
    return _between(rows, x + plane.sx * np.arange(wh[0]), width, 1)


def _between(field: np.ndarray, place: np.ndarray, size: int, axis: int) -> np.ndarray:
    """Linear along one axis at these places, and straight on beyond the ends."""
    low = np.clip(np.floor(place).astype(int), 0, max(size - 2, 0))
    high = np.minimum(low + 1, size - 1)
    share = (place - low).astype(np.float32).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
    a, b = field.take(low, axis=axis), field.take(high, axis=axis)
    return np.asarray(a + (b - a) * share, np.float32)
