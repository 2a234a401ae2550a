"""Made shots for tests of the pipeline: a ground that pans, a disc that moves over it, the disc's matte; written as films or pictures."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

Pictures = list[np.ndarray]


def shot(count: int, size_wh: tuple[int, int] = (96, 64), seed: int = 1, pan: float = 2) -> tuple[Pictures, Pictures, Pictures]:
    """(clean, frames, masks): (h, w, 3) uint8 RGB, and (h, w) uint8. Frame n of the clean shot is column pan * n of one ground."""
    width, height = size_wh
    random = np.random.default_rng(seed)
    wide = width + int(pan * count) + 1
    ground = sum(
        cv2.resize(random.uniform(0, k, (height // k + 2, wide // k + 2, 3)).astype(np.float32), (wide, height), interpolation=cv2.INTER_CUBIC)
        for k in (3, 9)
    )
    ground = cv2.normalize(ground, None, 20, 235, cv2.NORM_MINMAX).astype(np.uint8)
    clean, frames, masks = [], [], []
    for n in range(count):
        bare = ground[:, int(pan * n) : int(pan * n) + width].copy()
        frame, mask = bare.copy(), np.zeros((height, width), np.uint8)
        centre = (width // 3 + n, height // 2)
        cv2.circle(frame, centre, height // 8, (220, 40, 30), -1)
        cv2.circle(mask, centre, height // 8 + 2, 255, -1)
        clean.append(bare)
        frames.append(frame)
        masks.append(mask)
    return clean, frames, masks


def write_film(
    path: Path, pictures: Sequence[np.ndarray], rate: Fraction = Fraction(24), pts: Sequence[int] | None = None, pix_fmt: str = ""
) -> Path:
    """FFV1, lossless: RGB unless said otherwise, grey as grey, 16 bits as such. pts: of each picture, in thousandths of a second."""
    grey = pictures[0].ndim == 2
    deep = pictures[0].dtype == np.uint16
    given = ("gray16le" if deep else "gray") if grey else ("rgb48le" if deep else "rgb24")
    stored = pix_fmt or (given if grey else ("gbrp16le" if deep else "bgr0"))
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=rate)
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = stored
        stream.codec_context.time_base = Fraction(1, 1000) if pts else 1 / rate
        for n, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), given).reformat(format=stored)
            frame.pts = pts[n] if pts else n
            frame.time_base = Fraction(1, 1000) if pts else 1 / rate
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_shot(folder: Path, count: int = 6, **how: object) -> tuple[Path, Path]:
    """plate.mkv and matte.mkv in a folder."""
    _, frames, masks = shot(count, **how)  # type: ignore[arg-type]
    folder.mkdir(parents=True, exist_ok=True)
    return write_film(folder / "plate.mkv", frames), write_film(folder / "matte.mkv", masks)
