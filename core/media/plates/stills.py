"""EXR and TIFF through OpenImageIO: every part, every channel, half and float as stored.

Names have passed guard.local_file. OpenImageIO picks its reader by the suffix, so it only sees files whose suffix and first bytes
agree; FFmpeg reads the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np

from ...errors import MediaError
from ..exr import likeliest_layer
from ..guard import local_file, most_pixels
from .form import Form
from .plate import Layer
from .samples import Samples
from .side import FrameSide

_READERS = {"exr": ("openexr", (".exr",)), "tiff": ("tiff", (".tif", ".tiff"))}
"""FFmpeg's name of a picture codec to OpenImageIO's reader and its suffixes, for what is read this way."""
_TYPES: dict[str, Any] = {"half": np.float16, "float": np.float32, "double": np.float64, "uint8": np.uint8, "uint16": np.uint16, "uint": np.uint32}
_MOST_BYTES = 1 << 33
_MOST_PARTS = 1000


def reads(path: str, codec: str) -> bool:
    """Whether files like this one, of this picture codec by its first bytes, are read here."""
    return codec in _READERS and path.lower().endswith(_READERS[codec][1])


class Still:
    """One picture file. The colours are read at once, the other layers when they are asked for."""

    interlaced = False
    key = True
    side = FrameSide()

    def __init__(self, path: str, codec: str) -> None:
        self.path = path
        self._codec = codec
        with _Opened(path, codec) as file:
            part, names = file.picture()
            self.associated = codec == "exr" or not int(file.spec(part).get_int_attribute("oiio:UnassociatedAlpha", 0))
            self.timecode = _timecode(file.spec(part))
            self._samples = _colours(file.layer(part), names)

    @property
    def pix_fmt(self) -> str:
        """FFmpeg's name of a format that holds these samples."""
        form = self._samples.form
        end = "" if form.bits == 8 else "le"
        deep = f"f{form.bits}" if form.is_float else "" if form.bits == 8 else str(form.bits)
        return f"{'ya' if form.alpha else 'gray'}{deep}{end}" if form.model == "gray" else f"gbr{'a' if form.alpha else ''}p{deep}{end}"

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Every part, read anew."""
        with _Opened(self.path, self._codec) as file:
            return tuple(file.layer(part) for part in range(file.parts()))

    def samples(self) -> Samples:
        return self._samples


class _Opened:
    """The file, open."""

    def __init__(self, path: str, codec: str) -> None:
        import OpenImageIO as oiio

        self.path, self.oiio = path, oiio
        hints = oiio.ImageSpec()
        hints.attribute("oiio:UnassociatedAlpha", 1)
        self.file: Any = oiio.ImageInput.open(local_file(path), hints)
        if self.file is None or self.file.format_name() != _READERS[codec][0]:
            raise self._damaged(_said(oiio.geterror))

    def __enter__(self) -> _Opened:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def _damaged(self, why: str) -> MediaError:
        line = next(iter(str(why).strip().splitlines()), "").replace(self.path, "").strip(' :"')[:160]
        return MediaError(f"{self.path} is a damaged picture{': ' + line if line else ''}", "export it again")

    def parts(self) -> int:
        return min(_MOST_PARTS, max(1, int(self.spec(0).get_int_attribute("oiio:subimages", 1))))

    def spec(self, part: int) -> Any:
        """The header of a part. Raises MediaError where it is damaged, deep, or larger than a picture can be."""
        if not self.file.seek_subimage(part, 0):
            raise self._damaged(_said(self.file.geterror))
        spec = self.file.spec()
        if spec.deep:
            raise MediaError(f"{self.path} is a deep picture, which has no one colour a pixel", "flatten it first")
        pixels = max(spec.width * spec.height, spec.full_width * spec.full_height)
        if not 0 < pixels <= most_pixels(self.path) or spec.width * spec.height * spec.pixel_bytes(True) > _MOST_BYTES:
            raise MediaError(f"{self.path} claims a picture of {spec.full_width} x {spec.full_height}, {spec.nchannels} channels", "check the file")
        return spec

    def names(self, part: int) -> list[str]:
        """Of a part's channels. Raises MediaError where one is no text."""
        try:
            return list(self.spec(part).channelnames)
        except UnicodeDecodeError as error:
            raise self._damaged("the name of a channel is no text") from error

    def picture(self) -> tuple[int, list[str]]:
        """Which part, and which of its channels, are the picture: R G B (A), or one grey (and A)."""
        for part in range(self.parts()):
            names = self.names(part)
            found = picture_channels(names)
            if found:
                return part, found
        return 0, self.names(0)[:1]

    def layer(self, part: int) -> Layer:
        """All channels of a part."""
        spec = self.spec(part)
        types = [str(t) for t in spec.channelformats] or [str(spec.format)] * spec.nchannels
        wanted = types[0] if len(set(types)) == 1 else "float" if "uint" not in types else "double"
        pixels = self.file.read_image(part, 0, 0, spec.nchannels, wanted)
        if pixels is None:
            raise self._damaged(_said(self.file.geterror))
        return Layer(
            channels=tuple(self.names(part)),
            pixels=np.asarray(pixels, _TYPES.get(wanted)).reshape(spec.height, spec.width, spec.nchannels),
            name=str(spec.get_string_attribute("oiio:subimagename", "")),
            origin_xy=(spec.x - spec.full_x, spec.y - spec.full_y),
            full_wh=(spec.full_width, spec.full_height),
            window_xy=(spec.full_x, spec.full_y),
            attributes=tuple(_attributes(spec)),
            types=tuple(types) if len(set(types)) > 1 else (),
        )


