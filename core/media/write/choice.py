"""Container, codec, encoder and pixel format for what is to be written: the ones that lose nothing, and a line for each loss there is."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

from ...errors import OutputError, UsageError
from ..plates.form import Form
from ..plates.info import PictureInfo
from .codecs import CODECS, CONTAINERS, STILLS, formats_of, works
from .settings import WriteSettings

_SUBS = {"420": (2, 2), "422": (2, 1), "444": (1, 1)}
_SPARING = ("h264", "h265", "vp9", "av1")
"""Codecs whose players expect 4:2:0."""
_DEEP = "FFV1 in .mkv, PNG, TIFF and DPX hold 16 bits, EXR half and float"
_CLEAR = "ProRes 4444 in .mov, FFV1 in .mkv, PNG, TIFF and EXR hold alpha"


@dataclass(frozen=True)
class Chosen:
    """How a film is written."""

    muxer: str
    codec: str
    encoder: str
    pix_fmt: str
    form: Form
    notes: tuple[str, ...]


def suffix_of(path: str) -> str:
    """Lower-case suffix of an output. Raises UsageError where it is none that pictures are written to."""
    suffix = os.path.splitext(path)[1].lower()
    if suffix not in CONTAINERS and suffix not in STILLS:
        known = ", ".join((*CONTAINERS, *STILLS))
        what = f"{suffix} is not a suffix of a film or a picture" if suffix else f"{path} has no suffix"
        raise UsageError(what, f"use one of {known}")
    return suffix


def choose(path: str, info: PictureInfo, settings: WriteSettings) -> Chosen:
    """For a film. Raises UsageError where what was asked for cannot be had, OutputError where this FFmpeg lacks it."""
    suffix = suffix_of(path)
    muxer, codecs = CONTAINERS[suffix]
    codec = settings.codec or _default(suffix, codecs, info, settings)
    if codec not in codecs:
        homes = [name for name, (_, held) in CONTAINERS.items() if codec in held]
        raise UsageError(f"{suffix} does not hold {CODECS[codec].title}", f"write {' or '.join(homes)}, or choose {', '.join(codecs)}")
    if settings.quality == "lossless" and not CODECS[codec].lossless:
        raise UsageError(f"{CODECS[codec].title} is never lossless", "choose ffv1 (.mkv), h264 or h265, or quality high")
    encoder = CODECS[codec].software if settings.encoder in ("auto", "software") else settings.encoder
    offered = formats_of(encoder)
    if not offered:
        raise OutputError(f"this FFmpeg has no encoder {encoder} for {CODECS[codec].title}", f"choose another codec of {suffix}: {', '.join(codecs)}")
    want, notes = _wanted(info, codec, settings)
    pix_fmt = min(offered, key=lambda name: _cost(want, offered[name], name))
    form = offered[pix_fmt]
    notes += _losses(info, want, form, CODECS[codec].title, settings)
    if settings.encoder == "auto" and settings.quality != "lossless":
        encoder, pix_fmt = _hardware(codec, form) or (encoder, pix_fmt)
    elif settings.encoder not in ("auto", "software") and not works(encoder, pix_fmt):
        raise OutputError(f"the encoder {encoder} does not work on this machine", "choose software, or auto")
    return Chosen(muxer, codec, encoder, pix_fmt, form, tuple(notes))


def wanted_depth(info: PictureInfo, settings: WriteSettings) -> Form:
    """The source's form with the depth, chroma and alpha that were asked for."""
    form = info.form
    if settings.depth:
        is_float = settings.depth in ("half", "float")
        bits = {"half": 16, "float": 32}.get(settings.depth) or int(settings.depth)
        form = replace(form, bits=bits, is_float=is_float)
    if settings.chroma and form.model != "gray":
        model = form.model if settings.chroma == "444" else "yuv"
        form = replace(form, model=model, sub_wh=_SUBS[settings.chroma])
    return replace(form, alpha=form.alpha and settings.alpha != "drop")


