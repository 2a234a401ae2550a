"""The fingerprints of one file: what an archive keeps of it."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from ..errors import FormatError
from .looks import SMALL_WH

RATE = 2
"""Moments a second of footage that are kept."""
SMALL_BYTES = SMALL_WH[0] * SMALL_WH[1] // 2
MOST = 2 * 3600 * RATE * 24
"""Moments of one file at most: two days."""
_MOMENT_BYTES = 8


@dataclass(frozen=True)
class Prints:
    """Some moments of a file, ascending in time; N of them."""

    frames: np.ndarray
    """(N,) uint32: the frame shown, counted from 0."""
    at_ms: np.ndarray
    """(N,) uint32: when that frame begins, in milliseconds after the first one."""
    codes: np.ndarray
    """(N, 2) uint64: of the whole active picture and of its middle; 0 is flat."""
    small: np.ndarray
    """(N, 192) uint8: the active picture, as looks.small_of() keeps it."""

    def __len__(self) -> int:
        return len(self.frames)

    def packed(self) -> tuple[bytes, bytes, bytes, bytes]:
        """(codes of the whole, codes of the middle, when, all else compressed), as a file keeps them: little-endian.

        When: moments are RATE a second, and nothing is said of them; of a slide show or a time lapse, each one's number, 4 bytes.
        """
        moments = np.stack([np.diff(self.frames, prepend=np.uint32(0)), np.diff(self.at_ms, prepend=np.uint32(0))])
        rest = zlib.compress(moments.astype("<u4").tobytes() + self.small.tobytes(), 6)
        turns = (self.at_ms.astype(np.int64) * RATE + 500) // 1000
        even = bool((np.abs(turns - np.arange(len(self))) <= 1).all())
        whole, middle = self.codes.astype("<u8").T
        return whole.tobytes(), middle.tobytes(), b"" if even else turns.astype("<u4").tobytes(), rest


def moments_of(rest: bytes, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(frames, at_ms, small) of packed prints of `count` moments; never unpacks more than these fill. Raises FormatError."""
    wanted = count * (_MOMENT_BYTES + SMALL_BYTES)
    opening = zlib.decompressobj()
    try:
        body = opening.decompress(rest, wanted + 1) if 0 <= count <= MOST else b""
    except zlib.error:
        body = b""
    if not body or len(body) != wanted:
        raise FormatError("the archive holds fingerprints that are damaged", "index the folder again with --rebuild")
    moments = np.frombuffer(body, "<u4", 2 * count).reshape(2, count)
    frames, at_ms = np.cumsum(moments, axis=1, dtype=np.uint32)
    return frames, at_ms, np.frombuffer(body, np.uint8, offset=count * _MOMENT_BYTES).reshape(count, SMALL_BYTES)
