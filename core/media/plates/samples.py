"""A picture as planes of numbers: what is read off a frame, and what is laid into one, bit for bit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import av
import numpy as np

from ..layout import converted
from .form import Form, Stored, plane_view, stored_as

_ONE_THREAD: dict[str, Any] = {"threads": 1} if "threads" in (av.VideoFrame.reformat.__doc__ or "") else {}


@dataclass(frozen=True)
class Samples:
    """Planes in Form's order: Y U V, R G B or grey, then alpha.

    planes  (h, w) each, chroma smaller by form.sub_wh; integers start at bit 0 (uint8 or uint16), float is float16 or float32
    """

    form: Form
    planes: tuple[np.ndarray, ...]

    @property
    def size_wh(self) -> tuple[int, int]:
        height, width = self.planes[0].shape
        return width, height

    def without_alpha(self) -> Samples:
        """The same colours."""
        return Samples(replace(self.form, alpha=False), self.planes[:-1]) if self.form.alpha else self


def samples_of(frame: av.VideoFrame) -> Samples:
    """The frame's own samples: views where memory allows. Rare formats (palettes, bits, 10-bit packed RGB) are converted to 16 bits."""
    stored = stored_as(frame.format.name)
    if stored is None or any(plane.line_size <= 0 for plane in frame.planes):
        return samples_of(_unpacked(frame))
    planes = []
    for number in range(len(stored.places)):
        plane = plane_view(frame, stored, number)
        plane.flags.writeable = False
        if not stored.dtype.isnative:
            plane = plane.astype(stored.dtype.newbyteorder("="))
        planes.append(plane >> stored.shift if stored.shift else plane)
    return Samples(stored.form, tuple(planes))


def frame_of(samples: Samples, pix_fmt: str) -> av.VideoFrame:
    """A new frame that holds exactly these samples. The format has to have their form (any storage of it)."""
    stored = stored_as(pix_fmt)
    if stored is None or not same_but_alpha(stored.form, samples.form):
        raise ValueError(f"{samples.form} does not fit into {pix_fmt}")
    frame = av.VideoFrame(*samples.size_wh, pix_fmt)
    lay(samples, frame, stored)
    return frame


def lay(samples: Samples, frame: av.VideoFrame, stored: Stored) -> None:
    """Write samples into a frame's memory; alpha that the samples lack is opaque, alpha that the frame lacks is left out."""
    if len({place for place, _, _ in stored.places}) < len(frame.planes) or max(step for _, _, step in stored.places) > len(stored.places):
        for plane in frame.planes:
            np.frombuffer(plane, np.uint8)[:] = 0  # type: ignore[call-overload]
    for number in range(len(stored.places)):
        view = plane_view(frame, stored, number)
        if number >= len(samples.planes):
            view[...] = opaque(stored.form) << stored.shift if not stored.form.is_float else 1.0
        elif stored.shift:
            view[...] = samples.planes[number].astype(np.uint16) << stored.shift
        else:
            view[...] = samples.planes[number]


def opaque(form: Form) -> int:
    """The code of full alpha."""
    return 1 if form.is_float else 2**form.bits - 1


def same_but_alpha(one: Form, other: Form) -> bool:
    """Whether two forms differ in alpha at most."""
    return replace(one, alpha=False) == replace(other, alpha=False)


def _unpacked(frame: av.VideoFrame) -> av.VideoFrame:
    """A format that cannot be viewed, in one that holds all of it."""
    parts = frame.format.components
    deep = max(part.bits for part in parts) > 8
    alpha = any(part.is_alpha for part in parts) or frame.format.name == "pal8"
    if not frame.format.is_rgb and any(part.is_chroma for part in parts):
        target = ("yuva444p16le" if alpha else "yuv444p16le") if deep else ("yuva444p" if alpha else "yuv444p")
    elif frame.format.name.startswith("mono"):
        target = "gray"
    else:
        target = ("rgba64le" if alpha else "rgb48le") if deep else ("rgba" if alpha else "rgb24")
    return frame.reformat(format=target, **_ONE_THREAD)


__all__ = ["Samples", "converted", "frame_of", "lay", "opaque", "same_but_alpha", "samples_of"]
