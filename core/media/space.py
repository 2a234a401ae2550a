"""The space that pictures are warped and mixed in: as they are, in linear light, or in a space that a person names.

The curves by transfer tag (H.273): BT.1886 (a power of 2.4) for the television codes and where nothing is said, powers of 2.2 and 2.8, sRGB
(IEC 61966-2-1), PQ (SMPTE ST 2084) and HLG (ITU-R BT.2100, inverse OETF). Each is made odd below 0 and goes on as a straight line above
1, so that values out of range come back as they were.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import UsageError
from .display import nits_to_pq, pq_to_nits
from .ocio import between
from .plates.info import PictureInfo

Curve = Callable[[np.ndarray], np.ndarray]

_GAMMA = {4: 2.2, 5: 2.8}
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073


@dataclass(frozen=True)
class WorkingSpace:
    """Two ways, each (h, w, 3 or 4) float32 to a new array of the same shape; alpha is left as it is. Together they change nothing but rounding."""

    name: str
    _to: Curve | None = None
    _back: Curve | None = None

    @property
    def is_identity(self) -> bool:
        return self._to is None

    def to(self, rgb: np.ndarray) -> np.ndarray:
        """From the pictures' own encoding."""
        return _applied(self._to, rgb)

    def back(self, rgb: np.ndarray) -> np.ndarray:
        """To the pictures' own encoding."""
        return _applied(self._back, rgb)


def working_space(info: PictureInfo, into: str = "", name: str = "") -> WorkingSpace:
    """The space to work in.

    into  "" is linear light for float pictures, which hold it already, and the pictures' own encoding for integers; "as-is"; "linear"; or
          an OCIO name
    name  OCIO name of the pictures' own space; "" goes by their tags

    Raises UsageError for a name that OCIO does not have, or an OCIO space without the pictures' own one named.
    """
    if into in ("", "as-is") or (into == "linear" and info.linear and not name):
        return WorkingSpace("linear" if info.linear else "as-is")
    if into != "linear":
        if not name:
            raise UsageError(f"to work in {into!r}, the pictures' own colour space has to be known", "name it too, by its OCIO name")
        return WorkingSpace(into, between(name, into), between(into, name))
    if name:
        return WorkingSpace("linear", between(name, "scene_linear"), between("scene_linear", name))
    to, back = _curves(info.colour.transfer)
    return WorkingSpace("linear", _extended(to, 1.0), _extended(back, float(to(np.ones(1))[0]), inverse_of=to))


def _applied(curve: Curve | None, rgb: np.ndarray) -> np.ndarray:
    if curve is None:
        return rgb.astype(np.float32, copy=True)
    colours = curve(np.ascontiguousarray(rgb[..., :3], np.float32)).astype(np.float32)
    return colours if rgb.shape[-1] == 3 else np.concatenate([colours, rgb[..., 3:].astype(np.float32)], axis=-1)


def _curves(transfer: int) -> tuple[Curve, Curve]:
    """(signal to light, light to signal) between 0 and 1."""
    if transfer == 13:
        return _srgb_to_light, _light_to_srgb
    if transfer == 16:
        return lambda x: pq_to_nits(x) / 10_000, lambda y: nits_to_pq(y * 10_000)
    if transfer == 18:
        return _hlg_to_light, _light_to_hlg
    gamma = _GAMMA.get(transfer, 2.4)
    return lambda x: x**gamma, lambda y: y ** (1 / gamma)


def _extended(curve: Curve, top: float, inverse_of: Curve | None = None) -> Curve:
    """The curve made odd, and straight above `top`: as steep there as the curve to light is at 1, or its inverse."""
    toward = inverse_of or curve
    slope = float((toward(np.ones(1)) - toward(np.full(1, 1 - 1e-4)))[0]) / 1e-4
    steep = 1 / slope if inverse_of else slope

    def apply(rgb: np.ndarray) -> np.ndarray:
        size = np.abs(rgb.astype(np.float64))
        inside = np.minimum(size, top)
        return np.copysign(curve(inside) + (size - inside) * steep, rgb)

    return apply


def _srgb_to_light(x: np.ndarray) -> np.ndarray:
    return np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)


def _light_to_srgb(y: np.ndarray) -> np.ndarray:
    return np.where(y <= 0.0031308, 12.92 * y, 1.055 * y ** (1 / 2.4) - 0.055)


def _hlg_to_light(x: np.ndarray) -> np.ndarray:
    return np.where(x <= 0.5, x**2 / 3, (np.exp((x - _C) / _A) + _B) / 12)


def _light_to_hlg(y: np.ndarray) -> np.ndarray:
    return np.where(y <= 1 / 12, np.sqrt(3 * y), _A * np.log(np.maximum(12 * y - _B, 1e-9)) + _C)
