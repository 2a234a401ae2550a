"""The change laid into the picture: where the mask is empty, nothing is touched, by construction and not by care.

Two ways. mixed() works on the frames as they are looked at, RGB. composed() works on what the file stores, plane by plane: only samples
inside the mask are written to, by the difference that the change makes to them; all others are the decoder's own, bit for bit. A chroma
sample stands for several pixels; it is written to only where all of them are in the mask, since the colour of those outside is its too.

Convention: pictures are (H, W, 3) RGB, masks (H, W) uint8, 255 where the picture may change.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ..media.plates import Layer, Plate, Samples
from ..media.plates.colour import Encoding, from_rgb
from ..media.plates.form import Form
from ..media.plates.plate import PlateView
from ..media.plates.side import FrameSide
from ..media.plates.stills import picture_channels
from ..media.upright import AS_STORED, Turn
from ..render.cover import feathered

_AROUND_PX = 16
"""More than any chroma filter reaches, and a multiple of every subsampling and of its fields."""
_DEEP_BITS = 16


def share_of(mask: np.ndarray, feather_px: int = 0, opacity: float = 1.0) -> np.ndarray:
    """How much of the change shows, (H, W) float32: 0 outside the mask; inside, it sets in over `feather_px` pixels from the edge.

    A pixel whose centre lies d px inside the edge has d / feather_px. The frame's border is no edge.
    """
    return np.asarray(feathered((mask > 0).astype(np.float32), feather_px) * np.float32(opacity), np.float32)


def mixed(frame: np.ndarray, change: np.ndarray, share: np.ndarray) -> np.ndarray:
    """The frame with a change laid over it, in the frame's own type; where share is 0 it is the frame, bit for bit.

    Where the frame is not a number, the change stands by itself.
    """
    out = frame.copy()
    part = share > 0
    below, above, how_much = frame[part].astype(np.float32), change[part].astype(np.float32), share[part][:, None]
    values = np.where(how_much >= 1, above, below + (above - below) * how_much)
    if frame.dtype.kind == "f":
        values = np.where(np.isfinite(values), values, above)
    else:
        values = np.clip(np.rint(values), 0, np.iinfo(frame.dtype).max)
    out[part] = np.where(above == below, frame[part], values.astype(frame.dtype))
    return out


def composed(plate: Plate, before: np.ndarray, after: np.ndarray, mask: np.ndarray, turn: Turn = AS_STORED) -> Plate:
    """A plate with the change from `before` to `after` in it, in its own samples.

    before  what the plate shows, as frames are looked at: uint8, uint16 or float32 in the plate's own encoding
    after   the same with the change; what differs outside the mask does not count
    turn    that makes the stored picture upright, where `before`, `after` and `mask` are
    """
    before, after, mask = (unturned(picture, turn) for picture in (before, after, mask))
    samples = plate.samples()
    changed = (mask > 0) & (before != after).any(axis=2)
    if not changed.any():
        return plate
    box = _box(changed)
    planes = tuple(plane.copy() for plane in samples.planes)
    _lay(planes, samples.form, _said(plate.encoding, samples.size_wh[1]), before[box], after[box], mask[box] > 0, (box[0].start, box[1].start))
    edited = Samples(samples.form, planes)
    picture = _Edited(plate, edited, changed)
    return Plate(plate.number, plate.pts, plate.duration, picture, PlateView(samples.size_wh, replace(plate.encoding, fields=False), AS_STORED))


def unturned(picture: np.ndarray, turn: Turn) -> np.ndarray:
    """An upright picture as it is stored."""
    back = Turn(False, turn.flip_x, turn.flip_y).apply(picture) if turn else picture
    return np.ascontiguousarray(back.swapaxes(0, 1)) if turn.transpose else back


def _box(changed: np.ndarray) -> tuple[slice, slice]:
    """The rectangle that is worked on: around the change, and whole blocks of chroma."""
    found = []
    for axis, limit in ((1, changed.shape[0]), (0, changed.shape[1])):
        some = np.flatnonzero(changed.any(axis=axis))
        first = max(0, (int(some[0]) // _AROUND_PX - 1) * _AROUND_PX)
        found.append(slice(first, min(limit, (int(some[-1]) // _AROUND_PX + 2) * _AROUND_PX)))
    return found[0], found[1]


def _lay(
    planes: Iterable[np.ndarray], form: Form, encoding: Encoding, before: np.ndarray, after: np.ndarray, free: np.ndarray, at_yx: tuple[int, int]
) -> None:
    """Write the change into planes, in a box that begins at at_yx. Alpha stays."""
    one, other = (_coded(picture, form, encoding) for picture in (before, after))
    number_of = {"yuv": 3, "rgb": 3, "gray": 1}[form.model]
    for number, plane in zip(range(number_of), planes, strict=False):
        across, down = form.sub_wh if form.model == "yuv" and number in (1, 2) else (1, 1)
        was, new = one.planes[number], other.planes[number]
        may = whole_blocks(free, (across, down)) & (was != new)
        top, left = at_yx[0] // down, at_yx[1] // across
        part = plane[top : top + may.shape[0], left : left + may.shape[1]]
        if form.is_float:
            part[may] = new[may]
        else:
            codes = (new[may].astype(np.float64) - was[may]) * _codes(form, encoding, number)
            part[may] = np.clip(np.rint(part[may] + codes), 0, 2**form.bits - 1)


def _said(encoding: Encoding, height: int) -> Encoding:
    """With the matrix that holds where none is tagged: it goes by the height of the whole picture, and a part of it is worked on."""
    return encoding if encoding.matrix not in (2, 3) else replace(encoding, matrix=1 if height >= 720 else 6)


def _coded(picture: np.ndarray, form: Form, encoding: Encoding) -> Samples:
    """A picture in this form; of integers at full depth, so that differences are exact to a small part of a code."""
    scaled = picture.astype(np.float32) if picture.dtype.kind == "f" else picture * np.float32(1 / np.iinfo(picture.dtype).max)
    deep = replace(form, alpha=False) if form.is_float else replace(form, alpha=False, bits=_DEEP_BITS)
    return from_rgb(scaled, deep, encoding)


def _codes(form: Form, encoding: Encoding, number: int) -> float:
    """Codes of this form to one code of the deep one."""
    full = encoding.full_range or form.model == "rgb"
    return (2**form.bits - 1) / (2**_DEEP_BITS - 1) if full else 2.0 ** (form.bits - _DEEP_BITS)


def whole_blocks(free: np.ndarray, sub_wh: tuple[int, int]) -> np.ndarray:
    """(h, w) bool on a chroma plane's grid: whether all pixels that a sample stands for are free; the picture's border goes on."""
    across, down = sub_wh
    if sub_wh == (1, 1):
        return free
    high, wide = -free.shape[0] % down, -free.shape[1] % across
    padded = np.pad(free, ((0, high), (0, wide)), mode="edge")
    return np.asarray(padded.reshape(padded.shape[0] // down, down, padded.shape[1] // across, across).all(axis=(1, 3)))


@dataclass(frozen=True)
class _Edited:
    """A decoded picture with other samples, and all else as it was."""

    plate: Plate
    edited: Samples
    changed: np.ndarray

    key = False

    @property
    def pix_fmt(self) -> str:
        return self.plate.pix_fmt

    @property
    def side(self) -> FrameSide:
        return self.plate.side

    @property
    def interlaced(self) -> bool:
        return self.plate.interlaced

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Those of the file, with the change in the channels that are the picture."""
        out, done = [], False
        for layer in self.plate.layers:
            names = [] if done else picture_channels(list(layer.channels))
            out.append(self._laid(layer, names) if names else layer)
            done = done or bool(names)
        return tuple(out)

    def samples(self) -> Samples:
        return self.edited

    def _laid(self, layer: Layer, names: list[str]) -> Layer:
        """The changed pixels in the layer's own rectangle, which may be smaller or larger than the picture."""
        pixels = layer.pixels.copy()
        x, y = layer.origin_xy
        rows, columns = np.nonzero(self.changed)
        held = (rows >= y) & (rows < y + pixels.shape[0]) & (columns >= x) & (columns < x + pixels.shape[1])
        rows, columns = rows[held], columns[held]
        for name, plane in zip(names[:3] if len(names) >= 3 else names[:1], self.edited.planes, strict=False):
            pixels[rows - y, columns - x, layer.channels.index(name)] = plane[rows, columns]
        return replace(layer, pixels=pixels)
