"""How float pictures are shown to a painter, who knows 0 to 1 and integers alone: a curve that never clips, and its inverse.

Up to KNEE it is the sRGB curve (IEC 61966-2-1); above, the light that is left to infinity is bent into what is left to 1, with the slope of
the curve at the knee. So a highlight keeps its place and comes back; how finely, the 16 bits of the painter's picture say.
"""

from __future__ import annotations

import numpy as np

KNEE = 0.8
"""Of the shown value."""
_LIGHT = ((KNEE + 0.055) / 1.055) ** 2.4
_SLOPE = 1.055 / 2.4 * _LIGHT ** (1 / 2.4 - 1)
"""Of the curve at the knee: shown value a unit of light."""
_ROOM = 1.0 - KNEE
_TOP = 65535


def shown(light: np.ndarray) -> np.ndarray:
    """Scene-linear float RGB as a painter sees it: uint16, the same shape. Negative light and NaN are black."""
    x = np.maximum(np.nan_to_num(light.astype(np.float64), nan=0.0, posinf=1e9, neginf=0.0), 0.0)
    low = np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-9) ** (1 / 2.4) - 0.055)
    over = np.maximum(x - _LIGHT, 0.0) * _SLOPE
    high = KNEE + _ROOM * over / (over + _ROOM)
    return (np.where(x <= _LIGHT, low, high) * _TOP + 0.5).astype(np.uint16)


def light(picture: np.ndarray) -> np.ndarray:
    """The inverse: a painter's uint8 or uint16 picture as scene-linear float32. White is the brightest there is below it."""
    top = float(np.iinfo(picture.dtype).max)
    v = np.minimum(picture.astype(np.float64) / top, (top - 1) / top)
    low = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    bent = np.clip((v - KNEE) / _ROOM, 0.0, 1.0 - 1e-12)
    high = _LIGHT + _ROOM * bent / (1.0 - bent) / _SLOPE
    return np.where(v <= KNEE, low, high).astype(np.float32)


def to_painter(picture: np.ndarray) -> np.ndarray:
    """A frame as a painter is asked about it: integers as they are, float by the curve."""
    return shown(picture) if picture.dtype.kind == "f" else picture


def from_painter(picture: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """A painter's picture in the frames' own type."""
    if dtype.kind == "f":
        return light(picture).astype(dtype)
    if picture.dtype == dtype:
        return picture
    wide = picture.astype(np.uint16)
    return wide * 257 if dtype == np.uint16 else ((wide + 128) // 257).astype(np.uint8)
