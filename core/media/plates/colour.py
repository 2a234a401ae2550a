"""Between stored samples and float RGB in the file's own encoding: range and matrix, no transfer curve, nothing clipped on the way in.

Ranges and matrices are those of ITU-T H.273: limited luma is 16 … 235 and chroma 16 … 240, times 2^(bits - 8); full range runs over all codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from ...errors import MediaError
from .chroma import enlarged, reduced
from .form import Form
from .samples import Samples, opaque

_LUMA = {1: (0.2126, 0.0722), 4: (0.30, 0.11), 5: (0.299, 0.114), 6: (0.299, 0.114), 7: (0.212, 0.087), 9: (0.2627, 0.0593), 10: (0.2627, 0.0593)}
"""Weights of red and blue in luma, by matrix code."""


@dataclass(frozen=True)
class Encoding:
    """How colour is coded in samples."""

    matrix: int = 2
    """H.273; 2 (not said) is BT.709 from 720 lines on, else BT.601."""
    full_range: bool = False
    """Of YUV and of grey; RGB is always taken as full range."""
    location: str = "left"
    """Of chroma: left, center or topleft."""
    fields: bool = False


def to_rgb(samples: Samples, encoding: Encoding) -> np.ndarray:
    """(h, w, 3) float32 RGB: 0 to 1 is the range of an integer format, what lies outside it stays outside; float as it is."""
    form, planes = samples.form, samples.planes
    if form.model == "yuv":
        return _from_yuv(samples, encoding)
    if form.is_float:
        scaled = [plane.astype(np.float32) for plane in planes[: 3 if form.model == "rgb" else 1]]
    elif form.model == "rgb":
        scaled = [plane * np.float32(1 / (2**form.bits - 1)) for plane in planes[:3]]
    else:
        unit, base = _luma_range(form, encoding.full_range)
        scaled = [(planes[0].astype(np.float32) - np.float32(base)) * np.float32(1 / unit)]
    return cv2.merge(scaled if len(scaled) == 3 else scaled * 3)


def alpha_of(samples: Samples) -> np.ndarray | None:
    """(h, w) float32, 0 to 1; None where there is none."""
    if not samples.form.alpha:
        return None
    scale = 1.0 if samples.form.is_float else 1 / opaque(samples.form)
    return samples.planes[-1].astype(np.float32) * np.float32(scale)


def from_rgb(rgb: np.ndarray, form: Form, encoding: Encoding, alpha: np.ndarray | None = None) -> Samples:
    """The reverse: (h, w, 3) float32 to samples of this form, rounded to the nearest code, clipped to what the codes can say.

    NaN becomes 0 in integer formats. Alpha that is not given is opaque.
    """
    rgb = np.ascontiguousarray(rgb[..., :3], np.float32)
    if form.model == "yuv":
        planes = _to_yuv(rgb, form, encoding)
    elif form.model == "gray":
        kr, kb = _LUMA.get(_known_matrix(encoding, rgb.shape[0]), _LUMA[1])
        grey = cv2.transform(rgb, np.array([[kr, 1 - kr - kb, kb]], np.float32))
        planes = [_quantised(grey, form, *_luma_range(form, encoding.full_range))]
    else:
        planes = [_quantised(plane, form, 2**form.bits - 1, 0) for plane in cv2.split(rgb)]
    if form.alpha:
        flat = np.ones(rgb.shape[:2], np.float32) if alpha is None else np.asarray(alpha, np.float32)
        planes.append(_quantised(flat, form, opaque(form), 0))
    return Samples(form, tuple(planes))


def _from_yuv(samples: Samples, encoding: Encoding) -> np.ndarray:
    form, size_wh = samples.form, samples.size_wh
    y, u, v = (plane.astype(np.float32) for plane in samples.planes[:3])
    if form.sub_wh != (1, 1):
        u, v = (enlarged(plane, size_wh, form.sub_wh, encoding.location, encoding.fields) for plane in (u, v))
    code = _known_matrix(encoding, size_wh[1])
    matrix = rgb_matrix(code)
    scale, offset = _yuv_range(form.bits, encoding.full_range, code)
    return cv2.transform(cv2.merge([y, u, v]), _affine(matrix / scale, -matrix @ (offset / scale)))


def _to_yuv(rgb: np.ndarray, form: Form, encoding: Encoding) -> list[np.ndarray]:
    code = _known_matrix(encoding, rgb.shape[0])
    matrix = np.linalg.inv(rgb_matrix(code))
    scale, offset = _yuv_range(form.bits, encoding.full_range, code)
    y, u, v = cv2.split(cv2.transform(np.nan_to_num(rgb), _affine(matrix * scale[:, None], offset)))
    if form.sub_wh != (1, 1):
        u, v = (reduced(plane, form.sub_wh, encoding.location, encoding.fields) for plane in (u, v))
    return [_rounded(plane, form) for plane in (y, u, v)]


def _affine(matrix: np.ndarray, offset: np.ndarray) -> np.ndarray:
    return np.hstack([matrix, np.asarray(offset).reshape(3, 1)]).astype(np.float32)


def _quantised(plane: np.ndarray, form: Form, unit: float, base: float) -> np.ndarray:
    if form.is_float:
        return plane.astype(np.float16 if form.bits == 16 else np.float32)
    return _rounded(np.nan_to_num(plane, posinf=4.0, neginf=-4.0) * np.float32(unit) + np.float32(base), form)


def _rounded(plane: np.ndarray, form: Form) -> np.ndarray:
    return np.clip(np.rint(plane), 0, 2**form.bits - 1).astype(np.uint8 if form.bits == 8 else np.uint16)


def _luma_range(form: Form, full: bool) -> tuple[float, float]:
    return (2**form.bits - 1, 0) if full else (219 * 2.0 ** (form.bits - 8), 16 * 2.0 ** (form.bits - 8))


def _yuv_range(bits: int, full: bool, matrix: int) -> tuple[np.ndarray, np.ndarray]:
    """(codes to a unit, code of zero), each for Y, U, V."""
    step = 2.0 ** (bits - 8)
    if matrix == 0:  # green, blue and red stand in the planes, each with luma's range
        return (np.full(3, 2.0**bits - 1), np.zeros(3)) if full else (np.full(3, 219 * step), np.full(3, 16 * step))
    scale = np.array([2**bits - 1] * 3 if full else [219 * step, 224 * step, 224 * step])
    return scale, np.array([0 if full else 16 * step, 128 * step, 128 * step])


def _known_matrix(encoding: Encoding, height: int) -> int:
    return encoding.matrix if encoding.matrix not in (2, 3) else 1 if height >= 720 else 6


@lru_cache(maxsize=16)
def rgb_matrix(code: int) -> np.ndarray:
    """(3, 3) from Y, Cb, Cr to R, G, B, by H.273 matrix code. Raises MediaError for codings that are not linear or not known."""
    if code == 0:
        return np.array([[0.0, 0, 1], [1, 0, 0], [0, 1, 0]])
    if code == 8:
        return np.array([[1.0, -1, 1], [1, 1, 0], [1, -1, -1]])
    if code not in _LUMA:
        what = f"colours coded by matrix {code} of H.273 (constant luminance, ICtCp) cannot be brought to RGB"
        raise MediaError(what, "convert it to BT.709 or BT.2020 first")
    kr, kb = _LUMA[code]
    kg = 1 - kr - kb
    return np.array([[1, 0, 2 - 2 * kr], [1, -kb * (2 - 2 * kb) / kg, -kr * (2 - 2 * kr) / kg], [1, 2 - 2 * kb, 0]])
