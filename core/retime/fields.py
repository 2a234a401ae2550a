"""Woven fields put back together: which top and which bottom field are of one moment, frame by frame.

Film on interlaced video (2:3 pulldown) shows each picture for two or three fields, so in two frames of five the fields are of two pictures, and
moving edges look like combs. The top field of a frame goes with the bottom field of the same frame (c), of the one before (p) or of
the one after (n): the one with which it combs least, looked at only where the choices differ. Where they tell too little (nothing moves), what
was chosen five frames before decides (reweave.py). Frames whose fields fit nowhere were shot as fields; they show their top field alone (x).
That fields are matched and repeats dropped afterwards is the usual way of undoing a pulldown; measures and rules here are our own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import cv2
import numpy as np

from ..media.plates.samples import Samples
from ..media.upright import one_field

MATCHES = {"c": 0, "p": -1, "n": 1}
"""How far from its top field's frame the bottom field of a match stands."""
CYCLE = 5
"""Frames after which a 2:3 pulldown begins again."""
_NOISE = 2.0
"""Levels of 8 bits by which a line may stick out from those around it without being a comb."""
_DIFFERS = 3.0
_CLEARLY = 0.75
"""A match is better where it combs less than this part of another."""
_ZIGZAG = 8.0
"""Levels by which three lines in turn stick out up and down: no drawing does so over an area."""
_BLOCK_WH = (16, 8)
_PART = 0.06
"""Of a block that zigzags, for its frame to be combed."""


@dataclass(frozen=True)
class Fields:
    """Of one frame: luma, levels of 8 bits, float32, top lines and bottom lines of equal number."""

    top: np.ndarray
    bottom: np.ndarray

    @classmethod
    def of(cls, samples: Samples) -> Fields:
        """Split a picture."""
        plane = samples.planes[0]
        if plane.shape[1] > 1000:
            plane = plane[:, ::2]
        scaled = plane.astype(np.float32) * np.float32(1 if samples.form.is_float else 2.0 ** (8 - samples.form.bits))
        half = scaled.shape[0] // 2
        return cls(scaled[0 : 2 * half : 2], scaled[1 : 2 * half : 2])


def match(before: Fields | None, now: Fields, after: Fields | None, usual: str = "c") -> str:
    """Which match a frame is: c, p, n, or x.

    before, after  its neighbours; None at the ends of the film
    usual          what is taken where the pictures do not tell
    """
    if len(now.top) < 2:
        return "c"
    bottoms = {"c": now.bottom, **({"p": before.bottom} if before else {}), **({"n": after.bottom} if after else {})}
    best, ratio = "c", 1.0
    combs = {letter: _combs(now.top, bottom) for letter, bottom in bottoms.items()}
    for letter in [letter for letter in ("p", "n") if letter in bottoms]:
        differs = cv2.dilate((np.abs(bottoms[letter] - now.bottom) > _DIFFERS).view(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
        own, other = float(combs["c"][differs].sum()), float(combs[letter][differs].sum())
        how = (other + 1) / (own + 1)
        if how < (1 / _CLEARLY if letter == usual else _CLEARLY) and (how < ratio or best == "c"):
            best, ratio = letter, how
    return "x" if _zigzags(now.top, bottoms[best]) else best


def woven(top: Samples, bottom: Samples) -> Samples:
    """The even lines of one picture and the odd lines of another, bit for bit; of every plane."""
    if top is bottom:
        return top
    planes = []
    for mine, other in zip(top.planes, bottom.planes, strict=True):
        plane = mine.copy()
        plane[1::2] = other[1::2]
        planes.append(plane)
    return replace(top, planes=tuple(planes))


def top_alone(picture: Samples) -> Samples:
    """The top field; lines between are made of those above and below."""
    return replace(picture, planes=tuple(one_field(np.ascontiguousarray(plane), bottom=False) for plane in picture.planes))


def rebuilt(letter: str, now: Samples, partner: Samples) -> Samples:
    """The picture of a match. partner: the frame that its bottom field stands in, now itself for c and x."""
    return top_alone(now) if letter == "x" else woven(now, partner)


def repeats_of(matches: str, repeats: Sequence[int]) -> tuple[int, ...]:
    """Frames to drop for the film's own rate: those that share a field with the frame before, and where there are none around, what looks alike.

    A slow shot looks as if it repeated; a field that is shown for a third time is a fact.
    """
    bottoms = [number + MATCHES.get(letter, 0) for number, letter in enumerate(matches)]
    shared = {k for k in range(1, len(bottoms)) if bottoms[k] == bottoms[k - 1]}
    woven = {k + near for k in shared for near in range(-CYCLE, CYCLE + 1)}
    return tuple(sorted(shared | (set(repeats) - woven)))


def film_rate(matches: str, rate: Fraction) -> Fraction | None:
    """The rate of the film in footage of this rate, where about one frame in five shares a field with the one before; else None."""
    part = len(repeats_of(matches, ())) / max(1, len(matches))
    return rate * 4 / 5 if 0.17 <= part <= 0.23 else None


def told(matches: str) -> str:
    """For people."""
    names = (("c", "as they stand"), ("p", "with the frame before"), ("n", "with the frame after"), ("x", "fit nowhere"))
    return ", ".join(f"{matches.count(letter)} {name}" for letter, name in names if letter in matches)


def _out(line: np.ndarray, above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """How far lines stick out from those above and below: more than 0 upwards, less downwards."""
    up = np.maximum(line - np.maximum(above, below) - _NOISE, 0)
    return np.asarray(up - np.maximum(np.minimum(above, below) - line - _NOISE, 0))


def _combs(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """For each pixel of the bottom field, by how many levels it sticks out one way and the line below it the other: a lone line does not."""
    combs = np.zeros(bottom.shape, np.float32)
    odd, even = _out(bottom[:-1], top[:-1], top[1:]), _out(top[1:], bottom[:-1], bottom[1:])
    combs[:-1] = np.where(odd * even < 0, np.minimum(np.abs(odd), np.abs(even)), 0)
    return combs


def _zigzags(top: np.ndarray, bottom: np.ndarray) -> bool:
    """Whether somewhere lines stick out up and down in turn over an area."""
    if len(top) < 3:
        return False
    odd, even = _out(bottom[:-1], top[:-1], top[1:]), _out(top[1:], bottom[:-1], bottom[1:])
    up = (odd[:-1] > _ZIGZAG) & (even[:-1] < -_ZIGZAG) & (odd[1:] > _ZIGZAG)
    down = (odd[:-1] < -_ZIGZAG) & (even[:-1] > _ZIGZAG) & (odd[1:] < -_ZIGZAG)
    part = cv2.blur((up | down).astype(np.float32), _BLOCK_WH, borderType=cv2.BORDER_CONSTANT)
    return bool(part.max() > _PART)
