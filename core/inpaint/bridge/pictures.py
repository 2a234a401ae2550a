"""Pictures on their way to a painter and back: PNG, checked whole before anything decodes it.

Convention: arrays are (h, w), (h, w, 3) RGB or (h, w, 4) RGBA, uint8 or uint16.
"""

from __future__ import annotations

import zlib

import cv2
import numpy as np

from ...errors import UsageError
from ..contract import Ask, PaintError

MULTIPLE_OF = 8
"""Of height and width: a size in between comes back smaller from most servers."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def require(ask: Ask) -> None:
    """Raise UsageError unless picture and mask are what every painter understands in the same way.

    A server would scale a mask of another size, and take an empty one for none at all, both without a word.
    """
    picture, mask = ask.picture, ask.mask
    if picture.ndim != 3 or picture.shape[2] != 3 or picture.dtype not in (np.uint8, np.uint16) or not picture.size:
        raise UsageError(f"the picture to paint is {picture.dtype} of shape {picture.shape}", "give (height, width, 3), uint8 or uint16")
    height, width = picture.shape[:2]
    if height % MULTIPLE_OF or width % MULTIPLE_OF:
        raise UsageError(f"the picture to paint is {width} x {height}", f"give multiples of {MULTIPLE_OF}")
    if mask.shape != (height, width) or mask.dtype != np.uint8:
        raise UsageError(f"the mask is {mask.dtype} of shape {mask.shape}", f"give uint8 of {(height, width)}, as the picture")
    if not (mask > 127).any():
        raise UsageError("the mask is empty", "a picture without anything to repaint needs no painter")


def encode(picture: np.ndarray) -> bytes:
    """A PNG, of 8 or 16 bits as the array. Raises PaintError."""
    bgr = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR if picture.shape[2] == 3 else cv2.COLOR_RGBA2BGRA)
    fine, data = cv2.imencode(".png", bgr, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not fine:
        raise PaintError("the picture cannot be written as PNG", "this is a fault of genlock")
    return data.tobytes()


def decode(data: bytes, hw: tuple[int, int], whose: str) -> np.ndarray:
    """The picture in a PNG, (h, w, 3) or (h, w, 4).

    hw     what was asked for; another size is refused before anything is unpacked
    whose  for the text: "A1111's answer"
    Raises PaintError: no PNG, cut short, damaged, of another size.
    """
    size = _checked_size(data)
    if size is None:
        raise PaintError(f"{whose} is no whole PNG", "check what is set up to be sent: PNG, 8 or 16 bits")
    if size != hw:
        raise PaintError(f"{whose} is {size[1]} x {size[0]}, and {hw[1]} x {hw[0]} was asked for", "it has to keep the size that it is given")
    read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if read is None or read.dtype not in (np.uint8, np.uint16) or read.shape[:2] != hw:
        raise PaintError(f"{whose} cannot be decoded", "it is damaged; ask again")
    if read.ndim == 2:
        return np.repeat(read[..., None], 3, axis=2)
    return np.asarray(cv2.cvtColor(read, cv2.COLOR_BGR2RGB if read.shape[2] == 3 else cv2.COLOR_BGRA2RGBA))


def in_depth(picture: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """The same picture in 8 or 16 bits: full scale goes to full scale."""
    if picture.dtype == dtype:
        return picture
    if dtype == np.uint16:
        return picture.astype(np.uint16) * np.uint16(257)
    return ((picture.astype(np.uint32) * 255 + 32767) // 65535).astype(np.uint8)


def _checked_size(data: bytes) -> tuple[int, int] | None:
    """Height and width, where every chunk is there and its checksum holds."""
    if not data.startswith(_SIGNATURE):
        return None
    at, size = len(_SIGNATURE), None
    while at + 12 <= len(data):
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        end = at + 12 + length
        if end > len(data) or zlib.crc32(data[at + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return None
        if size is None:
            if name != b"IHDR" or length != 13:
                return None
            size = (int.from_bytes(data[at + 12 : at + 16], "big"), int.from_bytes(data[at + 8 : at + 12], "big"))
        if name == b"IEND":
            return size
        at = end
    return None
