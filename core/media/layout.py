"""Where the samples of a pixel format lie in memory: numpy views on a decoded frame, without conversion."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import av
import numpy as np

_DEPTH = r"(?P<bits>9|10|12|14|16)?(?P<end>le|be)?$"
_LUMA_PLANAR = re.compile(r"^yuv[ja]?(?:420|422|444|440|411|410)p" + _DEPTH)
_GREY = re.compile(r"^gray(?P<float>f(?=16|32))?(?P<bits>9|10|12|14|16|32)?(?P<end>le|be)?$")
_TWO_PLANES = re.compile(r"^(?:nv12|nv21|nv16|nv24|nv42|p[024](?P<bits>10|12|16)(?P<end>le|be))$")
_RGB_PLANAR = re.compile(r"^gbra?p(?P<float>f(?=16|32))?(?P<bits>9|10|12|14|16|32)?(?P<end>le|be)?$")
_RGB_WIDE = re.compile(r"^(?P<order>rgba?|bgra?)(?P<float>f)?(?P<total>16|32|48|64|96|128)(?P<end>le|be)$")
_RGB_BYTES = {
    "rgb24": (3, (0, 1, 2)),
    "bgr24": (3, (2, 1, 0)),
    "rgba": (4, (0, 1, 2)),
    "rgb0": (4, (0, 1, 2)),
    "bgra": (4, (2, 1, 0)),
    "bgr0": (4, (2, 1, 0)),
    "argb": (4, (1, 2, 3)),
    "0rgb": (4, (1, 2, 3)),
    "abgr": (4, (3, 2, 1)),
    "0bgr": (4, (3, 2, 1)),
}
_LUMA_PACKED = {"yuyv422": 0, "yvyu422": 0, "uyvy422": 1}


@dataclass(frozen=True)
class Layout:
    """How a pixel format is stored, as far as luma or RGB can be viewed in place."""

    dtype: np.dtype
    bits: int
    """Bits a sample that carry the value, counted from the top of what the code can reach; 0 is float."""
    step: int = 1
    """Samples from one pixel to the next in a plane."""
    channels: tuple[int, ...] = (0,)
    """Offset of luma, or of red, green and blue, within a pixel; of planar RGB the planes' numbers."""
    planar_rgb: bool = False

    @property
    def is_rgb(self) -> bool:
        return len(self.channels) == 3

    def view(self, frame: av.VideoFrame) -> np.ndarray | None:
        """(h, w) luma or (h, w, 3) RGB in the machine's byte order: a view where memory allows; None where it does not."""
        planes = [self._plane(frame, k) for k in (self.channels if self.planar_rgb else (0,))]
        if any(plane is None for plane in planes):
            return None
        if self.planar_rgb:
            return np.dstack([plane[..., 0] for plane in planes if plane is not None])
        plane = planes[0]
        assert plane is not None
        if self.is_rgb:
            return plane if self.step == 3 and self.channels == (0, 1, 2) else plane[..., list(self.channels)]
        return plane[..., self.channels[0]]

    def _plane(self, frame: av.VideoFrame, number: int) -> np.ndarray | None:
        plane, width, height = frame.planes[number], frame.width, frame.height
        if plane.line_size <= 0 or plane.line_size % self.dtype.itemsize:
            return None
        rows = np.frombuffer(plane, self.dtype).reshape(-1, plane.line_size // self.dtype.itemsize)  # type: ignore[call-overload]
        picture = rows[:height, : width * self.step].reshape(height, width, self.step) if self.step > 1 else rows[:height, :width, None]
        return picture if self.dtype.isnative else picture.astype(self.dtype.newbyteorder("="))


_ONE_THREAD: dict[str, Any] = {"threads": 1} if "threads" in (av.VideoFrame.reformat.__doc__ or "") else {}
"""swscale's slices in several threads do not give the same grey twice (FFmpeg 8, gray16le of small pictures)."""


def converted(frame: av.VideoFrame, pix_fmt: str, matrix: int | None = None) -> np.ndarray:
    """The frame in another pixel format by FFmpeg, (h, w) or (h, w, 3): for formats that cannot be viewed in place, and for people.

    matrix  swscale's number of the YUV matrix, for frames that do not say theirs
    """
    return frame.to_ndarray(format=pix_fmt, src_colorspace=matrix, **_ONE_THREAD)


@cache
def layout_of(pix_fmt: str) -> Layout | None:
    """The layout of an FFmpeg pixel format; None where it has to be converted before it can be looked at."""
    if pix_fmt in _RGB_BYTES:
        step, channels = _RGB_BYTES[pix_fmt]
        return Layout(np.dtype(np.uint8), 8, step, channels)
    if pix_fmt in _LUMA_PACKED:
        return Layout(np.dtype(np.uint8), 8, 2, (_LUMA_PACKED[pix_fmt],))
    if pix_fmt in ("ya8", "ya16le", "ya16be"):
        return Layout(_dtype(8 if pix_fmt == "ya8" else 16, False, pix_fmt[-2:]), 8 if pix_fmt == "ya8" else 16, 2)
    if match := _LUMA_PLANAR.match(pix_fmt) or _TWO_PLANES.match(pix_fmt):
        bits = int(match["bits"] or 8)
        aligned_high = match.re is _TWO_PLANES and bits > 8
        return Layout(_dtype(bits, False, match["end"]), 16 if aligned_high else bits)
    if match := _GREY.match(pix_fmt) or _RGB_PLANAR.match(pix_fmt):
        bits, is_float = int(match["bits"] or 8), bool(match["float"])
        if bits == 32 and not is_float:
            return None
        planar = match.re is _RGB_PLANAR
        return Layout(_dtype(bits, is_float, match["end"]), 0 if is_float else bits, 1, (2, 0, 1) if planar else (0,), planar)
    if match := _RGB_WIDE.match(pix_fmt):
        return _wide(match["order"], int(match["total"]), bool(match["float"]), match["end"])
    return None


def _wide(order: str, total: int, is_float: bool, end: str) -> Layout | None:
    step = len(order)
    bits = 16 if total in (48, 64) else 32 if total in (96, 128) else 0
    if bits * step != total or (bits == 32 and not is_float):
        if not is_float or total not in (16, 32):
            return None
        bits = total
    return Layout(_dtype(bits, is_float, end), 0 if is_float else bits, step, tuple(order.index(c) for c in "rgb"))


def _dtype(bits: int, is_float: bool, end: str | None) -> np.dtype:
    mark = ">" if end == "be" else "<"
    return np.dtype(f"{mark}f{bits // 8}") if is_float else np.dtype(np.uint8) if bits == 8 else np.dtype(f"{mark}u2")
