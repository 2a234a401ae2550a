"""One picture at full depth: its samples as stored, and RGB in float.

Convention: arrays are (height, width), pixel centres on integers, x right, y down. RGB is in the file's own encoding: no transfer curve
is touched. Integer formats are 0 to 1 over their range and keep what lies outside it; float is as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import av
import cv2
import numpy as np

from ..upright import Turn, one_field
from .colour import Encoding, alpha_of, to_rgb
from .form import Form
from .samples import Samples, samples_of
from .side import FrameSide, side_of


@dataclass(frozen=True)
class Layer:
    """One part of a picture file: channels that lie over each other. An EXR file may have several.

    pixels      (h, w, n), of the file's own type (float16, float32, uint8, uint16 or uint32)
    channels    their n names, as the file has them (R, diffuse.R, Z)
    origin_xy   of pixels[0, 0] in the picture; the data window may be smaller or larger than what is shown
    full_wh     size of the picture shown (EXR's display window)
    window_xy   where the file puts the first pixel shown
    """

    channels: tuple[str, ...]
    pixels: np.ndarray
    name: str = ""
    origin_xy: tuple[int, int] = (0, 0)
    full_wh: tuple[int, int] = (0, 0)
    window_xy: tuple[int, int] = (0, 0)
    attributes: tuple[tuple[str, str, object], ...] = ()
    """(name, OpenImageIO's name of the type, value), in the file's order."""
    types: tuple[str, ...] = ()
    """Stored type of each channel where they differ: half, float, uint."""

    def named(self, channel: str) -> np.ndarray:
        """(h, w) of one channel. Raises KeyError."""
        if channel not in self.channels:
            raise KeyError(channel)
        return self.pixels[..., self.channels.index(channel)]


class Picture(Protocol):
    """What a plate shows, read by FFmpeg or by OpenImageIO."""

    @property
    def layers(self) -> tuple[Layer, ...]: ...
    @property
    def pix_fmt(self) -> str: ...
    @property
    def side(self) -> FrameSide: ...
    @property
    def interlaced(self) -> bool: ...
    @property
    def key(self) -> bool: ...
    def samples(self) -> Samples: ...


class Decoded:
    """A frame out of FFmpeg."""

    layers: tuple[Layer, ...] = ()

    def __init__(self, frame: av.VideoFrame, codec: str) -> None:
        self.frame, self._codec = frame, codec

    @property
    def pix_fmt(self) -> str:
        return self.frame.format.name

    @property
    def side(self) -> FrameSide:
        return side_of(self.frame, self._codec)

    @property
    def interlaced(self) -> bool:
        return bool(self.frame.interlaced_frame)

    @property
    def key(self) -> bool:
        return bool(self.frame.key_frame)

    def samples(self) -> Samples:
        return samples_of(self.frame)


@dataclass(frozen=True)
class PlateView:
    """How all plates of one piece of footage are looked at."""

    full_wh: tuple[int, int]
    """Of rgb(); pictures of another size are brought to it."""
    encoding: Encoding
    turn: Turn
    bottom_first: bool = False
    one_field: bool = False


class Plate:
    """A picture with its number and its time. Valid as long as it is held."""

    def __init__(self, number: int, pts: int, duration: int | None, picture: Picture, view: PlateView) -> None:
        self.number = number
        self.pts = pts
        """In PictureInfo.time_base."""
        self.duration = duration
        """In the same units, as the file says; None where it does not."""
        self._picture = picture
        self._view = view

    @property
    def decoded(self) -> Picture:
        """The picture as its reader gave it."""
        return self._picture

    @property
    def pix_fmt(self) -> str:
        """FFmpeg's name of how the samples are stored."""
        return self._picture.pix_fmt

    @property
    def side(self) -> FrameSide:
        """HDR10 metadata and captions of this frame."""
        return self._picture.side

    @property
    def interlaced(self) -> bool:
        return self._picture.interlaced

    @property
    def bottom_first(self) -> bool:
        return self._view.bottom_first

    @property
    def key(self) -> bool:
        return self._picture.key

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Of a picture file read through OpenImageIO, every part and every channel; () of a film's frame."""
        return self._picture.layers

    @property
    def form(self) -> Form:
        """What the stored samples mean."""
        return self.samples().form

    @property
    def encoding(self) -> Encoding:
        """How colour is coded in the stored samples."""
        return replace(self._view.encoding, fields=self.interlaced)

    def samples(self) -> Samples:
        """Stored samples, bit for bit, as stored: neither turned upright nor deinterlaced."""
        return self._picture.samples()

    def planes(self) -> tuple[np.ndarray, ...]:
        """samples().planes: (h, w) each, read only where they are the decoder's own memory."""
        return self.samples().planes

    @property
    def untouched(self) -> bool:
        """Whether rgb() shows the stored samples where they lie: not turned, sized or deinterlaced."""
        return not self._view.turn and not (self._view.one_field and self.interlaced) and self.samples().size_wh == self._view.full_wh

    def rgb(self, alpha: bool = False, field: int | None = None) -> np.ndarray:
        """The picture, (h, w, 3) float32, with alpha (h, w, 4); C-contiguous.

        alpha  straight as a rule, associated where PictureInfo.associated says so; 1 where the file has none
        field  of an interlaced picture: 0 shows the field that comes first, 1 the other one, the lines between interpolated
        Raises MediaError where colours are coded in a way that has no matrix.
        """
        samples = self.samples()
        rgb = to_rgb(samples, self.encoding)
        if alpha:
            own = alpha_of(samples)
            rgb = np.dstack([rgb, np.ones(rgb.shape[:2], np.float32) if own is None else own])
        if field is None and self._view.one_field and self.interlaced:
            field = 0
        if field is not None and self.interlaced:
            rgb = one_field(rgb, self._view.bottom_first != bool(field))
        return self._placed(rgb)

    def _placed(self, rgb: np.ndarray) -> np.ndarray:
        view = self._view
        stored_wh = view.full_wh[::-1] if view.turn.transpose else view.full_wh
        if rgb.shape[1::-1] != tuple(stored_wh):
            smaller = stored_wh[0] <= rgb.shape[1] and stored_wh[1] <= rgb.shape[0]
            rgb = cv2.resize(rgb, stored_wh, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
        return np.ascontiguousarray(view.turn.apply(rgb) if view.turn else rgb, np.float32)


Shown = Plate | Samples | np.ndarray
"""What can be written: a plate, samples, or RGB(A) as (h, w, 3 or 4) float32."""
