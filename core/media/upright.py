"""The display matrix: how a stored picture is turned and mirrored to be upright, and how fields become frames."""

from __future__ import annotations

from dataclasses import dataclass

import av
import cv2
import numpy as np

from .attached import attached

_ROTATIONS = {
    (True, True, False): (cv2.ROTATE_90_CLOCKWISE, 90),
    (False, True, True): (cv2.ROTATE_180, 180),
    (True, False, True): (cv2.ROTATE_90_COUNTERCLOCKWISE, 270),
}


@dataclass(frozen=True)
class Turn:
    """Swap x and y first, then mirror: what makes a stored picture upright. All eight orientations."""

    transpose: bool = False
    flip_x: bool = False
    flip_y: bool = False

    @property
    def degrees(self) -> int:
        """Clockwise, 0, 90, 180 or 270; of a mirrored picture, 0."""
        found = _ROTATIONS.get((self.transpose, self.flip_x, self.flip_y))
        return found[1] if found else 0

    def __bool__(self) -> bool:
        return self.transpose or self.flip_x or self.flip_y

    def apply(self, picture: np.ndarray) -> np.ndarray:
        """(h, w) or (h, w, 3) as stored, to upright: a new array."""
        rotation = _ROTATIONS.get((self.transpose, self.flip_x, self.flip_y))
        if rotation:
            return cv2.rotate(picture, rotation[0])
        if self.transpose:
            picture = cv2.transpose(picture)
        if self.flip_x or self.flip_y:
            picture = cv2.flip(picture, -1 if self.flip_x and self.flip_y else int(self.flip_x))
        return picture


AS_STORED = Turn()


def turn_of(frame: av.VideoFrame, codec: str) -> Turn:
    """From the frame's display matrix (x' = a x + c y, y' = b x + d y; ISO/IEC 14496-12); angles between are rounded to quarters.

    codec  FFmpeg's name of the decoder
    """
    try:
        matrix = attached(frame, codec).get("DISPLAYMATRIX", b"")
    except ValueError:
        return _quarter(-round(frame.rotation / 90) % 4)
    if not matrix:
        return Turn()
    a, b, _, c, d = (int(x) for x in np.frombuffer(matrix, np.int32)[:5])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Turn(False, a < 0, d < 0)
    return Turn(True, c < 0, b < 0)


def _quarter(turns: int) -> Turn:
    """Clockwise quarter turns: for frames whose side data cannot be listed. A mirrored one is not told."""
    return (Turn(), Turn(True, True, False), Turn(False, True, True), Turn(True, False, True))[turns]


def one_field(picture: np.ndarray, bottom: bool) -> np.ndarray:
    """One field of an interlaced picture, whole frame size: its lines stay where they are, lines between are their neighbours' mean.

    bottom   keep the odd lines, else the even ones
    returns  (h, w[, c]) of the same dtype. No line moves, so geometry is that of a progressive picture.
    """
    height = picture.shape[0]
    parity = int(bottom)
    if height < 2:
        return picture
    field = np.ascontiguousarray(picture[parity::2])
    out = np.empty(picture.shape, picture.dtype)
    out[parity::2] = field
    between = out[1 - parity :: 2]
    mean = _mean(field[:-1], field[1:])
    if bottom:
        between[0], between[1 : 1 + len(mean)] = field[0], mean
    else:
        between[: len(mean)] = mean
    if len(between) > len(mean) + parity:
        between[-1] = field[-1]
    return out


def _mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    if not len(a):
        return a
    if a.dtype == np.float16:
        return ((a.astype(np.float32) + b) / 2).astype(np.float16)
    return cv2.addWeighted(a, 0.5, b, 0.5, 0.0)
