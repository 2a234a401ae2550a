"""Footage with a known truth: every frame carries its own number as eight black or white blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest


def barcode(number: int, size_wh: tuple[int, int] = (192, 108)) -> np.ndarray:
    """(h, w) uint8: a grey ramp, and eight blocks across the middle that are the bits of the number."""
    w, h = size_wh
    picture = np.tile(np.linspace(60, 180, w), (h, 1))
    for bit in range(8):
        picture[h // 3 : 2 * h // 3, bit * w // 8 : (bit + 1) * w // 8] = 220 if number >> bit & 1 else 30
    return picture.astype(np.uint8)


def read_barcode(luma: np.ndarray) -> int:
    """The number that a picture carries."""
    h, w = luma.shape[:2]
    row = luma[2 * h // 5 : 3 * h // 5].astype(float).mean(axis=0)
    return sum((row[bit * w // 8 + w // 32 : (bit + 1) * w // 8 - w // 32].mean() > 125) << bit for bit in range(8))


def write_film(
    path: Path,
    pictures: Sequence[np.ndarray],
    codec: str = "libx264",
    rate: Any = 25,
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    pts: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    setup: Callable[[Any, Any], None] | None = None,
    muxer: dict[str, str] | None = None,
    sound: np.ndarray | None = None,
    sound_rate: int = 48000,
    sound_codec: str = "pcm_s16le",
    sound_delay_s: float = 0.0,
    paint: Callable[[av.VideoFrame], None] | None = None,
) -> Path:
    """Encode grey (h, w) or RGB (h, w, 3) pictures, and mono float sound beside them."""
    with av.open(str(path), "w", options=muxer or {}) as container:
        video = container.add_stream(codec, rate=Fraction(rate), options=options or {})
        video.height, video.width = pictures[0].shape[:2]
        video.pix_fmt = pix_fmt
        if time_base:
            video.codec_context.time_base = time_base
        audio = container.add_stream(sound_codec, rate=sound_rate, layout="mono") if sound is not None else None
        if setup:
            setup(container, video)
        for k, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="gray" if picture.ndim == 2 else "rgb24").reformat(format=pix_fmt)
            frame.pts = pts[k] if pts is not None else k
            frame.time_base = time_base or 1 / Fraction(rate)
            if paint:
                paint(frame)
            for packet in video.encode(frame):
                container.mux(packet)
        for packet in video.encode(None):
            container.mux(packet)
        if audio is not None and sound is not None:
            _write_sound(container, audio, sound, sound_rate, round(sound_delay_s * sound_rate))
    return path


def _write_sound(container: Any, audio: Any, sound: np.ndarray, rate: int, delay: int) -> None:
    for at in range(0, len(sound), 1024):
        block = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[None, at : at + 1024], np.float32), format="fltp", layout="mono")
        block.sample_rate, block.pts, block.time_base = rate, at + delay, Fraction(1, rate)
        for packet in audio.encode(block):
            container.mux(packet)
    for packet in audio.encode(None):
        container.mux(packet)


def picture_file(path: Path, picture: np.ndarray, codec: str, pix_fmt: str, options: dict[str, str] | None = None) -> None:
    """One file by FFmpeg's picture encoder: (h, w, 3) float32 or uint16 RGB."""
    encoder = av.CodecContext.create(codec, "w")
    encoder.height, encoder.width = picture.shape[:2]
    encoder.pix_fmt, encoder.time_base, encoder.options = pix_fmt, Fraction(1, 24), options or {}
    frame = av.VideoFrame.from_ndarray(picture, format="gbrpf32le" if picture.dtype == np.float32 else "rgb48le")
    packets = encoder.encode(frame if pix_fmt == frame.format.name else frame.reformat(format=pix_fmt)) + encoder.encode(None)
    path.write_bytes(b"".join(bytes(packet) for packet in packets))


@pytest.fixture
def numbered() -> Callable[..., list[np.ndarray]]:
    """numbered(count, size_wh): pictures that carry their numbers."""
    return lambda count, size_wh=(192, 108): [barcode(k, size_wh) for k in range(count)]


@pytest.fixture
def film() -> Callable[..., Path]:
    """film(path, pictures, …): encode them."""
    return write_film


@pytest.fixture
def read_number() -> Callable[[np.ndarray], int]:
    """The number that a picture carries."""
    return read_barcode


@pytest.fixture
def write_picture() -> Callable[..., None]:
    """write_picture(path, picture, codec, pix_fmt): one file by FFmpeg's picture encoder."""
    return picture_file
