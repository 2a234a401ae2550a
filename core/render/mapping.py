"""Where each pixel of a ref frame lies in the clip: by the matrix alone, or by the dense flow that starts from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from ..alignment import Matrix
from ..media.display import needs_curve, shown
from ..media.plates import PictureInfo, Plate
from ..space.geometry import as_array, resize_matrix
from ..space.maps import map_of_matrix

if TYPE_CHECKING:
    from ..space.flow import Estimator, Flow

_LINEAR = 8
BLOCK, WARM = 240, 24
"""Frames: what the flow remembers begins anew with each block, so that no frame leans on all before it, and so long before the block; until
there, the new memory's maps come in slowly, so that the border does not show."""


@dataclass(frozen=True)
class Geometry:
    """Sizes, (width, height), of what takes part. A picture and its resized copy share edges."""

    clip_wh: tuple[int, int]
    """Of the clip that was aligned."""
    ref_wh: tuple[int, int]
    source_wh: tuple[int, int]
    """Of the pictures that are drawn: the clip's, or another version's."""
    out_wh: tuple[int, int]
    """Of the frame that is drawn."""
    ref_to_out: np.ndarray
    """3x3: ref pixel to pixel of the frame that is drawn."""

    def matrix(self, clip_to_ref: Matrix) -> np.ndarray:
        """3x3: pixel of the pictures that are drawn, to pixel of the frame they are drawn into."""
        return self.ref_to_out @ as_array(clip_to_ref) @ resize_matrix(self.source_wh, self.clip_wh)

    def map(self, ref_to_clip: np.ndarray, clip_to_ref: Matrix) -> np.ndarray:
        """A dense map at the ref's size, (H, W, 2), as one of the frame that is drawn: what it adds to the matrix is resampled."""
        across, lift = resize_matrix(self.clip_wh, self.source_wh), np.linalg.inv(self.ref_to_out)
        if np.array_equal(lift, np.eye(3)) and self.out_wh == self.ref_wh:
            out = ref_to_clip
        else:
            added = ref_to_clip - map_of_matrix(as_array(clip_to_ref), self.ref_wh)
            x = np.arange(self.out_wh[0]) * lift[0, 0] + lift[0, 2]
            y = np.arange(self.out_wh[1]) * lift[1, 1] + lift[1, 2]
            at_x, at_y = (part.astype(np.float32) for part in np.meshgrid(x, y))
            moved = cv2.remap(added, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            out = moved + map_of_matrix(self.ref_to_out @ as_array(clip_to_ref), self.out_wh)
        scaled = out * np.array([across[0, 0], across[1, 1]], np.float32) + np.array([across[0, 2], across[1, 2]], np.float32)
        return np.asarray(scaled, np.float32)


def geometry(clip_wh: tuple[int, int], ref_wh: tuple[int, int], source_wh: tuple[int, int], out_wh: tuple[int, int]) -> Geometry:
    """Of a frame that shows what the ref shows, at any size."""
    return Geometry(clip_wh, ref_wh, source_wh, out_wh, resize_matrix(ref_wh, out_wh))


def warm_from(first: int) -> int:
    """The frame that Flows has to be shown first, for frame `first` to have the map that it has in every other run."""
    return max(0, first // BLOCK * BLOCK - WARM)


class Flows:
    """Dense maps frame by frame; each one begins where the one before ended.

    Frames are shown in rising order without a gap, from warm_from(first) on: what is found for one does not depend on where the making began.
    In the last WARM frames of a block the memory of the next one is made beside that of this one.
    """

    def __init__(
        self, estimator: Estimator, clip: PictureInfo, ref: PictureInfo, first: int, frames: int, masks: Iterator[np.ndarray] | None = None
    ) -> None:
        """
        first   the first frame whose map is wanted
        frames  how many there are in all, whatever share of them is wanted
        masks   one for each call of between()
        """
        self._estimator = estimator
        self._clip, self._ref = clip, ref
        self._masks = masks
        self._first, self._frames = first, frames
        self._before: Flow | None = None
        self._next: Flow | None = None

    def between(self, clip: Plate, ref: Plate, clip_to_ref: Matrix, number: int) -> np.ndarray | None:
        """(H, W, 2) float32 at the ref's size: the clip point that each ref pixel shows; None where frame `number` is but warmed up with."""
        start = map_of_matrix(as_array(clip_to_ref), (self._ref.width, self._ref.height))
        mask = next(self._masks) if self._masks is not None else None
        pictures = seen(clip, self._clip), seen(ref, self._ref), start
        clear = _transparent(clip, self._clip)

        def found(before: Flow | None) -> Flow:
            return self._estimator.estimate(*pictures, mask=mask, clip_mask=clear, previous=before)

        self._enter(number)
        if number >= self._first // BLOCK * BLOCK:
            self._before = found(self._before)
        share = self._warmth(number)
        if share:
            self._next = found(self._next)
        if self._before is None or number < self._first:
            return None
        own = self._before.ref_to_clip
        return own + np.float32(share) * (self._next.ref_to_clip - own) if share and self._next is not None else own

    def rest(self, number: int) -> None:
        """A frame without a map: what comes next has nothing before it."""
        self._before = self._next = None

    def _enter(self, number: int) -> None:
        if number % BLOCK == 0:
            self._before, self._next = self._next, None

    def _warmth(self, number: int) -> float:
        """How much of the next block's map is seen already; slow at first, while it remembers little. 0 while that block is not near."""
        border = (number // BLOCK + 1) * BLOCK
        near = number - (border - WARM) + 1
        return (near / (WARM + 1)) ** 2 if near > 0 and border < self._frames else 0.0


def seen(plate: Plate, info: PictureInfo) -> np.ndarray:
    """(h, w, 3) float32, 0 to 1: the picture as a screen shows it, which is what pictures are compared by."""
    rgb = plate.rgb(field=0 if plate.interlaced else None)
    transfer = _LINEAR if info.linear else info.colour.transfer
    return shown(rgb, transfer) if needs_curve(transfer) else np.clip(rgb, 0, 1)


def _transparent(plate: Plate, info: PictureInfo) -> np.ndarray | None:
    """(h, w) bool: where the clip is see-through and shows nothing of its own; None where it has no alpha."""
    return plate.rgb(alpha=True)[..., 3] < 0.5 if info.alpha else None


def as_mask(plate: Plate, ref_wh: tuple[int, int]) -> np.ndarray:
    """(H, W) bool at the ref's size: True where the mask's picture is nearer to white than to black."""
    grey = plate.rgb().mean(axis=2)
    if grey.shape[1::-1] != ref_wh:
        grey = cv2.resize(grey, ref_wh, interpolation=cv2.INTER_AREA if grey.shape[1] > ref_wh[0] else cv2.INTER_LINEAR)
    return grey > 0.5