def _default(suffix: str, codecs: tuple[str, ...], info: PictureInfo, settings: WriteSettings) -> str:
    if suffix in (".mp4", ".m4v", ".webm"):
        form = wanted_depth(info, settings)
        deep = form.depth > 8 or info.hdr
        return {".webm": ("vp9", "av1")}.get(suffix, ("h264", "h265"))[deep]
    return codecs[0]


def _wanted(info: PictureInfo, codec: str, settings: WriteSettings) -> tuple[Form, list[str]]:
    want, notes = wanted_depth(info, settings), []
    if codec in _SPARING and want.model == "rgb" and settings.quality != "lossless" and not settings.chroma:
        want = replace(want, model="yuv", sub_wh=(2, 2))
        notes.append(f"{CODECS[codec].title}: colour is kept at half the size (4:2:0), as players expect; chroma 444 keeps all of it")
    elif codec in _SPARING and want.model == "rgb" and settings.quality != "lossless":
        want = replace(want, model="yuv")
    if info.linear and (settings.depth not in ("half", "float")):
        notes.append("scene-linear light is clipped to 0 … 1 in integers; EXR keeps all of it, a colour space to write in shapes it")
    return want, notes


def _cost(want: Form, have: Form, name: str) -> tuple[float, ...]:
    """What is lost, worst first; then what is carried needlessly. Two-plane and packed formats come last among equals."""
    area = [form.sub_wh[0] * form.sub_wh[1] if form.model == "yuv" else 1 if form.model == "rgb" else 16 for form in (want, have)]
    return (
        max(0, min(want.depth, 16) - have.depth),
        float(want.alpha and not have.alpha),
        float(want.model != "gray" and have.model == "gray"),
        max(0, area[1] - area[0]) if want.model != "gray" else 0,
        float(want.model != have.model and (want.model, have.model) != ("gray", "rgb")),
        have.depth - want.depth,
        abs(area[0] - area[1]),
        float(have.alpha and not want.alpha),
        float(name.startswith(("nv", "p0", "p2", "bgr", "rgb"))),
    )


def _losses(info: PictureInfo, want: Form, form: Form, title: str, settings: WriteSettings) -> list[str]:
    notes = []
    if form.depth < want.depth:
        if settings.depth:
            raise UsageError(f"{title} holds at most {form.bits} bits a sample here, not {settings.depth}", _DEEP)
        if form.depth <= 8:
            raise UsageError(f"{title} holds 8 bits a sample here, and the pictures have {_deep(want)}", f"depth 8 agrees to the loss; {_DEEP}")
        notes.append(f"{title} holds {form.bits} bits a sample, and the pictures have {_deep(want)}; {_DEEP}")
    if want.alpha and not form.alpha:
        if settings.alpha == "keep":
            raise UsageError(f"{title} holds no alpha", _CLEAR)
        notes.append(f"{title} holds no alpha, and it is left out; {_CLEAR}")
    if want.model == "yuv" and form.model == "yuv" and form.sub_wh[0] * form.sub_wh[1] > want.sub_wh[0] * want.sub_wh[1]:
        if settings.chroma:
            raise UsageError(f"{title} does not hold {':'.join(settings.chroma)} at {form.bits} bits", "choose another codec, or leave chroma open")
        notes.append(f"{title} keeps colour at a smaller size here ({form})")
    return notes


def _deep(form: Form) -> str:
    return f"{form.bits}" if not form.is_float else "half" if form.bits == 16 else "float"


def _hardware(codec: str, form: Form) -> tuple[str, str] | None:
    """(encoder, pixel format) of a hardware encoder that takes exactly these samples and works; None where there is none."""
    for encoder in CODECS[codec].hardware:
        for pix_fmt, own in formats_of(encoder).items():
            if own == form and works(encoder, pix_fmt):
                return encoder, pix_fmt
    return None
