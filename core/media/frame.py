"""One decoded frame, and the two ways of looking at it: luma for analysis, RGB for people.

Convention: a size is (width, height), an array (height, width). Output pixel (x, y) shows the point
((x + 0.5) * W / w - 0.5, (y + 0.5) * H / h - 0.5) of the full picture: pixel centres on integers,
edges on edges. The rotation flag is applied, the sample aspect ratio is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import av
import cv2
import numpy as np

from .display import LINEAR, luma_of, luma_table, needs_curve, shown
from .layout import Layout, converted, layout_of
from .upright import AS_STORED, Turn, one_field

_MOST_LIGHT = 1e4
"""Scene-linear light counts up to here, so that one broken pixel does not drown its neighbours in an area average."""


@dataclass(frozen=True)
class View:
    """How the frames of one piece of footage are looked at; the same for all of them."""

    full_wh: tuple[int, int]
    """Upright size of the first frame; frames of another size are brought to it."""
    turn: Turn = AS_STORED
    transfer: int = 2
    full_range: bool = False
    bottom_first: bool = False
    """Interlaced frames show their bottom field first."""
    to_display: Callable[[np.ndarray], np.ndarray] | None = None
    """From RGB of a named colour space, (h, w, 3) float32, to display RGB 0..1; replaces what the transfer tag says."""


class Frame:
    """A decoded frame. Valid as long as it is held; not tied to the decoder's next step."""

    __slots__ = ("_frame", "_view", "key", "number", "pts")

    def __init__(self, number: int, frame: av.VideoFrame, pts: int, view: View) -> None:
        self.number = number
        self.pts = pts
        """In the stream's time base; of streams without time stamps, made up at the constant rate."""
        self.key: bool = bool(frame.key_frame)
        self._frame = frame
        self._view = view

    @property
    def decoded(self) -> av.VideoFrame:
        """As the decoder gave it: every sample, neither turned nor sized."""
        return self._frame

    def instead(self, decoded: av.VideoFrame) -> Frame:
        """The same moment with another picture, of the same size and form."""
        return Frame(self.number, decoded, self.pts, self._view)

    def luma(self, size_wh: tuple[int, int] | None = None) -> np.ndarray:
        """Display-referred luma for analysis.

        size_wh  None is the full size; smaller pictures are area averages
        returns  (h, w) uint8, C-contiguous; read only where it is the decoder's own memory

        Of 8-bit YUV it is the stored Y plane, limited range and full range alike: what compares them ignores gain and
        offset. Deeper SDR is the stored luma, scaled to 8 bits. HDR and linear light go through the curve of display.py.
        """
        view, layout = self._view, layout_of(self._frame.format.name)
        if view.to_display is not None:
            return luma_of(view.to_display(self._light(size_wh)))
        if layout is None:
            deep = max(part.bits for part in self._frame.format.components) > 8
            layout = layout_of("gray16le" if deep else "gray")
            return self._grey(converted(self._frame, "gray16le" if deep else "gray"), layout, size_wh, full=True)
        stored = layout.view(self._frame)
        if stored is None:
            return self._grey(converted(self._frame, "gray"), layout_of("gray"), size_wh, full=True)
        if not layout.is_rgb:
            return self._grey(stored, layout, size_wh, view.full_range)
        transfer = self._transfer(layout)
        if layout.bits == 8 and not needs_curve(transfer):
            return luma_of(self._sized(stored, size_wh))
        return luma_of(shown(self._unit(stored, layout, size_wh), transfer))

    def fine_luma(self) -> np.ndarray:
        """Full-size luma at the file's own depth, in levels of 8 bits: (h, w) float32 of 0 to 255 and a fraction.

        Of deeper YUV and grey it is the stored plane, with no curve of HDR or light taken; of all else it is luma(), uint8.
        """
        layout = layout_of(self._frame.format.name)
        if layout is None or layout.bits <= 8 or layout.is_rgb or self._view.to_display is not None:
            return self.luma()
        stored = layout.view(self._frame)
        if stored is None:
            return self.luma()
        return self._sized(stored, None).astype(np.float32) * np.float32(2.0 ** (8 - layout.bits))

    def rgb(self, size_wh: tuple[int, int] | None = None) -> np.ndarray:
        """The picture for people to look at: (h, w, 3) uint8 RGB, C-contiguous."""
        view, layout = self._view, layout_of(self._frame.format.name)
        transfer = self._transfer(layout)
        if view.to_display is None and not needs_curve(transfer) and (layout is None or layout.bits):
            picture = converted(self._frame, "rgb24", self._matrix())
            return self._sized(picture, size_wh)
        light = self._light(size_wh)
        seen = view.to_display(light) if view.to_display is not None else shown(light, transfer)
        return np.ascontiguousarray((np.clip(seen, 0, 1) * 255 + 0.5).astype(np.uint8))

    def alpha(self, size_wh: tuple[int, int] | None = None) -> np.ndarray | None:
        """How opaque the pixels are: (h, w) uint8, 255 is opaque, sized and turned as luma() is; None where all are opaque."""
        kind = self._frame.format
        if not kind.has_palette and not any(part.is_alpha for part in kind.components):
            return None
        opaque = self._sized(np.ascontiguousarray(converted(self._frame, "rgba")[..., 3]), size_wh)
        return None if opaque.min() == 255 else opaque

    def _grey(self, stored: np.ndarray, layout: Layout | None, size_wh: tuple[int, int] | None, full: bool) -> np.ndarray:
        """Stored luma to 8 bits. The levels are mapped after the picture was made smaller."""
        assert layout is not None
        transfer = self._transfer(layout)
        if layout.bits == 0:
            return (shown(self._unit(stored, layout, size_wh), transfer) * 255 + 0.5).astype(np.uint8)
        small = self._sized(stored, size_wh)
        if needs_curve(transfer):
            return luma_table(layout.bits, transfer, full)[small]
        if layout.bits == 8:
            return small
        return cv2.convertScaleAbs(small, alpha=2.0 ** (8 - layout.bits))

    def _light(self, size_wh: tuple[int, int] | None) -> np.ndarray:
        """RGB as stored, (h, w, 3) float32; the top of an integer format is 1."""
        layout = layout_of(self._frame.format.name)
        stored = layout.view(self._frame) if layout is not None else None
        if layout is None or stored is None or not (layout.is_rgb or layout.bits == 0):
            stored = converted(self._frame, "rgb48le", self._matrix())
            layout = layout_of("rgb48le")
        assert layout is not None
        picture = self._unit(stored, layout, size_wh)
        return np.ascontiguousarray(np.repeat(picture[..., None], 3, axis=2) if picture.ndim == 2 else picture)

    def _unit(self, stored: np.ndarray, layout: Layout, size_wh: tuple[int, int] | None) -> np.ndarray:
        """Sized float32 samples, 1 at the top of an integer format; NaN is 0, and light is held to 0 … _MOST_LIGHT."""
        if layout.bits:
            return self._sized(stored, size_wh).astype(np.float32) / np.float32(2**layout.bits - 1)
        light = np.nan_to_num(stored.astype(np.float32), nan=0.0, posinf=_MOST_LIGHT, neginf=0.0)
        return self._sized(np.clip(light, 0.0, _MOST_LIGHT), size_wh)

    def _transfer(self, layout: Layout | None) -> int:
        """The transfer tag; float samples without a curve of their own are linear light."""
        is_float = layout is not None and layout.bits == 0
        return LINEAR if is_float and not needs_curve(self._view.transfer) else self._view.transfer

    def _matrix(self) -> int | None:
        """What turns YUV into RGB where the file does not say: BT.709 from 720 lines on, else BT.601 (swscale's numbers)."""
        if int(self._frame.colorspace) != 2:
            return None
        return 1 if self._frame.height >= 720 else 5

    def _sized(self, picture: np.ndarray, size_wh: tuple[int, int] | None) -> np.ndarray:
        """Deinterlaced, at this size, upright, C-contiguous."""
        view = self._view
        if self._frame.interlaced_frame:
            picture = one_field(picture, view.bottom_first)
        wanted = size_wh or view.full_wh
        stored_wh = wanted[::-1] if view.turn.transpose else wanted
        if picture.shape[1::-1] != tuple(stored_wh):
            picture = resized(picture, stored_wh)
        if view.turn:
            picture = view.turn.apply(picture)
        return np.ascontiguousarray(picture)


def resized(picture: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    """The picture at another size: area averages where it gets smaller, bilinear where it gets larger in either direction."""
    h, w = picture.shape[:2]
    smaller = size_wh[0] <= w and size_wh[1] <= h
    if picture.dtype == np.float16:
        picture = picture.astype(np.float32)
    while smaller and w % (2 * size_wh[0]) == 0 and h % (2 * size_wh[1]) == 0 and w > 2 * size_wh[0]:
        w, h = w // 2, h // 2
        picture = cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA)  # halving is a third of the cost of quartering at once
    return cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
