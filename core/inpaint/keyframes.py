"""Which frames are painted. The others of a group are made from its keyframe, so a new one is taken where the masked picture has gone too far.

Two distances to the last keyframe are measured, both inside the mask and a masked pixel, so that neither the picture's size nor the
mask's changes what a limit means; and the limits are limits on these very distances:

    motion  mean difference of luma once both are brought to the same mean, over what it would be if the pixels were shuffled (Gini's mean
            difference): 0 is the same picture, 1 has nothing in common with it, whatever its contrast. One is laid over the other by their
            masks' centres, since an edit travels with its thing; what counts is how the thing turns and changes shape
    colour  mean distance between the sorted values of each channel (Wasserstein's, of one dimension): what is seen has another light or colour
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

LONG_PX = 320
"""Longer side of what is looked at."""
MOTION_LIMIT, COLOUR_LIMIT = 0.6, 0.06
"""With both sliders in the middle. Of colour, 1 is from black to white."""
_FLAT = 0.03
"""Less contrast than that is grain, and no motion is read from it."""
_SPAN = 16.0
"""A slider from one end to the other changes a limit so many times."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True)
class Sliders:
    """What a person says about the shot and the painter."""

    movement: float = 0.5
    """Towards 1 a keyframe is taken sooner where the masked picture moves."""
    determinism: float = 0.5
    """Towards 1 keyframes are taken sooner for any reason: the painter's answers agree, so many of them do not flicker."""
    max_group: int = 16
    min_group: int = 2
    manual: tuple[int, ...] = ()

    @property
    def motion_limit(self) -> float:
        return MOTION_LIMIT * _SPAN ** (0.5 - self.movement) * _SPAN ** (0.5 - self.determinism)

    @property
    def colour_limit(self) -> float:
        return COLOUR_LIMIT * _SPAN ** (0.5 - self.determinism)


@dataclass(frozen=True)
class Found:
    """A group: its keyframe is its first frame."""

    first: int
    last: int
    """Included."""
    why: str
    """start, cut, motion, colour, size, manual; mask: the mask begins again; empty: nothing is masked, and nothing is painted."""
    score: float
    """Of the frame that began it: the larger distance over its limit; 0 where that was not the reason."""


@dataclass(frozen=True)
class Thumb:
    """A frame as it is compared."""

    rgb: np.ndarray
    """(h, w, 3) float32, 0 to 1."""
    mask: np.ndarray
    """(h, w) bool."""

    @property
    def empty(self) -> bool:
        return not self.mask.any()


def thumb(picture: np.ndarray, mask: np.ndarray) -> Thumb:
    """A small look at a frame.

    picture  (H, W, 3): uint8, uint16, or float32 where 1 is white; what lies beyond is held
    mask     (H, W) uint8; a pixel of the small look is masked where any of its frame's pixels is
    """
    height, width = mask.shape
    scale = min(1.0, LONG_PX / max(height, width))
    size_wh = max(1, round(width * scale)), max(1, round(height * scale))
    top = float(np.iinfo(picture.dtype).max) if picture.dtype.kind == "u" else 1.0
    small = cv2.resize(picture.astype(np.float32) if picture.dtype.kind == "f" else picture, size_wh, interpolation=cv2.INTER_AREA)
    covered = cv2.resize((mask > 0).astype(np.float32), size_wh, interpolation=cv2.INTER_AREA) > 0
    return Thumb(np.clip(np.nan_to_num(small.astype(np.float32) / top), 0, 1), covered)


def motion(a: Thumb, b: Thumb) -> float:
    """0 the same to 1 nothing in common, over what both masks cover once laid over each other; 1 where that is nothing."""
    if a.empty or b.empty:
        return 0.0
    down, right = np.rint(_centre(b.mask) - _centre(a.mask)).astype(int)
    here, there = _overlap(a.mask.shape, down, right)
    inside = a.mask[here] & b.mask[there]
    if not inside.any():
        return 1.0
    ya, yb = a.rgb[here][inside] @ _LUMA, b.rgb[there][inside] @ _LUMA
    shuffled = max((_gini(ya) + _gini(yb)) / 2, _FLAT)
    return float(np.abs((ya - ya.mean()) - (yb - yb.mean())).mean()) / shuffled


