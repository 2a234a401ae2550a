"""Plates that were made here: drawn samples in the clothes of the plate that they come from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..media.plates import Plate, Samples
from ..media.plates.colour import Encoding
from ..media.plates.form import Form
from ..media.plates.plate import Layer, PlateView
from ..media.plates.side import FrameSide
from ..media.upright import AS_STORED
from .place import ground_of


@dataclass(frozen=True)
class _Drawn:
    """A picture that was not decoded."""

    drawn: Samples
    side: FrameSide
    interlaced: bool
    pix_fmt: str = ""
    key: bool = False
    layers: tuple[Layer, ...] = ()

    def samples(self) -> Samples:
        return self.drawn


def plate_of(samples: Samples, encoding: Encoding, pix_fmt: str, number: int, side: FrameSide = FrameSide()) -> Plate:
    """A plate that holds these samples.

    pix_fmt  FFmpeg's name of a format that can hold them
    """
    view = PlateView(samples.size_wh, encoding, AS_STORED)
    return Plate(number, 0, None, _Drawn(samples, side, encoding.fields, pix_fmt), view)


def black(form: Form, encoding: Encoding, size_wh: tuple[int, int]) -> Samples:
    """An even black picture, see-through where the form has alpha."""
    planes = []
    for number in range({"yuv": 3, "rgb": 3, "gray": 1}[form.model] + form.alpha):
        width, height = form.size_of(number, size_wh)
        planes.append(np.full((height, width), ground_of(form, encoding, number), _dtype(form)))
    return Samples(form, tuple(planes))


def _dtype(form: Form) -> type[np.generic]:
    if form.is_float:
        return np.float16 if form.bits == 16 else np.float32
    return np.uint8 if form.bits == 8 else np.uint16
