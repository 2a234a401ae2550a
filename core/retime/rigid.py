"""What lies over a film and does not move with it (subtitles, logos, a HUD): cut out before motion is looked for, and put back as it was.

Motion is followed in pictures in which the marked places are continued from around, so nothing beneath drags what lies there, and nothing of
it is dragged out. In what is made, they show the nearest frame of the input, with a soft seam.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from ..errors import MediaError
from ..media.plates import Plate, Plates
from ..render.mapping import as_mask
from .around import continued

_KERNEL = np.ones((3, 3), np.uint8)


class Rigid:
    """The marked places of each input frame, from a picture, or from footage with a frame for each one of the input."""

    def __init__(self, plates: Plates, size_wh: tuple[int, int], frames: int) -> None:
        """Raises MediaError where a sequence of masks is shorter than the input; of a film, that shows when it ends."""
        self._plates, self._size_wh, self._frames = plates, size_wh, frames
        self._masks: dict[int, np.ndarray] = {}
        self._filled: dict[int, np.ndarray] = {}
        self._reading: Iterator[Plate] | None = None
        self._next = 0
        self._still: np.ndarray | None = None
        if plates.info.kind == "still":
            self._still = self._marked(next(plates.frames()))
        elif plates.info.kind == "sequence" and plates.info.frames < frames:
            raise self._short()

    def without(self, number: int, picture: np.ndarray) -> np.ndarray:
        """An input frame, (H, W, C) float32, with its marked places continued from around; itself where none is marked."""
        if number not in self._filled:
            marked = self.marked(number)
            self._filled[number] = continued(picture, marked, marked) if marked.any() else picture
        return self._filled[number]

    def over(self, made: np.ndarray, number: int, picture: np.ndarray) -> np.ndarray:
        """What was made, with the marked places of an input frame laid over it."""
        marked = self.marked(number)
        if not marked.any():
            return made
        share = cv2.blur(cv2.dilate(marked.view(np.uint8), _KERNEL).astype(np.float32), (3, 3))[..., None]
        return np.asarray(np.where(share == 1, picture, made + (picture - made) * share), np.float32)

    def marked(self, number: int) -> np.ndarray:
        """(H, W) bool, one pixel wider than what is white: what is softened there counts too."""
        if self._still is not None:
            return self._still
        if number not in self._masks:
            if self._reading is None or number < self._next:
                self._reading, self._next = self._plates.at(range(number, self._frames)), number
            while self._next <= number:
                self._masks[self._next] = self._marked(self._read())
                self._next += 1
        return self._masks[number]

    def forget(self, before: int) -> None:
        """Let go of what belongs to frames before this one."""
        for held in (self._masks, self._filled):
            for number in [n for n in held if n < before]:
                del held[number]

    def _read(self) -> Plate:
        assert self._reading is not None
        try:
            plate = next(self._reading, None)
        except (IndexError, MediaError) as error:
            raise self._short() from error
        if plate is None:
            raise self._short()
        return plate

    def _short(self) -> MediaError:
        return MediaError(f"the mask {self._plates.path} is shorter than the input", "give one with a frame for each of its frames, or a picture")

    def _marked(self, plate: Plate) -> np.ndarray:
        white = as_mask(plate, self._size_wh)
        return cv2.dilate(white.view(np.uint8), _KERNEL).astype(bool)
