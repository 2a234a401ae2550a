"""The edits that excerpts go through in bench/archive.py, each with its truth in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from genlock.core.media.footage import open_footage
from genlock.hosts.demo.writing import Coding, write_file

Picture = np.ndarray
"""(h, w, 3) uint8, BGR."""


@dataclass(frozen=True)
class Edit:
    """What is done to an excerpt."""

    name: str
    look: Callable[[Picture], Picture] = lambda picture: picture
    rate: Fraction | None = None
    """Converted to this rate at the same speed."""
    retag: Fraction | None = None
    """The same frames at the source's rate times this."""
    crf: int = 23

    def apply(self, frames: list[Picture], rate: Fraction) -> tuple[list[Picture], Fraction, int]:
        """Frames, their rate, and how hard they are compressed."""
        if self.rate is not None:
            count = int(len(frames) * self.rate / rate)
            frames = [frames[min(len(frames) - 1, int((n + Fraction(1, 2)) * rate / self.rate))] for n in range(count)]
            rate = self.rate
        return [self.look(frame) for frame in frames], rate * (self.retag or 1), self.crf

    def source_s(self, clip_s: float) -> float:
        """Seconds into the excerpt's source."""
        return clip_s * float(self.retag or 1)


@dataclass(frozen=True)
class Written:
    """A clip on disk."""

    seconds: float


def film(path: Path) -> tuple[list[Picture], Fraction]:
    """Frames of a file, 640 wide, and their rate."""
    with open_footage(path) as footage:
        wh = (640, round(640 * footage.info.height / footage.info.width / 2) * 2)
        return [np.ascontiguousarray(frame.rgb(wh)[..., ::-1]) for frame in footage.frames()], footage.info.rate


def write(path: Path, frames: list[Picture], rate: Fraction, crf: int) -> Written:
    """Encode a clip."""
    even = [np.ascontiguousarray(frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2]) for frame in frames]
    write_file(path, even, rate, Coding(crf))
    return Written(float(len(frames) / rate))


def _crop(x: float, y: float, side: float) -> Callable[[Picture], Picture]:
    def look(picture: Picture) -> Picture:
        h, w = picture.shape[:2]
        return picture[round(y * h) : round((y + side) * h), round(x * w) : round((x + side) * w)]

    return look


def _graded(picture: Picture) -> Picture:
    table = np.clip(255 * (np.arange(256) / 255) ** 0.7 * np.array([[0.9], [1.0], [1.15]]) - 12, 0, 255).astype(np.uint8)
    return cv2.merge([cv2.LUT(picture[..., k], table[k]) for k in range(3)])


def _logo(picture: Picture) -> Picture:
    h, w = picture.shape[:2]
    out = picture.copy()
    cv2.rectangle(out, (int(w * 0.8), int(h * 0.06)), (int(w * 0.95), int(h * 0.16)), (240, 240, 240), -1)
    cv2.putText(out, "a line burnt in", (int(w * 0.15), int(h * 0.9)), cv2.FONT_HERSHEY_SIMPLEX, h / 360, (0, 255, 255), 2)
    return out


def _boxed(picture: Picture) -> Picture:
    bar = picture.shape[0] // 6
    return cv2.copyMakeBorder(picture, bar, bar, 0, 0, cv2.BORDER_CONSTANT)


def _pillared(picture: Picture) -> Picture:
    bar = picture.shape[1] // 6
    return cv2.copyMakeBorder(picture, 0, 0, bar, bar, cv2.BORDER_CONSTANT)


def _small(picture: Picture) -> Picture:
    return cv2.resize(picture, (240, 180), interpolation=cv2.INTER_AREA)


def _soft(picture: Picture) -> Picture:
    noise = np.random.default_rng(int(picture[0, 0, 0])).normal(0, 10, picture.shape)
    return np.clip(cv2.GaussianBlur(picture, (0, 0), 2.0) + noise, 0, 255).astype(np.uint8)


def _mirrored(picture: Picture) -> Picture:
    return picture[:, ::-1]


def _wide(picture: Picture) -> Picture:
    """4:3 out of the middle."""
    h, w = picture.shape[:2]
    x = (w - min(w, h * 4 // 3)) // 2
    return picture[:, x : w - x]


EDITS = (
    Edit("as it is"),
    Edit("CRF 38", crf=38),
    Edit("graded", _graded),
    Edit("logo and subtitle", _logo),
    Edit("letterboxed", _boxed),
    Edit("pillarboxed", _pillared),
    Edit("240x180 anisotropic", _small),
    Edit("soft and grainy", _soft),
    Edit("mirrored", _mirrored),
    Edit("grey", lambda p: cv2.cvtColor(cv2.cvtColor(p, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)),
    Edit("other frame rate", rate=Fraction(24)),
    Edit("12 frames a second", rate=Fraction(12)),
    Edit("PAL speed", retag=Fraction(25, 24)),
    Edit("slowed to 96 %", retag=Fraction(24, 25)),
    Edit("cropped to 90 %", _crop(0.06, 0.02, 0.9)),
    Edit("cropped to 80 %, middle", _crop(0.1, 0.1, 0.8)),
    Edit("cropped to 80 %, corner", _crop(0.0, 0.2, 0.8)),
    Edit("4:3 of the middle", _wide),
    Edit("cropped, mirrored", lambda p: _mirrored(_crop(0.12, 0.05, 0.82)(p))),
    Edit("boxed, logo, graded", lambda p: _boxed(_logo(_graded(p))), crf=30),
)
