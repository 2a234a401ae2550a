"""The encoder of a film's pictures: made for a container, and told everything about colour, fields, HDR and quality."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av

from ...errors import OutputError
from ...threads import of_codec
from ..plates.info import PictureInfo
from ..upright import AS_STORED
from . import tags
from .choice import Chosen
from .codecs import CODECS, options_for
from .frames import FrameMaker
from .settings import WriteSettings

_THREADS = {"libx264": 8, "libx265": 3, "libvpx-vp9": 4}
"""Encoders whose bits depend on how many threads they have: always so many, whatever the machine and GENLOCK_THREADS say. x264 with eight
took as many CPU seconds as with three, and made 0.2 % more bytes."""
_LARGEST_BLOCK = 64
"""Of x265; a picture one such block wide comes out wrong here and there (4.2), also lossless, and never twice the same."""


def add_encoder(
    container: Any, info: PictureInfo, chosen: Chosen, frames: FrameMaker, time_base: Fraction, settings: WriteSettings, notes: list[str]
) -> Any:
    """A picture stream in a container that is open for writing. Equal arguments make equal encoders.

    Raises OutputError for what this PyAV cannot say.
    """
    stream = container.add_stream(chosen.encoder, rate=info.rate)
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = *frames.size_wh, chosen.pix_fmt
    context.time_base = time_base
    stream.time_base = time_base
    context.options = _options(info, chosen, settings)
    tags.tag(context, frames.colour, frames.encoding.location, chosen.form)
    if info.sample_aspect != 1:
        context.sample_aspect_ratio = info.sample_aspect
    if chosen.codec == "h265" and chosen.muxer in ("mov", "mp4"):
        context.codec_tag = "hvc1"  # what QuickTime asks for
    if info.interlaced:
        _woven(context, info, chosen, notes)
    context.thread_type = "AUTO"
    context.thread_count = _THREADS.get(chosen.encoder) or of_codec()
    if info.turn != AS_STORED:
        if not hasattr(stream, "set_display_matrix"):
            raise OutputError("this PyAV cannot write a rotation flag", "read plates upright, or install PyAV 18 (Python 3.11)")
        stream.set_display_matrix(tags.display_matrix(info.turn))
    return stream


def _woven(context: Any, info: PictureInfo, chosen: Chosen, notes: list[str]) -> None:
    if chosen.codec not in ("h264", "prores"):
        notes.append(f"{CODECS[chosen.codec].title} is not told that fields are woven; both are kept, H.264 and ProRes say so too")
        return
    context.flags |= av.codec.context.Flags.interlaced_dct | av.codec.context.Flags.interlaced_me
    if hasattr(context, "field_order"):
        context.field_order = 3 if info.bottom_first else 2
    else:
        notes.append("this PyAV cannot say which field comes first; PyAV 18 (Python 3.11) can")


def _options(info: PictureInfo, chosen: Chosen, settings: WriteSettings) -> dict[str, str]:
    told = options_for(chosen.encoder, settings.quality, chosen.form)
    if chosen.encoder == "ffv1" and info.height % chosen.form.sub_wh[1]:
        told["slices"] = "1"  # FFmpeg does not cut a picture whose last row of chroma stands for half a block
    for name, value in tags.hdr_options(chosen.encoder, info.mastering, info.light).items():
        told[name] = f"{told[name]}:{value}" if name in told else value
    if chosen.encoder == "libx265":
        told["x265-params"] = _and(told.get("x265-params", ""), "log-level=none:info=0")  # no list of the CPU's instructions in the stream
        if info.width <= _LARGEST_BLOCK:
            told["x265-params"] = _and(told["x265-params"], f"ctu={_LARGEST_BLOCK // 2}")
    if chosen.encoder == "libx264":
        # Without this, x264 with AVX-512 makes other bits of the same pictures from run to run.
        told["x264-params"] = _and(told.get("x264-params", ""), "cpu-independent=1")
        if info.interlaced:
            told["x264-params"] = _and(told["x264-params"], "bff=1" if info.bottom_first else "tff=1")
    return told


def _and(params: str, more: str) -> str:
    return f"{params}:{more}" if params else more
