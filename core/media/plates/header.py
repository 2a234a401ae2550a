"""From an open file's header and first frame to PictureInfo."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import av

from ..container import Container, Damage
from ..info import FootageInfo
from ..upright import AS_STORED, Turn
from .form import stored_as
from .info import Chapter, PictureInfo, PlateOptions, SoundTrack
from .samples import samples_of
from .side import side_of

_DROPPED = {"encoder", "creation_time", "major_brand", "minor_version", "compatible_brands", "timecode", "duration", "handler_name", "vendor_id"}
"""Metadata that speaks of the container, not of the footage."""


def header_of(container: Container, info: FootageInfo, turn: Turn, bottom_first: bool, options: PlateOptions) -> PictureInfo:
    """Everything that a copy keeps. Decodes one frame."""
    first = next(container.frames(Damage()))
    side = side_of(first, info.codec)
    whole = container.av
    return PictureInfo(
        **picture_facts(first, info, turn, options),
        mastering=side.mastering,
        light=side.light,
        bottom_first=bottom_first,
        chapters=_chapters(whole),
        sounds=tuple(sound_track(index, stream) for index, stream in enumerate(container.sounds)),
        metadata={name: value for name, value in dict(whole.metadata).items() if name.lower() not in _DROPPED},
    )


def picture_facts(first: av.VideoFrame, info: FootageInfo, turn: Turn, options: PlateOptions) -> dict[str, Any]:
    """The part of PictureInfo that films, sequences and stills share."""
    stored = stored_as(first.format.name)
    form = stored.form if stored else samples_of(first).form
    size = (info.width, info.height) if options.upright or not turn.transpose else (info.height, info.width)
    aspect = info.sample_aspect if options.upright or not turn.transpose else 1 / info.sample_aspect
    return {
        "width": size[0],
        "height": size[1],
        "form": form,
        "rate": info.rate,
        "time_base": info.time_base,
        "pix_fmt": info.pix_fmt,
        "colour": info.colour,
        "chroma_location": _location(info),
        "sample_aspect": aspect,
        "turn": AS_STORED if options.upright else turn,
        "interlaced": info.interlaced,
        "first_pts": info.first_pts,
        "frames": info.frames,
        "kind": info.kind,
        "codec": info.codec,
        "timecode": info.timecode,
        "start_frame": info.start_frame,
    }


def _location(info: FootageInfo) -> str:
    """JPEG puts chroma in the middle, Ultra HD (BT.2020, PQ or HLG) on the top left sample, everybody else to the left."""
    if info.codec in ("mjpeg", "jpeg2000", "webp") or info.pix_fmt.startswith("yuvj"):
        return "center"
    return "topleft" if info.colour.primaries == 9 and info.colour.transfer in (16, 18) else "left"


def _chapters(container: Any) -> tuple[Chapter, ...]:
    found = []
    for chapter in container.chapters():
        base = Fraction(chapter["time_base"] or 1)
        found.append(Chapter(chapter["start"] * base, chapter["end"] * base, str(chapter["metadata"].get("title", ""))))
    return tuple(found)


def sound_track(index: int, stream: Any) -> SoundTrack:
    """Facts of one sound stream, number `index` among its kind."""
    context = stream.codec_context
    form = str(context.format.name) if context.format else ""
    return SoundTrack(
        index,
        str(context.name),
        int(context.sample_rate or 0),
        int(context.channels or 0),
        str(context.layout.name) if context.layout else "",
        form,
        _sound_bits(str(context.name), form),
        str(stream.language or "") if stream.language != "und" else "",
        str(stream.metadata.get("title", "")),
    )


def _sound_bits(codec: str, sample_format: str) -> int:
    """Bits of a lossless codec: 24-bit PCM decodes to 32-bit words; FLAC and ALAC of more than 16 bits count as 24."""
    if not codec.startswith(("pcm_", "flac", "alac", "wavpack", "tta", "truehd", "mlp")):
        return 0
    if codec.startswith("pcm_"):
        digits = "".join(c for c in codec.split("_")[1] if c.isdigit())
        return int(digits or 16)
    return {"s16": 16, "s16p": 16, "u8": 8, "flt": 32, "fltp": 32}.get(sample_format, 24)
