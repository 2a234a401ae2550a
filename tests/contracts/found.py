"""What stands in a film, as FFmpeg tells it; nothing of genlock reads here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np


@dataclass(frozen=True)
class Sound:
    """A track as it is decoded."""

    rate: int
    language: str
    """"" where the file says none, or says that it is undetermined."""
    begins_s: Fraction
    """After the first picture."""
    samples: np.ndarray
    """(n, channels) int16."""


@dataclass(frozen=True)
class Found:
    """A film."""

    pix_fmt: str
    size_wh: tuple[int, int]
    pictures: list[str]
    """A digest of each one's samples."""
    times_s: list[Fraction]
    """Of the pictures, from the first one."""
    length_s: Fraction
    """From the first picture's begin to the last one's end."""
    colour: tuple[int, int, int, int]
    sample_aspect: Fraction
    timecode: str
    woven: bool
    side: dict[str, bytes]
    """What lies beside the first picture: HDR metadata, a display matrix."""
    metadata: dict[str, str]
    sounds: list[Sound]


def found(path: Path) -> Found:
    """Decode all of it."""
    with av.open(str(path)) as box:
        stream: Any = box.streams.video[0]
        frames: list[Any] = list(box.decode(stream))
        first, times = frames[0], [frame.pts * Fraction(frame.time_base) for frame in frames]
        colour = tuple(int(value) for value in (first.color_primaries, first.color_trc, first.colorspace, first.color_range))
        timecode = _named(stream.metadata, "timecode") or _named(box.metadata, "timecode")
        side = {data.type.name: bytes(data) for data in first.side_data}
        aspect = Fraction(stream.codec_context.sample_aspect_ratio or stream.sample_aspect_ratio or 1)
        pictures = [_digest(frame) for frame in frames]
        last = Fraction(int(getattr(frames[-1], "duration", 0) or 0)) * Fraction(frames[-1].time_base)
        length = times[-1] - times[0] + last
        made = first.format.name, (first.width, first.height), pictures, [time - times[0] for time in times], length, colour, aspect, timecode
        metadata, count = dict(box.metadata), len(box.streams.audio)
        woven = bool(first.interlaced_frame)
    return Found(*made, woven, side, metadata, [_sound(path, track, times[0]) for track in range(count)])


def _named(said: dict[str, str], name: str) -> str:
    return next((value for key, value in said.items() if key.lower() == name), "")


def _digest(frame: Any) -> str:
    body = hashlib.sha1()
    for plane, part in zip(frame.planes, frame.format.components, strict=True):
        kind = np.uint16 if part.bits > 8 else np.uint8
        rows = np.frombuffer(plane, kind).reshape(-1, plane.line_size // np.dtype(kind).itemsize)
        body.update(np.ascontiguousarray(rows[: plane.height, : plane.width]).tobytes())
    return body.hexdigest()


def _sound(path: Path, track: int, picture_s: Fraction) -> Sound:
    with av.open(str(path)) as box:
        stream: Any = box.streams.audio[track]
        blocks = list(box.decode(stream))
        words = [block.to_ndarray() for block in blocks]
        parts = [w.T if block.format.is_planar else w.reshape(-1, len(block.layout.channels)) for w, block in zip(words, blocks, strict=True)]
        samples = np.concatenate(parts)
        begins_s = blocks[0].pts * Fraction(blocks[0].time_base)
        return Sound(blocks[0].sample_rate, stream.metadata.get("language", "").replace("und", ""), begins_s - picture_s, samples)
