"""Small made films for the tests of archives: each shot is a picture of its own that the camera crosses."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from genlock.core.alignment import Media
from genlock.core.archive.prints import Prints
from genlock.hosts.demo.writing import Coding, write_file

WH = (160, 90)
Picture = np.ndarray
MEDIA = Media("film.mp4", 600, Fraction(24), *WH)


def prints(count: int = 4, seed: int = 0) -> Prints:
    """Fingerprints of nothing, for what only keeps them."""
    rng = np.random.default_rng(seed)
    at = np.arange(count, dtype=np.uint32)
    return Prints(at * 12, at * 500, rng.integers(1, 2**64, (count, 2), np.uint64), rng.integers(0, 256, (count, 192), np.uint8))


def shots(seed: int, lengths: tuple[int, ...], wh: tuple[int, int] = WH) -> list[Picture]:
    """Frames (h, w, 3) uint8 of shots of so many frames; the camera goes 1.5 pixels a frame, to and fro."""
    return [frame for k, length in enumerate(lengths) for frame in _shot(1000 * seed + k, length, wh)]


def _shot(seed: int, length: int, wh: tuple[int, int]) -> list[Picture]:
    rng = np.random.default_rng(seed)
    w, h = wh
    wide = w + 2 * length
    world = np.zeros((h, wide), np.float32)
    for cells, share in ((4, 1.0), (9, 0.7), (20, 0.4)):
        world += share * cv2.resize(rng.random((cells, round(cells * wide / h)), np.float32), (wide, h), interpolation=cv2.INTER_CUBIC)
    world = (30 + 200 * (world - world.min()) / np.ptp(world)).astype(np.float32)
    steps = range(length) if seed % 2 else range(length - 1, -1, -1)
    frames = [cv2.warpAffine(world, np.float32([[1, 0, -1.5 * n], [0, 1, 0]]), wh) for n in steps]
    return [cv2.merge([np.clip(frame, 0, 255).astype(np.uint8)] * 3) for frame in frames]


def write(path: Path, frames: list[Picture], rate: Fraction = Fraction(24), look: Callable[[Picture], Picture] = lambda picture: picture) -> Path:
    """Encode frames; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, [np.ascontiguousarray(look(frame)) for frame in frames], rate, Coding(22))
    return path
