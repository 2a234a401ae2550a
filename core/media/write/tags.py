"""Colour, HDR and shape, told to an encoder and its stream."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from ..info import Colour
from ..plates.form import Form
from ..plates.info import LightLevel, Mastering, PictureInfo
from ..upright import Turn

_LOCATIONS = {"left": "left", "center": "center", "topleft": "topleft"}


def colour_for(info: PictureInfo, form: Form) -> Colour:
    """Tags of the written samples: the source's, but a matrix and a range that fit what RGB becomes."""
    colour = info.colour
    if form.model == "rgb":
        return replace(colour, matrix=0, full_range=True)
    if info.form.model == "rgb" or colour.matrix == 0:
        matrix = {9: 9, 1: 1, 5: 5, 6: 6}.get(colour.primaries, 1 if info.height >= 720 else 6)
        return replace(colour, matrix=matrix, full_range=False)
    return colour


def location_for(info: PictureInfo, form: Form) -> str:
    """Where chroma sits in the written samples: where it sat, and in the usual place if the source had none to leave out."""
    if info.form.model == "yuv" and info.form.sub_wh == form.sub_wh:
        return info.chroma_location
    return "topleft" if info.hdr and info.colour.primaries == 9 and form.sub_wh == (2, 2) else "left"


def tag(context: Any, colour: Colour, location: str, form: Form) -> None:
    """Colour tags on an encoder's context; 2 is "not said"."""
    context.color_primaries = colour.primaries
    context.color_trc = colour.transfer
    context.colorspace = colour.matrix
    context.color_range = 2 if colour.full_range else 1
    if form.model == "yuv" and form.sub_wh == (2, 2):
        context.options = {**context.options, "chroma_sample_location": _LOCATIONS[location]}


def hdr_options(encoder: str, mastering: Mastering | None, light: LightLevel | None) -> dict[str, str]:
    """HDR10 metadata for encoders that write it into the stream."""
    told = []
    if encoder == "libx265":
        if mastering:
            told.append(f"master-display={_display(mastering, 50_000, 10_000)}")
        if light:
            told.append(f"max-cll={light.most_nits},{light.mean_nits}")
        return {"x265-params": ":".join([*told, "hdr10=1", "repeat-headers=1"])} if told else {}
    if encoder == "libx264":
        if mastering:
            told.append(f"mastering-display={_display(mastering, 50_000, 10_000)}")
        if light:
            told.append(f"cll={light.most_nits},{light.mean_nits}")
        return {"x264-params": ":".join(told)} if told else {}
    if encoder == "libsvtav1":
        if mastering:
            told.append(f"mastering-display={_display(mastering, None, None)}")
        if light:
            told.append(f"content-light={light.most_nits},{light.mean_nits}")
        return {"svtav1-params": ":".join(told)} if told else {}
    return {}


def _display(mastering: Mastering, chroma_unit: int | None, light_unit: int | None) -> str:
    """G(x,y)B(x,y)R(x,y)WP(x,y)L(high,low), in whole units or in decimals."""

    def number(value: Fraction, unit: int | None) -> str:
        return str(round(value * unit)) if unit else f"{float(value):.5f}"

    red, green, blue = mastering.primaries_xy
    points = (("G", green), ("B", blue), ("R", red), ("WP", mastering.white_xy))
    text = "".join(f"{name}({number(x, chroma_unit)},{number(y, chroma_unit)})" for name, (x, y) in points)
    return f"{text}L({number(mastering.high_nits, light_unit)},{number(mastering.low_nits, light_unit)})"


def display_matrix(turn: Turn) -> list[int]:
    """The nine numbers of ISO/IEC 14496-12 for a turn; upright.turn_of reads them back."""
    one = 1 << 16
    x, y = (-one if turn.flip_x else one), (-one if turn.flip_y else one)
    return [0, y, 0, x, 0, 0, 0, 0, 1 << 30] if turn.transpose else [x, 0, 0, 0, y, 0, 0, 0, 1 << 30]
