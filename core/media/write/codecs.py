"""Which codecs a container holds, which encoders make them, and what those are told for a quality."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

import av

from ..plates.form import Form, stored_as

CONTAINERS = {
    ".mov": ("mov", ("prores", "h264", "h265", "dnxhr")),
    ".mp4": ("mp4", ("h264", "h265", "av1")),
    ".m4v": ("mp4", ("h264", "h265")),
    ".mkv": ("matroska", ("ffv1", "h264", "h265", "prores", "dnxhr", "vp9", "av1")),
    ".webm": ("webm", ("vp9", "av1")),
}
"""Suffix: FFmpeg's muxer, and codecs, the default one first."""
STILLS = (".exr", ".png", ".tif", ".tiff", ".dpx")

_HARDWARE = ("nvenc", "videotoolbox", "qsv", "amf", "mf")


@dataclass(frozen=True)
class Codec:
    """A picture codec."""

    title: str
    software: str
    hardware: tuple[str, ...] = ()
    lossless: bool = False
    """It can be."""
    any_size: bool = False
    """Odd sizes are no trouble."""


CODECS = {
    "h264": Codec("H.264", "libx264", tuple(f"h264_{name}" for name in _HARDWARE), lossless=True),
    "h265": Codec("H.265", "libx265", tuple(f"hevc_{name}" for name in _HARDWARE), lossless=True),
    "prores": Codec("ProRes", "prores_ks", ("prores_videotoolbox",)),
    "dnxhr": Codec("DNxHR", "dnxhd"),
    "ffv1": Codec("FFV1", "ffv1", lossless=True, any_size=True),
    "vp9": Codec("VP9", "libvpx-vp9", lossless=True),
    "av1": Codec("AV1", "libsvtav1"),
}

_ALPHA_APART = ("libx265", "libvpx-vp9")
"""They keep alpha in a second layer that most players, and FFmpeg's own decoders, pass by."""

_CRF = {
    "libx264": {"draft": 26, "standard": 20, "high": 15},
    "libx265": {"draft": 28, "standard": 22, "high": 16},
    "libvpx-vp9": {"draft": 38, "standard": 30, "high": 18},
    "libsvtav1": {"draft": 42, "standard": 32, "high": 20},
}
_PRESET = {"draft": "veryfast", "standard": "medium", "high": "medium", "lossless": "fast"}


def formats_of(encoder: str) -> dict[str, Form]:
    """Pixel formats that an encoder takes and that we can fill, with what they hold; {} where this FFmpeg lacks the encoder."""
    try:
        offered = av.Codec(encoder, "w").video_formats or []
    except ValueError:
        return {}
    found = {}
    for name in (f.name for f in offered):
        stored = stored_as(name)
        if stored is not None and _usable(name, stored.form, encoder):
            found[name] = stored.form
    return found


def _usable(name: str, form: Form, encoder: str) -> bool:
    """Whether we write this format: integers, chroma in a usual shape, and alpha that a decoder gives back."""
    unusual = name.startswith("yuvj") or form.sub_wh not in ((1, 1), (2, 1), (2, 2))
    return not form.is_float and not unusual and not (form.alpha and encoder in _ALPHA_APART)


def options_for(encoder: str, quality: str, form: Form) -> dict[str, str]:
    """What an encoder is told, but for colour and HDR."""
    if encoder in ("libx264", "libx265"):
        told = {"preset": _PRESET[quality]}
        if quality != "lossless":
            return {**told, "crf": str(_CRF[encoder][quality])}
        return {**told, "qp": "0"} if encoder == "libx264" else {**told, "x265-params": "lossless=1"}
    if encoder == "libvpx-vp9":
        speed = {"row-mt": "1", "deadline": "good", "cpu-used": "4" if quality != "draft" else "6", "b": "0"}
        return {**speed, "lossless": "1"} if quality == "lossless" else {**speed, "crf": str(_CRF[encoder][quality])}
    if encoder == "libsvtav1":
        os.environ.setdefault("SVT_LOG", "1")  # else it writes its settings to stderr; it has no other switch
        return {"preset": "10" if quality == "draft" else "7", "crf": str(_CRF[encoder][quality])}
    if encoder == "prores_ks":
        profile = {"draft": "1", "standard": "2", "high": "3"}[quality] if form.sub_wh == (2, 1) else "5" if quality == "high" else "4"
        return {"profile": profile, "vendor": "apl0", **({"alpha_bits": "16"} if form.alpha else {})}
    if encoder == "dnxhd":
        deep = {"draft": "dnxhr_lb", "standard": "dnxhr_sq", "high": "dnxhr_hq"}[quality] if form.bits == 8 else "dnxhr_hqx"
        return {"profile": "dnxhr_444" if form.sub_wh == (1, 1) else deep}
    if encoder == "ffv1":
        return {"level": "3", "g": "1", "slicecrc": "1", "slices": "4"}
    return _hardware_options(encoder, quality)


def _hardware_options(encoder: str, quality: str) -> dict[str, str]:
    level = {"draft": 28, "standard": 22, "high": 17}.get(quality, 17)
    kind = encoder.rpartition("_")[2]
    return {
        "nvenc": {"rc": "vbr", "cq": str(level), "b": "0", "preset": "p5"},
        "qsv": {"global_quality": str(level), "preset": "slow"},
        "amf": {"rc": "cqp", "qp_i": str(level), "qp_p": str(level)},
        "mf": {"rate_control": "quality", "quality": str(100 - 2 * level)},
        "videotoolbox": {"allow_sw": "0"},
    }.get(kind, {})


@lru_cache(maxsize=64)
def works(encoder: str, pix_fmt: str) -> bool:
    """Whether this encoder makes a packet out of a small picture: being compiled in says nothing of the machine."""
    try:
        context = av.CodecContext.create(encoder, "w")
        context.width, context.height, context.pix_fmt = 256, 256, pix_fmt  # type: ignore[attr-defined]
        context.time_base = Fraction(1, 25)
        context.options = _hardware_options(encoder, "standard")
        packets = []
        for number in range(3):
            frame = av.VideoFrame(256, 256, pix_fmt)
            frame.pts = number
            packets += context.encode(frame)  # type: ignore[attr-defined]
        packets += context.encode(None)  # type: ignore[attr-defined]
    except (av.FFmpegError, ValueError, OSError):
        return False
    return any(packet.size for packet in packets)
