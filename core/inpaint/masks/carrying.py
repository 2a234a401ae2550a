"""A mask carried through a shot: dense inverse search flow (Kroeger et al., ECCV 2016) takes it from frame to frame, and in a band along its edge
the colours put it right again. Flow alone wears off within some twenty frames; colours alone jump to whatever looks alike.

From every key both ways, as far as the shot goes; between two keys, each frame is taken from the nearer one, and where they agree nothing is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from ...dis import searcher
from ...errors import UsageError
from ...progress import Progress
from .cutting import cut, refined
from .keys import Key, scaled
from .shaping import fitted

Frames = Callable[[int], np.ndarray]
"""A frame by its number: (H, W, 3), uint8 or uint16, or float32 where 1 is white."""
LONG_PX = 960
"""Longer side of what is looked at."""
BAND_SHARE = 0.012
"""Of the longer side: how far off the flow may be within one step."""
LEAST_BAND_PX = 3
MOST_CHANGE = 0.35
"""Of its area: what a mask may gain or lose in one step by its colours. More, and they have leaked; the flow's word stands."""
STEP_SHARE = 0.25
"""How much of what flow and colours differ by in one step is an error that stays."""
WANTED_SURE = 0.6
"""Under it, a person should look."""


@dataclass(frozen=True, eq=False)
class Carried:
    """One frame's mask."""

    frame: int
    mask: np.ndarray
    """(H, W) uint8, 0 or 255."""
    sure: float
    """0 to 1: by how well flow and colours agreed on the way from the key; 1 at a key. 0 where no key reaches (another shot): the mask is empty."""

    @property
    def wanted(self) -> bool:
        """Whether a key here would help."""
        return self.sure < WANTED_SURE


def carried_masks(
    frames: Frames, count: int, keys: Mapping[int, Key], cuts: Sequence[int] = (), progress: Progress = Progress()
) -> Iterator[Carried]:
    """Every frame's mask, in order.

    keys  by frame; at least one
    cuts  first frames of shots after the first: nothing is carried across
    Memory holds packed masks of the stretch between two keys, and two small frames.
    Raises UsageError: no key, a key outside the footage or the picture.
    """
    if not keys:
        raise UsageError("no frame says what the mask is", "give a box or strokes for one frame of each shot that shows the thing")
    outside = [number for number in keys if not 0 <= number < count]
    if outside:
        raise UsageError(f"a key is at frame {outside[0]}, and there are frames 0 to {count - 1}", "count from 0")
    bounds = sorted({0, count, *(c for c in cuts if 0 < c < count)})
    look = _Looking(frames)
    for first, end in pairwise(bounds):
        own = {number: key for number, key in sorted(keys.items()) if first <= number < end}
        for done in _shot(look, first, end, own):
            progress.at((done.frame + 1) / count, "carrying the mask")
            yield done


def _shot(look: _Looking, first: int, end: int, keys: Mapping[int, Key]) -> Iterator[Carried]:
    if not keys:
        empty = np.zeros(look.hw(first), np.uint8)
        yield from (Carried(number, empty, 0.0) for number in range(first, end))
        return
    told = {number: look.cut(number, key) for number, key in keys.items()}
    numbers = list(told)
    yield from _backwards(look, numbers[0], first, told[numbers[0]])
    for a, b in pairwise(numbers):
        yield look.whole(a, told[a], 1.0)
        middle = (a + b + 1) // 2
        for number, mask, sure in _walk(look, a, range(a + 1, middle), told[a]):
            yield look.whole(number, mask, sure)
        yield from _backwards(look, b, middle, told[b])
    yield look.whole(numbers[-1], told[numbers[-1]], 1.0)
    for number, mask, sure in _walk(look, numbers[-1], range(numbers[-1] + 1, end), told[numbers[-1]]):
        yield look.whole(number, mask, sure)


def _backwards(look: _Looking, key: int, first: int, mask: np.ndarray) -> Iterator[Carried]:
    """Frames from first up to a key, carried from it against time, handed out in order."""
    found = [(number, np.packbits(small), small.shape, sure) for number, small, sure in _walk(look, key, range(key - 1, first - 1, -1), mask)]
    for number, bits, shape, sure in reversed(found):
        yield look.whole(number, np.unpackbits(bits, count=shape[0] * shape[1]).reshape(shape).astype(bool), sure)


def _walk(look: _Looking, key: int, numbers: range, mask: np.ndarray) -> Iterator[tuple[int, np.ndarray, float]]:
    """number, (h, w) bool, sure: step by step away from a key."""
    sure, before = 1.0, look.small(key)
    soft: np.ndarray = mask.astype(np.float32)
    for number in numbers:
        now = look.small(number)
        mask, agreed = _step(before, now, soft)
        sure *= 1 - STEP_SHARE * (1 - agreed)
        soft = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)
        yield number, mask, sure
        before = now


def _step(before: np.ndarray, now: np.ndarray, soft: np.ndarray) -> tuple[np.ndarray, float]:
    """(h, w) bool of the next frame, and 0 to 1: how far its flow and its colours agree."""
    if not (soft > 0.5).any():
        return soft > 0.5, 1.0
    back = _flow(now, before)
    h, w = soft.shape
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    guess = cv2.remap(soft, x + back[..., 0], y + back[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) > 0.5
    if not guess.any():
        return guess, 0.0
    found = refined(now, guess, max(LEAST_BAND_PX, round(BAND_SHARE * max(h, w))))
    agreed = float((found & guess).sum() / max(int((found | guess).sum()), 1))
    if abs(int(found.sum()) - int(guess.sum())) > MOST_CHANGE * int(guess.sum()):
        return guess, agreed
    return found, agreed


def _flow(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(h, w, 2) float32: to add to a pixel of a to find it in b."""
    search = searcher(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (a, b)]
    if min(grey[0].shape) < 16:
        return np.zeros((*grey[0].shape, 2), np.float32)
    return np.asarray(search.calc(grey[0], grey[1], np.zeros((*grey[0].shape, 2), np.float32)))


class _Looking:
    """Small 8-bit views of the frames, and masks back on their size."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._hw: tuple[int, int] | None = None

    def hw(self, number: int) -> tuple[int, int]:
        if self._hw is None:
            self.small(number)
        assert self._hw is not None
        return self._hw

    def small(self, number: int) -> np.ndarray:
        picture = self._frames(number)
        height, width = self._hw = picture.shape[:2]
        scale = min(1.0, LONG_PX / max(height, width))
        if scale < 1:
            picture = cv2.resize(picture, (max(round(width * scale), 1), max(round(height * scale), 1)), interpolation=cv2.INTER_AREA)
        return eight_bits(picture)

    def cut(self, number: int, key: Key) -> np.ndarray:
        small = self.small(number)
        return cut(small, scaled(key, self.hw(number), (small.shape[0], small.shape[1]), number))

    def whole(self, number: int, mask: np.ndarray, sure: float) -> Carried:
        return Carried(number, fitted(mask.astype(np.uint8) * np.uint8(255), self.hw(number)), sure)


def eight_bits(picture: np.ndarray) -> np.ndarray:
    """(h, w, 3) uint8 to look at: 16 bits cut down, float clipped to what a display shows."""
    if picture.dtype == np.uint8:
        return np.ascontiguousarray(picture)
    if picture.dtype == np.uint16:
        return (picture >> 8).astype(np.uint8)
    return np.asarray(np.clip(np.nan_to_num(picture), 0, 1) * 255 + 0.5).astype(np.uint8)
