"""One picture file by OpenImageIO, whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from ...errors import OutputError, UsageError, cannot_write
from ..info import Colour
from ..plates.form import Form
from ..plates.plate import Layer

_EXR = ("none", "rle", "zips", "zip", "piz", "pxr24", "b44", "b44a", "dwaa", "dwab")
_TIFF = ("none", "lzw", "zip")
_LOSSY = ("pxr24", "b44", "b44a", "dwaa", "dwab")
_OWN = ("oiio:", "openexr:", "name", "chunkCount", "smpte:TimeCode", "FramesPerSecond", "PixelAspectRatio", "compression")
"""Attributes that the writer makes itself."""
_PRIMARIES = {
    1: (0.64, 0.33, 0.30, 0.60, 0.15, 0.06, 0.3127, 0.3290),
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    11: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.314, 0.351),
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
}
"""CIE x, y of red, green, blue and white, by H.273 code."""


@dataclass(frozen=True)
class Header:
    """What is said in each file."""

    suffix: str
    form: Form
    rate: Fraction = Fraction(24)
    timecode: str | None = None
    sample_aspect: Fraction = Fraction(1)
    colour: Colour = field(default_factory=Colour)
    compression: str = ""
    metadata: dict[str, str] = field(default_factory=dict)


def write_file(name: str, layers: Sequence[Layer], header: Header, shown: str) -> None:
    """Write these layers under a name; a file that is not whole is taken away.

    shown  the name that a person knows. Raises OutputError; UsageError for layers that the format cannot hold.
    """
    import OpenImageIO as oiio

    if len(layers) > 1 and header.suffix != ".exr":
        raise UsageError(f"{header.suffix} holds one layer, and there are {len(layers)}", "write .exr")
    specs = [_spec(oiio, layer, header, k) for k, layer in enumerate(layers)]
    out = oiio.ImageOutput.create(name)
    if out is None:
        raise OutputError(f"{shown} cannot be written: this OpenImageIO has no {header.suffix} writer", "install the openimageio wheel")
    try:
        fine = out.open(name, tuple(specs)) if len(specs) > 1 else out.open(name, specs[0])
        for k, layer in enumerate(layers):
            if k:
                fine = fine and out.open(name, specs[k], "AppendSubimage")
            fine = fine and out.write_image(np.ascontiguousarray(_words(layer, header)))
        fine = out.close() and fine
        if not fine or not os.path.exists(name) or (header.suffix == ".png" and not _whole_png(name)):
            raise _refused(out.geterror() or oiio.geterror(), name, shown)
        with open(name, "rb+") as file:
            os.fsync(file.fileno())
    except OSError as error:
        _drop(name)
        raise cannot_write(shown, error) from error
    except BaseException:
        _drop(name)
        raise


def _spec(oiio: Any, layer: Layer, header: Header, number: int) -> Any:
    height, width, count = layer.pixels.shape
    spec = oiio.ImageSpec(width, height, count, _type_of(layer, header))
    spec.channelnames = layer.channels
    if layer.types:
        spec.channelformats = layer.types
    if "A" in layer.channels:
        spec.alpha_channel = layer.channels.index("A")
    spec.x, spec.y = layer.origin_xy[0] + layer.window_xy[0], layer.origin_xy[1] + layer.window_xy[1]
    spec.full_x, spec.full_y = layer.window_xy
    spec.full_width, spec.full_height = layer.full_wh if layer.full_wh != (0, 0) else (width, height)
    spec.attribute("DateTime", "")  # else OpenImageIO writes the time of day, and no two files are the same
    for name, kind, value in layer.attributes:
        if not name.startswith(_OWN):
            spec.attribute(name, oiio.TypeDesc(kind), value)
    if layer.name:
        spec.attribute("oiio:subimagename", layer.name)
    spec.attribute("compression", _compression(header, layer))
    if header.sample_aspect != 1:
        spec.attribute("PixelAspectRatio", float(header.sample_aspect))
    if header.suffix == ".exr":
        _exr(oiio, spec, header)
    elif header.suffix == ".dpx":
        spec.attribute("oiio:BitsPerSample", header.form.bits)
        spec.attribute("dpx:FrameRate", float(header.rate))
        if header.timecode:
            spec.attribute("dpx:TimeCode", header.timecode.replace(";", ":"))
    else:
        spec.attribute("oiio:UnassociatedAlpha", 1)
        spec.attribute("tiff:zipquality", 3)
        spec.attribute("png:compressionLevel", 4)
        if header.suffix == ".png" and header.colour.primaries != 2 and header.colour.transfer != 2:
            spec.attribute("CICP", oiio.TypeDesc("int[4]"), (header.colour.primaries, header.colour.transfer, 0, 1))
    return spec


def _exr(oiio: Any, spec: Any, header: Header) -> None:
    spec.attribute("FramesPerSecond", oiio.TypeDesc("rational"), (header.rate.numerator, header.rate.denominator))
    if header.timecode:
        spec.attribute("smpte:TimeCode", oiio.TypeDesc("timecode"), (_packed(header.timecode), 0))
    if header.colour.primaries in _PRIMARIES and not spec.get_string_attribute("chromaticities"):
        spec.attribute("chromaticities", oiio.TypeDesc("float[8]"), _PRIMARIES[header.colour.primaries])
    for name, value in header.metadata.items():
        if spec.getattribute(name) is None:
            spec.attribute(name, value)


def _compression(header: Header, layer: Layer) -> str:
    """As asked for; else what the layer had, but never a lossy one for a second time."""
    allowed = {".exr": _EXR, ".tif": _TIFF, ".tiff": _TIFF}.get(header.suffix, ())
    if header.compression:
        if header.compression not in allowed:
            known = f"choose one of {', '.join(allowed)}" if allowed else "leave it open"
            raise UsageError(f"{header.compression} is not a compression of {header.suffix}", known)
        return header.compression
    had = next((str(value) for name, _, value in layer.attributes if name == "compression"), "")
    return had if had in allowed and had not in _LOSSY else "zip"


def _type_of(layer: Layer, header: Header) -> str:
    if layer.types:
        return "float"
    kind = {"float16": "half", "uint8": "uint8", "uint16": "uint16", "uint32": "uint"}.get(layer.pixels.dtype.name, "float")
    return "uint16" if header.suffix == ".dpx" and header.form.bits > 8 else kind


def _words(layer: Layer, header: Header) -> np.ndarray:
    """What OpenImageIO is given: 10 and 12 bits fill 16 by repeating their top bits, and come back exactly."""
    bits = header.form.bits
    if header.suffix == ".dpx" and bits in (10, 12):
        wide = layer.pixels.astype(np.uint16)
        return wide << (16 - bits) | wide >> (2 * bits - 16)
    return layer.pixels


def _packed(code: str) -> int:
    """SMPTE ST 12 binary-coded decimals of a timecode."""
    h, m, s, f = (int(code[k : k + 2]) for k in (0, 3, 6, 9))
    word = 0
    for number in (h, m, s, f):
        word = word << 8 | (number // 10 << 4 | number % 10)
    return word | (0x40 if code[8] in ";." else 0)


def _refused(why: str, name: str, shown: str) -> OutputError:
    if shutil.disk_usage(os.path.dirname(name)).free < 1 << 16:
        return cannot_write(shown, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    line = next(iter(str(why).strip().splitlines()), "").replace(name, "").strip(' :"')[:200]
    return OutputError(f"{shown} cannot be written{': ' + line if line else ''}", "check the folder and its free space")


def _whole_png(name: str) -> bool:
    """Whether its chunks lead to the last one: OpenImageIO's PNG writer does not notice a full disk."""
    size, at = os.path.getsize(name), 8
    with open(name, "rb") as file:
        while at + 12 <= size:
            file.seek(at)
            length, kind = struct.unpack(">I4s", file.read(8))
            at += 12 + int(length)
            if kind == b"IEND":
                return at == size
    return False


def _drop(name: str) -> None:
    if os.path.exists(name):
        os.unlink(name)
