"""A mask that was painted in the browser: a PNG, whose size is read from its header before anything is unpacked."""

from __future__ import annotations

import struct

import cv2
import numpy as np

from ...core.errors import UsageError

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
BYTES_A_PX = 5
"""More than a PNG of 8-bit RGBA needs for a pixel, whatever it shows."""


def most_bytes(size_hw: tuple[int, int]) -> int:
    """That a mask of a frame's size can have."""
    return size_hw[0] * size_hw[1] * BYTES_A_PX + 65536


def mask_from(data: bytes, size_hw: tuple[int, int]) -> np.ndarray:
    """(H, W) uint8, 0 or 255, from a PNG's red. Raises UsageError where it is no PNG of that size."""
    if data[:8] != _SIGNATURE or data[12:16] != b"IHDR" or len(data) < 33:
        raise UsageError("the mask is no PNG", "reload the page")
    width, height = struct.unpack(">II", data[16:24])
    if (height, width) != tuple(size_hw):
        raise UsageError(f"the mask is {width} x {height}, and the frame is {size_hw[1]} x {size_hw[0]}", "reload the page")
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise UsageError("the mask is damaged", "paint it again")
    return np.where(picture[..., 2] >= 128, 255, 0).astype(np.uint8)
