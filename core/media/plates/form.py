"""What the samples of a pixel format mean, and where they lie: every plane as a numpy view, nothing converted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import av
import numpy as np

_YUV = re.compile(r"^yuv(?P<a>a)?j?(?P<sub>420|422|444|440|411|410)p(?P<bits>9|10|12|14|16)?(?P<end>le|be)?$")
_GREY = re.compile(r"^(?P<name>gray|ya)(?P<float>f)?(?P<bits>8|9|10|12|14|16|32)?(?P<end>le|be)?$")
_GBR = re.compile(r"^gbr(?P<a>a)?p(?P<float>f)?(?P<bits>9|10|12|14|16|32)?(?P<end>le|be)?$")
_WIDE = re.compile(r"^(?P<order>rgba?|bgra?)(?:(?P<total>48|64)|f(?P<float>16|32))(?P<end>le|be)$")
_PAIRED = re.compile(r"^(?:nv(?P<nv>12|21|16|24|42)|p(?P<p>[024])(?P<bits>10|12|16)(?P<end>le|be))$")
_BYTES = ("rgb24", "bgr24", "rgba", "bgra", "argb", "abgr", "rgb0", "bgr0", "0rgb", "0bgr")
_PACKED = {"yuyv422": (0, 1, 3), "yvyu422": (0, 3, 1), "uyvy422": (1, 0, 2)}
_SUB = {"420": (2, 2), "422": (2, 1), "444": (1, 1), "440": (1, 2), "411": (4, 1), "410": (4, 4)}


@dataclass(frozen=True)
class Form:
    """What samples mean, however they are stored."""

    model: str
    """yuv, rgb or gray."""
    bits: int
    """Bits a sample that carry the value; of float 16 or 32."""
    is_float: bool = False
    alpha: bool = False
    sub_wh: tuple[int, int] = (1, 1)
    """Luma samples to a chroma sample, across and down."""

    @property
    def depth(self) -> int:
        """To compare depths: the bits of integers; half counts as 24 and float as 32, above every integer format."""
        return self.bits if not self.is_float else 24 if self.bits == 16 else 32

    def size_of(self, number: int, size_wh: tuple[int, int]) -> tuple[int, int]:
        """(width, height) of plane `number` of a picture; chroma is rounded up."""
        if self.model != "yuv" or number not in (1, 2):
            return size_wh
        return -(-size_wh[0] // self.sub_wh[0]), -(-size_wh[1] // self.sub_wh[1])

    def __str__(self) -> str:
        sub = {value: name for name, value in _SUB.items()}.get(self.sub_wh, "")
        kind = {"yuv": f"YUV {':'.join(sub)}", "rgb": "RGB", "gray": "grey"}[self.model]
        deep = "half" if self.is_float and self.bits == 16 else "float" if self.is_float else f"{self.bits}-bit"
        return f"{deep} {kind}{' with alpha' if self.alpha else ''}"


@dataclass(frozen=True)
class Stored:
    """Where a pixel format keeps its samples."""

    form: Form
    dtype: np.dtype
    places: tuple[tuple[int, int, int], ...]
    """Of each plane in Form's order (Y U V A, R G B A): FFmpeg's plane, offset of the first sample, samples from one to the next."""
    shift: int = 0
    """Bits that the value stands above the bottom of its word."""


@cache
def stored_as(pix_fmt: str) -> Stored | None:
    """How FFmpeg keeps this format; None for rare ones, which have to be converted."""
    if match := _YUV.match(pix_fmt):
        bits, alpha = int(match["bits"] or 8), bool(match["a"])
        form = Form("yuv", bits, alpha=alpha, sub_wh=_SUB[match["sub"]])
        return Stored(form, _dtype(bits, False, match["end"]), tuple((k, 0, 1) for k in range(3 + alpha)))
    if match := _GBR.match(pix_fmt):
        bits, alpha, is_float = int(match["bits"] or 8), bool(match["a"]), bool(match["float"])
        return Stored(Form("rgb", bits, is_float, alpha), _dtype(bits, is_float, match["end"]), tuple((k, 0, 1) for k in (2, 0, 1, 3)[: 3 + alpha]))
    if match := _GREY.match(pix_fmt):
        bits, alpha, is_float = int(match["bits"] or 8), match["name"] == "ya", bool(match["float"])
        places = ((0, 0, 1 + alpha), (0, 1, 2))[: 1 + alpha]
        return Stored(Form("gray", bits, is_float, alpha), _dtype(bits, is_float, match["end"]), places) if bits <= 16 or is_float else None
    return _packed(pix_fmt)


def _packed(pix_fmt: str) -> Stored | None:
    if pix_fmt in _BYTES:
        order = "".join(c for c in pix_fmt if c in "rgba0")[:4].replace("24", "")
        return _interleaved(order, 8, False, None)
    if match := _WIDE.match(pix_fmt):
        bits = int(match["float"] or 0) or int(match["total"]) // len(match["order"])
        return _interleaved(match["order"], bits, bool(match["float"]), match["end"])
    if pix_fmt in _PACKED:
        y, u, v = _PACKED[pix_fmt]
        return Stored(Form("yuv", 8, sub_wh=(2, 1)), np.dtype(np.uint8), ((0, y, 2), (0, u, 4), (0, v, 4)))
    if match := _PAIRED.match(pix_fmt):
        sub = {"12": "420", "21": "420", "16": "422", "24": "444", "42": "444", "0": "420", "2": "422", "4": "444"}[match["nv"] or match["p"]]
        bits, swapped = int(match["bits"] or 8), match["nv"] in ("21", "42")
        places = ((0, 0, 1), (1, int(swapped), 2), (1, int(not swapped), 2))
        return Stored(Form("yuv", bits, sub_wh=_SUB[sub]), _dtype(bits, False, match["end"]), places, 16 - bits if bits > 8 else 0)
    return None


def _interleaved(order: str, bits: int, is_float: bool, end: str | None) -> Stored:
    names = "rgba" if "a" in order else "rgb"
    step = len(order)
    return Stored(Form("rgb", bits, is_float, "a" in order), _dtype(bits, is_float, end), tuple((0, order.index(c), step) for c in names))


def _dtype(bits: int, is_float: bool, end: str | None) -> np.dtype:
    mark = ">" if end == "be" else "<"
    return np.dtype(f"{mark}f{bits // 8}") if is_float else np.dtype(np.uint8) if bits == 8 else np.dtype(f"{mark}u2")


def plane_view(frame: av.VideoFrame, stored: Stored, number: int) -> np.ndarray:
    """(h, w) view of one plane's words, in the file's byte order, writable where the frame is."""
    at, offset, step = stored.places[number]
    plane = frame.planes[at]
    width, height = stored.form.size_of(number, (frame.width, frame.height))
    words = np.frombuffer(plane, stored.dtype)  # type: ignore[call-overload]
    pitch = plane.line_size // stored.dtype.itemsize
    return words[: words.size // pitch * pitch].reshape(-1, pitch)[:height, offset : offset + (width - 1) * step + 1 : step]
