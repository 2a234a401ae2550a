"""The job "check": what is known of two pieces of footage before they are aligned, as plain figures. Nothing is written.

Headers and first frames are read. With the setting "same" the pictures are looked at too, by an alignment as draft: whoever aligns
next finds that reading done, in the cache.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from ...core.errors import Cancelled, GenlockError, NotSameFootage
from ...core.media.footage import FootageInfo, ReadOptions, open_footage
from ...core.media.pictures import Pictures
from ...core.settings import AlignSettings
from ...core.timing import FrameRate, frames_of
from .desk import Answer, Desk
from .inputs import roles
from .options import align_settings
from .outputs import check_places

_USUAL_TRANSFER = {1: "BT.709", 6: "BT.601", 8: "linear", 13: "sRGB", 14: "BT.2020", 15: "BT.2020", 16: "PQ", 18: "HLG"}
"""H.273 code points of transfer functions; 2 is "not said"."""


def work(desk: Desk) -> Answer:
    """Look at both. What cannot be read is a figure too, and no failure.

    figures: clip and ref, each with "error" (what and next_step), or what the header says; and "same" where it was asked for.
    Raises UsageError for a wrong request, Cancelled.
    """
    clip, ref = roles(desk.request, "clip", "ref")
    body = dict(desk.request.settings)
    same = bool(body.pop("same", False))
    settings = align_settings(body)
    check_places(desk.request.outputs, (clip, ref))
    figures: dict[str, Any] = {
        "clip": _facts(clip, ReadOptions(settings.clip_rate, settings.clip_space)),
        "ref": _facts(ref, ReadOptions(settings.ref_rate, settings.ref_space)),
    }
    desk.progress.at(0.05, "reading")
    unreadable = [role for role in ("clip", "ref") if "error" in figures[role]]
    if same and not unreadable:
        figures["same"] = _same(clip, ref, settings, desk)
    sentence = f"cannot be read: {' and '.join(unreadable)}" if unreadable else "both can be read"
    return Answer(sentence, figures=figures)


def _facts(path: str, options: ReadOptions) -> dict[str, Any]:
    """What the header says, as plain JSON values; or why it cannot be read."""
    try:
        with open_footage(path, options) as footage:
            holes = _holes(footage.reader) if isinstance(footage.reader, Pictures) else []
            return {**_of_info(footage.info), "holes": holes, "bytes": sum(os.path.getsize(file) for file in footage.files)}
    except Cancelled:
        raise
    except GenlockError as error:
        return {"error": {"code": error.code, "what": error.what, "next_step": error.next_step}}


def _of_info(info: FootageInfo) -> dict[str, Any]:
    colour = info.colour
    return {
        "kind": info.kind, "codec": info.codec, "pix_fmt": info.pix_fmt, "bits": info.bits,
        "width": info.width, "height": info.height, "sample_aspect": str(info.sample_aspect), "rotation": info.rotation,
        "rate": str(info.rate), "frames": info.frames, "duration_s": float(info.duration_s), "interlaced": info.interlaced,
        "timecode": info.timecode, "timecode_error": _timecode_error(info), "sound": info.sound,
        "transfer": _USUAL_TRANSFER.get(colour.transfer, "" if colour.transfer == 2 else f"code {colour.transfer}"),
        "hdr": colour.transfer in (16, 18),
    }  # fmt: skip


def _timecode_error(info: FootageInfo) -> str:
    """Why the embedded timecode is no timecode at this rate; "" where it is one, or there is none."""
    if not info.timecode:
        return ""
    try:
        frames_of(info.timecode, FrameRate(info.rate))
    except GenlockError as error:
        return error.what
    return ""


def _holes(reader: Pictures) -> list[int]:
    numbers = sorted(reader.sequence.files)
    there = set(numbers)
    return [number for number in range(numbers[0], numbers[-1] + 1) if number not in there]


def _same(clip: str, ref: str, settings: AlignSettings, desk: Desk) -> dict[str, Any]:
    from ...core.align import align

    try:
        found = align(clip, ref, replace(settings, quality="draft"), desk.progress.part(0.05, 0.95))
    except NotSameFootage as error:
        return {"same": False, "what": error.what, "next_step": error.next_step}
    return {"same": True, "matched": found.matched, "ref_frames": found.ref.frames}
