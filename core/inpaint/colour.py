"""What a painter is shown of a frame, and how its answer comes back: by the curve of look.py, after OpenColorIO where a space is named.

A painter knows display-referred sRGB. Frames in another space (scene-linear ACEScg, a camera's log) go to scene-linear Rec. 709 by
OpenColorIO, then through the curve, which clips nothing at the top; the way back is the inverse of both. What cannot come back is light that
is negative in Rec. 709, and what lies above the painter's brightest code. And what the painter did not touch does not go through this at all:
a difference of less than half a code of 8 bits is none, and the frame stays there as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import UsageError
from ..media.ocio import between
from .look import from_painter, light, shown, to_painter

_REC709 = ("lin_rec709", "scene_linear")
"""OCIO names, the first that the config has."""
_TOP = 65535
_UNTOUCHED = 0.5 / 255

Way = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Look:
    """How frames of one type and space are shown to painters. Pictures are (h, w, 3) RGB."""

    dtype: np.dtype
    """Of the frames: uint8, uint16 or float32."""
    space: str = ""
    _to: Way | None = None
    _back: Way | None = None

    def to_painter(self, frame: np.ndarray) -> np.ndarray:
        """uint8 or uint16."""
        return to_painter(frame) if self._to is None else shown(self._to(_scaled(frame)))

    def from_painter(self, picture: np.ndarray) -> np.ndarray:
        """A painter's uint8 or uint16 picture in the frames' own type and space."""
        return from_painter(picture, self.dtype) if self._back is None else _typed(self._back(light(picture)), self.dtype)

    def seen(self, frame: np.ndarray) -> np.ndarray:
        """The painter's view as float32, 0 to 1."""
        view = self.to_painter(frame)
        return view * np.float32(1 / np.iinfo(view.dtype).max)

    def taken(self, seen: np.ndarray, frame: np.ndarray) -> np.ndarray:
        """A changed view, float32, as a frame; where the view is as the frame's own was, it is the frame, bit for bit."""
        same = (np.abs(seen - self.seen(frame)) < _UNTOUCHED).all(axis=2, keepdims=True)
        if self._back is None and self.dtype.kind == "u":
            out = _typed(seen, self.dtype)
        else:
            out = self.from_painter(_typed(seen, np.dtype(np.uint16)))
        return np.where(same, frame, out)

    def beyond(self, frame: np.ndarray, bits: int) -> np.ndarray:
        """(h, w) bool: where a painter of so many bits cannot say what the frame holds; never of frames that it sees as they are."""
        if self._to is None and frame.dtype.kind != "f":
            return np.zeros(frame.shape[:2], bool)
        rec709 = frame if self._to is None else self._to(_scaled(frame))
        top = light(np.full(1, 2**bits - 2, np.uint8 if bits == 8 else np.uint16))[0]
        return np.asarray(~((rec709 >= 0) & (rec709 <= top)).all(axis=2))


def look_of(dtype: np.dtype, space: str = "") -> Look:
    """Of frames of this type.

    space  OCIO name of theirs; "" is scene-linear Rec. 709 of float frames, and display-referred of others
    Raises UsageError for a name that OCIO does not have, MediaError where OCIO cannot be used.
    """
    if not space:
        return Look(dtype)
    refused: UsageError | None = None
    for name in _REC709:
        try:
            return Look(dtype, space, between(space, name), between(name, space))
        except UsageError as error:
            refused = refused or error
    raise refused if refused is not None else UsageError(f"{space!r} cannot be shown", "name another space")


def _scaled(frame: np.ndarray) -> np.ndarray:
    return frame.astype(np.float32) if frame.dtype.kind == "f" else frame * np.float32(1 / np.iinfo(frame.dtype).max)


def _typed(picture: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if dtype.kind == "f":
        return picture.astype(dtype)
    top = np.iinfo(dtype).max
    return (np.clip(np.nan_to_num(picture), 0, 1) * np.float32(top) + np.float32(0.5)).astype(dtype)
