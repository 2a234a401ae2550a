"""Alignments made by hand, and small footage whose truth is known, for the report's and the verification's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from genlock.core.alignment import IDENTITY, Alignment, Key, Matrix, Media, Piece, Run, Verdict

SIZE_WH = (320, 180)
RATE = Fraction(25)


def media(name: str = "ref.mov", frames: int = 100, size_wh: tuple[int, int] = (640, 360), rate: Fraction = RATE, **more: Any) -> Media:
    return Media(name, frames, rate, *size_wh, **more)


def found(first: int, count: int, clip_first: int, speed: Fraction = Fraction(1), rate: Fraction = RATE, **more: Any) -> Run:
    """A run of one piece, from a clip frame on, lying as it is unless `transform` says otherwise."""
    body: dict[str, Any] = {"transform": (Key(first, IDENTITY),), "score": 0.97, "confidence": 0.99, "verdict": Verdict.EXACT, **more}
    return Run(ref_first=first, ref_count=count, pieces=(Piece(first, count, clip_first / rate, speed),), **body)


def missing(first: int, count: int) -> Run:
    return Run(first, count, Verdict.UNMATCHED, confidence=0.9)


def crop(x: float, y: float, scale: float = 1.0) -> Matrix:
    """Scaled about the top left corner's outer edge, then put at (x, y)."""
    half = (scale - 1) / 2
    return (scale, 0.0, x + half, 0.0, scale, y + half, 0.0, 0.0, 1.0)


def scene(seed: int, size_wh: tuple[int, int] = SIZE_WH) -> Callable[[int], np.ndarray]:
    """Footage with detail everywhere: a ground that pans by two pixels a frame, and four patches that move on their own; (h, w) uint8."""
    random = np.random.default_rng(seed)
    w, h = size_wh
    ground = _texture(random, w + 240, h + 40)
    patches = [(_texture(random, 54, 44), random.uniform(20, 200), random.uniform(10, 110), *random.uniform(-4, 4, 2)) for _ in range(4)]

    def frame(n: int) -> np.ndarray:
        picture = ground[10 : 10 + h, 2 * n : 2 * n + w].copy()
        for patch, x, y, dx, dy in patches:
            left, top = int(x + dx * n) % (w - 60), int(y + dy * n) % (h - 50)
            picture[top : top + 44, left : left + 54] = patch
        return picture

    return frame


def _texture(random: np.random.Generator, w: int, h: int) -> np.ndarray:
    total = np.zeros((h, w), np.float32)
    for sigma, weight in ((1.2, 40), (3.0, 60), (9.0, 70)):
        layer = cv2.GaussianBlur(random.normal(size=(h, w)).astype(np.float32), (0, 0), sigma)
        total += weight * layer / layer.std()
    return np.clip(120 + 0.5 * total, 0, 255).astype(np.uint8)


def write(path: Path, pictures: Iterable[np.ndarray], rate: Fraction = RATE, quality: int = 14) -> Path:
    """Grey pictures as H.264 with a key frame every 12."""
    with av.open(str(path), "w") as out:
        stream: Any = None
        for picture in pictures:
            if stream is None:
                stream = out.add_stream("libx264", rate=rate)
                stream.height, stream.width = picture.shape
                stream.pix_fmt = "yuv420p"
                stream.options = {"crf": str(quality), "preset": "ultrafast", "g": "12"}
            out.mux(stream.encode(av.VideoFrame.from_ndarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB), format="rgb24")))
        out.mux(stream.encode())
    return path


def aligned(clip: Media, ref: Media, *runs: Run, **more: Any) -> Alignment:
    return Alignment(clip, ref, runs, version="0.1.0", **more)
