"""Footage with a known truth, made by FFmpeg alone: noise in every sample, and everything around it that has to be kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

F = Fraction
NTSC, DROP = F(24000, 1001), F(30000, 1001)
HZ = 48_000
SQUARE, AT_ONCE = F(1), F(0)
_LAYOUT = {1: "mono", 2: "stereo", 6: "5.1"}


@dataclass(frozen=True)
class Track:
    """A sound track: `seconds` of it from `late` on, counted from the first picture."""

    seconds: Fraction
    channels: int = 2
    late: Fraction = AT_ONCE
    silent: bool = False
    language: str = ""

    def samples(self, seed: int) -> np.ndarray:
        """(n, channels) int16."""
        count = round(self.seconds * HZ)
        if self.silent:
            return np.zeros((count, self.channels), np.int16)
        return np.random.default_rng(seed).integers(-20_000, 20_000, (count, self.channels)).astype(np.int16)


@dataclass(frozen=True)
class Recipe:
    """What is made. Defaults: seven pictures at 23.976, 48 x 32, FFV1, with nothing beside them."""

    suffix: str = ".mkv"
    codec: str = "ffv1"
    size_wh: tuple[int, int] = (48, 32)
    pix_fmt: str = "yuv420p"
    rate: Fraction = NTSC
    count: int = 7
    pts: tuple[int, ...] = ()
    time_base: Fraction | None = None
    colour: tuple[int, int, int, int] = (1, 1, 1, 1)
    """Primaries, transfer and matrix of H.273, range (1 narrow, 2 full)."""
    sample_aspect: Fraction = SQUARE
    timecode: str = ""
    tracks: tuple[Track, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    woven: bool = False
    turn: tuple[int, ...] = ()
    """The nine numbers of a display matrix."""

    @property
    def base(self) -> Fraction:
        return self.time_base or 1 / self.rate

    @property
    def stamps(self) -> tuple[int, ...]:
        return self.pts or tuple(range(self.count))

    @property
    def times_s(self) -> list[Fraction]:
        """Of the pictures, from the first one."""
        return [(stamp - self.stamps[0]) * self.base for stamp in self.stamps]


def make(recipe: Recipe, folder: Path, name: str = "in") -> Path:
    """Write it."""
    path = folder / f"{name}{recipe.suffix}"
    with av.open(str(path), "w") as box:
        box.metadata.update(recipe.metadata)
        picture = _picture_stream(box, recipe)
        sounds = [_sound_stream(box, track) for track in recipe.tracks]
        random = np.random.default_rng(4)
        for stamp in recipe.stamps:
            box.mux(picture.encode(_picture(recipe, random, stamp)))
        box.mux(picture.encode(None))
        for seed, (stream, track) in enumerate(zip(sounds, recipe.tracks, strict=True)):
            _lay(box, stream, track.samples(seed), recipe.stamps[0] * recipe.base + track.late)
    return path


def _picture_stream(box: Any, recipe: Recipe) -> Any:
    stream = box.add_stream(recipe.codec, rate=recipe.rate)
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = *recipe.size_wh, recipe.pix_fmt
    context.time_base = stream.time_base = recipe.base
    context.options = recipe.options
    context.color_primaries, context.color_trc, context.colorspace, context.color_range = recipe.colour
    context.sample_aspect_ratio = recipe.sample_aspect
    if recipe.timecode:
        stream.metadata["timecode"] = recipe.timecode
    if recipe.woven:
        context.flags |= av.codec.context.Flags.interlaced_dct
        context.field_order = 2
    if recipe.turn:
        stream.set_display_matrix(list(recipe.turn))
    return stream


def _picture(recipe: Recipe, random: np.random.Generator, stamp: int) -> Any:
    frame: Any = av.VideoFrame(*recipe.size_wh, recipe.pix_fmt)
    frame.color_primaries, frame.color_trc, frame.colorspace, frame.color_range = recipe.colour
    for plane, part in zip(frame.planes, frame.format.components, strict=True):
        kind = np.uint16 if part.bits > 8 else np.uint8
        rows = np.frombuffer(plane, kind).reshape(plane.height, -1)
        rows[...] = random.integers(0, 2**part.bits, rows.shape)
    frame.pts, frame.time_base = stamp, recipe.base
    return frame


def _sound_stream(box: Any, track: Track) -> Any:
    stream = box.add_stream("pcm_s16le", rate=HZ)
    stream.codec_context.layout = _LAYOUT[track.channels]
    stream.codec_context.format = "s16"
    if track.language:
        stream.metadata["language"] = track.language
    return stream


def _lay(box: Any, stream: Any, samples: np.ndarray, from_s: Fraction) -> None:
    for at in range(0, len(samples), 1000):
        flat = np.ascontiguousarray(samples[at : at + 1000]).reshape(1, -1)
        block = av.AudioFrame.from_ndarray(flat, format="s16", layout=stream.codec_context.layout.name)
        block.sample_rate, block.pts, block.time_base = HZ, at + round(from_s * HZ), F(1, HZ)
        box.mux(stream.encode(block))
    box.mux(stream.encode(None))