def _said(error: Callable[[], str]) -> str:
    """What OpenImageIO says; it may quote bytes of the file."""
    try:
        return error()
    except UnicodeDecodeError:
        return ""


def _attributes(spec: Any) -> Iterator[tuple[str, str, object]]:
    """Those that can be read. A text that is not UTF-8 counts as Latin-1, which old tools write."""
    for one in spec.extra_attribs:
        with suppress(UnicodeError):
            value = one.value
            yield _text(str(one.name)), str(one.type), tuple(map(_text, value)) if isinstance(value, tuple) else _text(value)


def _text(value: Any) -> Any:
    """A text that can be written; anything else as it is. Bytes that were no UTF-8 stand in it as surrogates. Raises UnicodeError."""
    if not isinstance(value, str) or not any("\ud800" <= sign <= "\udfff" for sign in value):
        return value
    return value.encode("utf-8", "surrogateescape").decode("latin-1")


def picture_channels(names: list[str]) -> list[str]:
    """Names of the picture's channels, [] where this part has no picture."""
    layer = likeliest_layer(names)
    own = {name.rpartition(".")[2].upper(): name for name in names if name.rpartition(".")[0] == layer}
    colours = [own[c] for c in "RGB" if c in own]
    if len(colours) < 3:
        colours = [own["Y"]] if "Y" in own else [names[0]] if len(names) <= 2 and names[0] not in ("Z", "A") else []
    return [*colours, own["A"]] if colours and "A" in own else colours


def _colours(layer: Layer, names: list[str]) -> Samples:
    """The picture's planes at the size that is shown: what the data window does not cover is black, what lies outside is left out."""
    width, height = layer.full_wh
    planes = []
    for name in names:
        plane = layer.named(name)
        if plane.dtype in (np.float64, np.uint32):
            plane = plane.astype(np.float32)
        planes.append(_placed(plane, layer.origin_xy, width, height))
    float_bits = planes[0].dtype.itemsize * 8
    is_float = planes[0].dtype.kind == "f"
    model = "rgb" if len(names) >= 3 else "gray"
    alpha = len(names) in (2, 4)
    return Samples(Form(model, float_bits, is_float, alpha), tuple(planes))


def _placed(plane: np.ndarray, origin_xy: tuple[int, int], width: int, height: int) -> np.ndarray:
    if origin_xy == (0, 0) and plane.shape == (height, width):
        return np.ascontiguousarray(plane)
    out = np.zeros((height, width), plane.dtype)
    x, y = origin_xy
    left, top, right, bottom = max(0, x), max(0, y), min(width, x + plane.shape[1]), min(height, y + plane.shape[0])
    if left < right and top < bottom:
        out[top:bottom, left:right] = plane[top - y : bottom - y, left - x : right - x]
    return out


def _timecode(spec: Any) -> str | None:
    """SMPTE ST 12 in binary-coded decimals: hours in the top byte, frames in the bottom one, drop frame by its bit."""
    value = spec.getattribute("smpte:TimeCode")
    if value is None:
        return None
    word = int(value[0] if isinstance(value, (tuple, list)) else value) & 0xFFFFFFFF
    hours, minutes, seconds, frames = ((word >> at & mask) for at, mask in ((24, 0x3F), (16, 0x7F), (8, 0x7F), (0, 0x3F)))
    h, m, s, f = ((n >> 4) * 10 + (n & 15) for n in (hours, minutes, seconds, frames))
    return f"{h:02d}:{m:02d}:{s:02d}{';' if word & 0x40 else ':'}{f:02d}"