def _centre(mask: np.ndarray) -> np.ndarray:
    """Row and column."""
    return np.argwhere(mask).mean(axis=0)


def _overlap(hw: tuple[int, ...], down: int, right: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where a picture, and the same moved by so much, show one another."""
    here, there = [], []
    for size, shift in zip(hw, (down, right), strict=True):
        here.append(slice(max(0, -shift), size - max(0, shift)))
        there.append(slice(max(0, shift), size - max(0, -shift)))
    return (here[0], here[1]), (there[0], there[1])


def _gini(values: np.ndarray) -> float:
    """Mean difference of two values drawn at random."""
    ordered, n = np.sort(values).astype(np.float64), values.size
    return float(2 * (ordered * (2 * np.arange(n) - n + 1)).sum() / max(1, n * n))


def colour(a: Thumb, b: Thumb) -> float:
    """0 to 1 a masked pixel, each picture inside its own mask, so that a thing that only moves has not changed colour."""
    if a.empty or b.empty:
        return 0.0
    share = (np.arange(256) + 0.5) / 256
    quantiles = [np.quantile(one.rgb[one.mask], share, axis=0) for one in (a, b)]
    return float(np.abs(quantiles[0] - quantiles[1]).mean())


def find_groups(looks: Iterable[Thumb], numbers: range, cuts: Sequence[int] = (), sliders: Sliders = Sliders()) -> list[Found]:
    """Groups of every frame, in order and without holes.

    looks  one for each number; two are held at a time
    cuts   first frames of shots after the first; no group reaches over one
    """
    picker = _Picker(numbers, frozenset(cuts), sliders)
    for number, look in zip(numbers, looks, strict=True):
        picker.see(number, look)
    return picker.close()


class _Picker:
    """Goes through the frames; holds the last keyframe's look."""

    def __init__(self, numbers: range, cuts: frozenset[int], sliders: Sliders) -> None:
        self.numbers, self.cuts, self.sliders = numbers, cuts, sliders
        self.found: list[Found] = []
        self._begun: Found | None = None
        self._key: Thumb | None = None

    def see(self, number: int, look: Thumb) -> None:
        why, score = self._why(number, look)
        if why:
            self._end(number - 1)
            self._begun, self._key = Found(number, number, why, round(score, 4)), look

    def close(self) -> list[Found]:
        self._end(self.numbers.stop - 1)
        return self.found

    def _end(self, last: int) -> None:
        if self._begun is not None:
            begun = self._begun
            self.found.append(Found(begun.first, last, begun.why, begun.score))

    def _why(self, number: int, look: Thumb) -> tuple[str, float]:
        """What makes a frame begin a group, and how far it had gone; "" where it goes on with the last one."""
        begun, key = self._begun, self._key
        cut = number in self.cuts
        if look.empty:
            return ("", 0.0) if begun is not None and begun.why == "empty" and not cut else ("empty", 0.0)
        if begun is None or key is None:
            return "start", 0.0
        if cut:
            return "cut", 0.0
        if begun.why == "empty":
            return "mask", 0.0
        if number in self.sliders.manual:
            return "manual", 0.0
        size = number - begun.first
        if size >= self.sliders.max_group:
            return "size", 0.0
        if size < self.sliders.min_group:
            return "", 0.0
        far = {"motion": motion(key, look) / self.sliders.motion_limit, "colour": colour(key, look) / self.sliders.colour_limit}
        why = max(far, key=lambda name: far[name])
        return (why, far[why]) if far[why] >= 1 else ("", 0.0)
