"""Write made frames and sound to a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.codec
import numpy as np
from numpy.typing import NDArray

from .sound import RATE
from .world import Image

PIXELS = {"prores_ks": "yuv422p10le", "ffv1": "yuv444p", "mjpeg": "yuvj420p"}
"""Pixel formats of codecs that do not take 8-bit 4:2:0."""
TICKS = 90_000


@dataclass(frozen=True)
class Coding:
    """How a file is encoded."""

    crf: int = 20
    """H.264's scale, 0 best to 51; other codecs get their nearest."""
    codec: str = "h264"
    """h264 is libx264 where there is one, else MPEG-4; or an FFmpeg encoder's name: ffv1, prores_ks, mpeg2video, mjpeg."""
    preset: str = "veryfast"


def write_file(
    path: Path,
    frames: Iterable[Image],
    rate: Fraction,
    coding: Coding = Coding(),
    sound: Iterable[NDArray[np.float32]] | None = None,
    lengths_s: Iterable[Fraction] | None = None,
) -> None:
    """Write frames (even height and width) and mono sound (blocks of float32, one a frame) to a file.

    rate       of the frames; with `lengths_s` (how long each stays) it is only a hint
    Sound is AAC; it is written beside the frames, so that nothing has to be held.
    """
    frames = iter(frames)
    first = next(frames)
    with av.open(str(path), "w") as box:
        video = _video_stream(box, first, rate, coding, lengths_s is not None)
        audio = box.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
        blocks = _blocks(sound) if sound is not None else iter(())
        times = _times(rate, lengths_s)
        heard_s = 0.0
        for image in _with_first(first, frames):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), format="bgr24")
            picture.pts, picture.time_base, now_s = next(times)
            for packet in video.encode(picture):
                box.mux(packet)
            while audio is not None and heard_s <= now_s:
                block = next(blocks, None)
                if block is None:
                    break
                heard_s += block.samples / RATE
                for packet in audio.encode(block):
                    box.mux(packet)
        for packet in video.encode(None):
            box.mux(packet)
        if audio is not None:
            for block in blocks:
                for packet in audio.encode(block):
                    box.mux(packet)
            for packet in audio.encode(None):
                box.mux(packet)


def _video_stream(box: av.container.OutputContainer, image: Image, rate: Fraction, coding: Coding, variable: bool) -> av.VideoStream:
    name = _encoder(coding.codec)
    video = box.add_stream(name, rate=rate)
    if not isinstance(video, av.VideoStream):
        raise TypeError(f"{name} is not an encoder of pictures")
    video.height, video.width = image.shape[:2]
    video.pix_fmt = PIXELS.get(name, "yuv420p")
    video.codec_context.time_base = Fraction(1, TICKS) if variable else 1 / rate
    if name == "libx264":
        video.options = {"crf": str(coding.crf), "preset": coding.preset}
    elif name not in ("ffv1", "prores_ks"):
        step = str(max(2, (coding.crf - 10) // 2))
        video.options = {"qmin": step, "qmax": step}
    return video


def _encoder(codec: str) -> str:
    """The name of an encoder that this FFmpeg has."""
    if codec != "h264":
        return codec
    try:
        av.codec.Codec("libx264", "w")
    except av.codec.codec.UnknownCodecError:
        return "mpeg4"
    return "libx264"


def _times(rate: Fraction, lengths_s: Iterable[Fraction] | None) -> Iterator[tuple[int, Fraction, float]]:
    """(pts, time base, seconds) for each frame, without end where the rate is constant."""
    if lengths_s is None:
        n = 0
        while True:
            yield n, 1 / rate, float(n / rate)
            n += 1
    now_s = Fraction(0)
    for length_s in lengths_s:
        yield round(now_s * TICKS), Fraction(1, TICKS), float(now_s)
        now_s += length_s


def _blocks(sound: Iterable[NDArray[np.float32]]) -> Iterator[av.AudioFrame]:
    """Sound in blocks of 1024 samples, as AAC takes it; the last one is filled with silence."""
    left, pts = np.zeros(0, np.float32), 0
    for part in sound:
        left = np.concatenate([left, part])
        while len(left) >= 1024:
            yield _audio_frame(left[:1024], pts)
            left, pts = left[1024:], pts + 1024
    if len(left):
        yield _audio_frame(np.concatenate([left, np.zeros(1024 - len(left), np.float32)]), pts)


def _audio_frame(wave: NDArray[np.float32], pts: int) -> av.AudioFrame:
    block = av.AudioFrame.from_ndarray(np.ascontiguousarray(wave[None]), format="fltp", layout="mono")
    block.sample_rate, block.pts, block.time_base = RATE, pts, Fraction(1, RATE)
    return block


def _with_first(first: Image, rest: Iterator[Image]) -> Iterator[Image]:
    yield first
    yield from rest
