"""How a moment of footage looks, in a few bytes: 64-bit codes that propose, a small picture that disposes.

Both are made of the active picture, with the black bars left out, at one size whatever the picture's own, and of its local contrast: a
grade, a fade, another resolution or another pixel shape change them little. A code holds the signs of the lowest cosine terms; two
codes of one picture differ in a few of 64 bits, two of different pictures in 32, give or take 4. (Codes of the lowest cosine terms:
C. Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010. Whole picture and part as separate codes: as
ISO/IEC 15938-3 Amd 4, the video signature of MPEG-7, does with its regions.)
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np

from ..sync.fingerprint import contrast

CODE_WH = (36, 24)
"""Of the picture that a code is made of."""
SMALL_WH = (24, 16)
"""Of the picture that is kept."""
BITS = 64
FLAT = 2.0
"""Mean local deviation, grey levels, under which a picture says nothing: black, white, a plain colour."""
DARK = 30
"""Luma of a bar; limited range black is 16."""
_TERMS = 12
_GRAIN = 3.0
"""Grey levels of local deviation that count as none."""
_LIMIT = 2.5
"""Local contrast is held to this many deviations; the 4 bits of a kept picture share it out evenly."""


class Box(NamedTuple):
    """A part of a picture: left, top, right, bottom as shares of its width and height."""

    left: float
    top: float
    right: float
    bottom: float

    def within(self, outer: Box) -> Box:
        """This part of that part, as a part of the picture."""
        w, h = outer.right - outer.left, outer.bottom - outer.top
        return Box(outer.left + w * self.left, outer.top + h * self.top, outer.left + w * self.right, outer.top + h * self.bottom)


WHOLE = Box(0.0, 0.0, 1.0, 1.0)
MIDDLE = Box(0.2, 0.2, 0.8, 0.8)
"""What every crop to 80 % of the picture still holds."""


def active(pictures: np.ndarray) -> Box:
    """The part of some pictures (N, h, w) uint8 of one stretch of footage that is not black bars.

    Bars are dark all the time, in most of their length (burnt-in lines and logos may lie in them), and as wide on both sides.
    """
    rows = _bars(np.median(pictures[:, :, ::2], axis=2).max(0))
    columns = _bars(np.median(pictures[:, ::2, :], axis=1).max(0))
    return Box(columns[0], rows[0], columns[1], rows[1])


def _bars(brightest: np.ndarray) -> tuple[float, float]:
    """Where the picture begins and ends, 0..1, from the brightest that each row or column ever was."""
    lit = np.flatnonzero(brightest > DARK)
    n = len(brightest)
    if not len(lit):
        return 0.0, 1.0
    before, after = int(lit[0]), n - 1 - int(lit[-1])
    if min(before, after) < 0.02 * n or abs(before - after) > 0.03 * n + 1 or before + after > 0.7 * n:
        return 0.0, 1.0
    return before / n, 1 - after / n


def part_of(picture: np.ndarray, box: Box, size_wh: tuple[int, int]) -> np.ndarray:
    """That part of a picture (h, w) uint8 at another size, edges on edges to within a pixel of the picture."""
    h, w = picture.shape
    x0, x1 = round(box.left * w), round(box.right * w)
    y0, y1 = round(box.top * h), round(box.bottom * h)
    cut = picture[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    smaller = size_wh[0] <= cut.shape[1] and size_wh[1] <= cut.shape[0]
    return cv2.resize(cut, size_wh, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def code_of(picture: np.ndarray, box: Box) -> int:
    """The 64-bit code of a part of a picture; 0 where that is flat, and never else."""
    vector, texture = contrast(part_of(picture, box, CODE_WH), _ALL, _EVEN)
    if texture < FLAT:
        return 0
    terms = _ROWS @ vector.reshape(CODE_WH[::-1]) @ _COLUMNS.T
    return int(np.packbits(terms[_ORDER] > 0).view(">u8")[0]) or 1


def small_of(picture: np.ndarray, box: Box) -> np.ndarray:
    """What is kept of a part of a picture: local contrast in 4 bits, two pixels a byte. (192,) uint8."""
    x = part_of(picture, box, SMALL_WH).astype(np.float32)
    x -= cv2.blur(x, (_SMALL_BLUR, _SMALL_BLUR))
    x /= cv2.sqrt(cv2.blur(x * x, (_SMALL_BLUR, _SMALL_BLUR))) + np.float32(_GRAIN)
    level = np.clip((x + _LIMIT) * (15 / (2 * _LIMIT)) + 0.5, 0, 15).astype(np.uint8).ravel()
    return level[0::2] << 4 | level[1::2]


def contrasts(pictures: np.ndarray) -> np.ndarray:
    """Local contrast of pictures (N, 16, 24) float32 as small_of() keeps it, not yet in 4 bits: as many. All of them at once, by small matrices."""
    x = pictures - _blurred(pictures)
    x /= np.sqrt(np.maximum(_blurred(x * x), 0)) + np.float32(_GRAIN)
    return np.clip(x, -_LIMIT, _LIMIT)


def _blurred(x: np.ndarray) -> np.ndarray:
    return np.asarray(_BLUR_DOWN @ (x @ _BLUR_ACROSS))


def opened(kept: np.ndarray) -> np.ndarray:
    """Kept pictures (N, 192) uint8 as local contrast: (N, 16, 24) float32."""
    level = np.empty((len(kept), SMALL_WH[0] * SMALL_WH[1]), np.float32)
    level[:, 0::2], level[:, 1::2] = kept >> 4, kept & 15
    return (level * (2 * _LIMIT / 15) - _LIMIT).reshape(-1, SMALL_WH[1], SMALL_WH[0])


def _cosines(length: int) -> np.ndarray:
    """Rows of the discrete cosine transform, (_TERMS, length) float32."""
    k, i = np.arange(_TERMS)[:, None], np.arange(length)[None]
    return np.cos(np.pi * (i + 0.5) * k / length).astype(np.float32)


_SMALL_BLUR = 5
_BLUR_ACROSS, _BLUR_DOWN = (cv2.blur(np.eye(size, dtype=np.float32), (_SMALL_BLUR, 1)) for size in SMALL_WH)
_BLUR_DOWN = np.ascontiguousarray(_BLUR_DOWN.T)
_ALL = np.ones(CODE_WH[::-1], bool)
_EVEN = np.ones(CODE_WH[::-1], np.float32)
_ROWS, _COLUMNS = _cosines(CODE_WH[1]), _cosines(CODE_WH[0])
_LOWEST = sorted(((v, u) for v in range(_TERMS) for u in range(_TERMS) if u + v), key=lambda at: (sum(at), max(at), at))[:BITS]
_ORDER = tuple(np.array(_LOWEST).T)
