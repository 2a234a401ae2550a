"""A group's frames, from its own keyframe and from the next one: each pixel goes back along the motion to where it was edited.

The way to each keyframe is one displacement, and the edit is sampled there once, so nothing blurs from frame to frame. The two samples are
cross-faded by time, and by what each is worth: whether it was edited there at all, and whether both pictures show the same there. That
weight is worth as much as the motion: what leaves the mask on one side was edited on the other (10 to 15 dB where the mask stands and the
picture moves).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ...progress import Progress
from ...retime.between.looking import look, places
from .motion import Luma, Masks, Sight, kept, onwards, taken_up

Sample = tuple[np.ndarray, np.ndarray]
"""What a keyframe shows, (h, w, 3), and what that is worth, (h, w) 0 to 1."""

WAYS = ("paste", "flow", "flow-both")
MEMORY_BYTES = 256 << 20
"""For chains that wait. A longer or larger group keeps them smaller."""
_PAINTED = 0.25
"""What painted ground is worth beside ground that a keyframe shows."""
_LEAST = 1e-3
"""What a sample is worth at the least: where neither is any good, time alone decides."""


@dataclass(frozen=True)
class Key:
    """An edited keyframe, in the group's window."""

    number: int
    picture: np.ndarray
    """(h, w, 3) float32: the edit inside, the frame as it was around it."""
    inside: np.ndarray
    """(h, w) bool: where it was edited."""


@dataclass(frozen=True)
class Carried:
    """A frame of the group."""

    number: int
    picture: np.ndarray
    """(h, w, 3) float32."""
    sure: np.ndarray
    """(h, w) float32, 0 to 1: whether what is shown was edited in a keyframe, and looks alike in the original."""


def carried(
    numbers: range, luma: Luma, left: Key, right: Key | None = None, way: str = "flow-both", fade: int = -1, masks: Masks | None = None,
    progress: Progress = Progress(),
) -> Iterator[Carried]:
    """The frames of a group in rising order, each edited as its keyframes are.

    numbers  of the group; the first one is its keyframe
    luma     the original's frames in the same window, (h, w) uint8, display-referred; asked for each frame twice, and for the next keyframe
    left     the group's own keyframe
    right    the next group's, where the shot goes on into it and the next was edited too
    way      paste: the keyframe as it is, over every frame; flow: with the motion; both from `left` alone; flow-both: from both
    fade     frames before the next keyframe over which it sets in, whatever the way; -1: over all of them with flow-both, not at all else
    masks    where a thing was taken away, (h, w) bool in the window: what was painted there moves as its surroundings do, and where a keyframe
             shows the ground itself, that is taken. None: the edit is of the thing, and moves with it

    Chains of displacements wait in MEMORY_BYTES at most; else a handful of pictures is held.
    """
    moves, blends = way != "paste", fade > 0 or (fade < 0 and way == "flow-both")
    right = right if blends else None
    sight = Sight(luma, masks)
    waiting = _waiting(numbers, sight, right) if right is not None and moves else {}
    yield Carried(numbers.start, left.picture, left.inside.astype(np.float32))
    chain = np.zeros((*luma(numbers.start).shape, 2), np.float32)
    for number in numbers[1:]:
        progress.at((number - numbers.start) / len(numbers), "carrying the edit")
        own, other = _as_it_is(left), None if right is None else _as_it_is(right)
        if moves:
            chain = onwards(sight.step(number, number - 1), chain)
            own = _sample(sight, number, chain, left)
            if right is not None:
                other = _sample(sight, number, taken_up(waiting.pop(number), chain.shape[:2]), right)
        yield _mixed(number, own, other, _share_of_right(number, numbers, fade))


def _share_of_right(number: int, numbers: range, fade: int) -> float:
    if fade < 0:
        return (number - numbers.start) / len(numbers)
    return max(0.0, (number - (numbers.stop - fade) + 1) / (fade + 1))


def _waiting(numbers: range, sight: Sight, right: Key) -> dict[int, np.ndarray]:
    """From every frame but the keyframe to the next keyframe: found from there backwards, used forwards."""
    smaller = 2
    while len(numbers) * right.inside.size * 4 / smaller**2 > MEMORY_BYTES:
        smaller *= 2
    out = {}
    way = np.zeros((*right.inside.shape, 2), np.float32)
    for number in range(right.number - 1, numbers.start, -1):
        way = onwards(sight.step(number, number + 1), way)
        out[number] = kept(way, smaller)
    return out


def _as_it_is(key: Key) -> Sample:
    return key.picture, key.inside.astype(np.float32)


def _sample(sight: Sight, number: int, chain: np.ndarray, key: Key) -> Sample:
    """Of a keyframe, along the motion."""
    way, worth = sight.way(number, key.number, chain)
    edited = _looked(key.inside.astype(np.float32), way)
    picture = look(key.picture, way, cv2.INTER_LANCZOS4)
    if sight.masks is None:
        return picture, worth * edited
    return picture, np.where(edited > 0, _PAINTED, _looked(np.ones_like(worth), way) * worth)


def _looked(field: np.ndarray, way: np.ndarray) -> np.ndarray:
    """A field along the motion, 0 beyond the window."""
    at = places(*way.shape[:2]) + way
    return np.asarray(cv2.remap(field, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT))  # type: ignore[call-overload]


def _mixed(number: int, own: Sample, other: Sample | None, at: float) -> Carried:
    """Both samples, cross-faded: at 0 the first alone, at 1 the second."""
    if other is None or at <= 0:
        return Carried(number, own[0], own[1])
    one, two = (own[1] + _LEAST) * np.float32(1 - at), (other[1] + _LEAST) * np.float32(at)
    share = (one / (one + two))[..., None]
    return Carried(number, own[0] * share + other[0] * (1 - share), np.maximum(own[1], other[1]))
