"""Frames of an alignment's two files as a screen shows them, one at a time, and the clip's laid where it lies in the ref."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import numpy as np

from ...core.alignment import Alignment, Matrix
from ...core.media.info import ReadOptions
from ...core.media.ocio import to_display
from ...core.media.plates import Plate, Plates
from ...core.render.mapping import seen
from ...core.render.source import open_source, sources_of
from .replies import Shot, Unknown


class Film:
    """One file. It is opened when its first frame is asked for, and read by one at a time."""

    def __init__(self, path: str, read: ReadOptions, frames: int, cache: str) -> None:
        """Raises UsageError for a colour space that OpenColorIO does not know."""
        self.path, self.read, self.frames, self.cache = path, read, frames, cache
        self._lock = threading.Lock()
        self._plates: Plates | None = None
        self._to_display = to_display(read.space) if read.space else None

    def picture(self, number: int) -> np.ndarray:
        """(H, W, 3) uint8. Raises Unknown, MediaError."""
        if not 0 <= number < self.frames:
            raise Unknown(f"{Path(self.path).name} has no frame {number}")
        with self._lock:
            if self._plates is None:
                self._plates = open_source(self.path, self.read, True, self.cache)
            plate = next(iter(self._plates.at([number])))
            return np.asarray(self._as_seen(plate, self._plates) * 255 + 0.5).astype(np.uint8)

    def _as_seen(self, plate: Plate, plates: Plates) -> np.ndarray:
        """(H, W, 3) float32, 0 to 1, as a screen shows it; through OpenColorIO where align was told the colour space."""
        if self._to_display is None:
            return seen(plate, plates.info)
        return self._to_display(plate.rgb(field=0 if plate.interlaced else None))

    def close(self) -> None:
        with self._lock:
            if self._plates is not None:
                self._plates.close()
                self._plates = None


class Films:
    """Both files of an alignment."""

    def __init__(self, alignment: Alignment) -> None:
        how = sources_of(alignment)
        self.clip = Film(alignment.clip.path, how.clip, alignment.clip.frames, how.cache)
        self.ref = Film(alignment.ref.path, how.ref, alignment.ref.frames, how.cache)
        self.clip_wh = alignment.clip.width, alignment.clip.height
        self.ref_wh = alignment.ref.width, alignment.ref.height

    def ref_shot(self, number: int) -> Shot:
        return Shot(("ref", number), lambda: self.ref.picture(number))

    def clip_shot(self, number: int) -> Shot:
        """As it stands in its file."""
        return Shot(("clip", number), lambda: self.clip.picture(number))

    def laid_shot(self, number: int, matrix: Matrix | None) -> Shot:
        """A clip frame where it lies in the ref, black around it; without a matrix it is fitted into the ref's size."""
        clip_to_ref = fitted(self.clip_wh, self.ref_wh) if matrix is None else np.array(matrix).reshape(3, 3)

        def make() -> np.ndarray:
            return laid(self.clip.picture(number), clip_to_ref, self.ref_wh)

        return Shot(("laid", number, *map(float, clip_to_ref.ravel())), make)

    def close(self) -> None:
        self.clip.close()
        self.ref.close()


def fitted(clip_wh: tuple[int, int], ref_wh: tuple[int, int]) -> np.ndarray:
    """clip_to_ref of a picture that fills the ref as far as its shape allows, in the middle."""
    scale = min(ref_wh[0] / clip_wh[0], ref_wh[1] / clip_wh[1])
    x, y = ((r - 1) / 2 - scale * (c - 1) / 2 for c, r in zip(clip_wh, ref_wh, strict=True))
    return np.array([[scale, 0, x], [0, scale, y], [0, 0, 1.0]])


def laid(picture: np.ndarray, clip_to_ref: np.ndarray, ref_wh: tuple[int, int]) -> np.ndarray:
    """(H, W, 3) uint8 of the ref's size. To look at: averaged first where it shrinks, then linear."""
    scale = float(np.sqrt(abs(np.linalg.det(clip_to_ref[:2, :2]))))
    if scale < 0.75:
        wh = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
        sx, sy = wh[0] / picture.shape[1], wh[1] / picture.shape[0]
        picture = np.asarray(cv2.resize(picture, wh, interpolation=cv2.INTER_AREA))
        small_to_clip = np.array([[1 / sx, 0, 0.5 / sx - 0.5], [0, 1 / sy, 0.5 / sy - 0.5], [0, 0, 1]])
        clip_to_ref = clip_to_ref @ small_to_clip
    return np.asarray(cv2.warpPerspective(picture, clip_to_ref, ref_wh, flags=cv2.INTER_LINEAR))
