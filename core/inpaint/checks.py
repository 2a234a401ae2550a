"""Does a group flicker, and does its colour stray? Two figures a group, both against the original's own, so that a lively shot is no fault.

    excess warp  how much worse a frame is foretold from the one before by the original's motion than the original is, inside the mask; the
                 worst of the group's steps, the one into it and the one out of it included. Levels of 8 bits.
    colour z     how far the change of mean colour that the edit makes lies from the median of all keyframes of the shot, in standard
                 deviations by the median of distances. Needs FEWEST keyframes; a level of 8 bits counts as no spread at all.

On simulated bad keyframes of two real clips, the first told them apart with an area under the curve of 0.81 and 0.88, the second with 0.86
and 0.88; differences of histograms without motion, as they are often used for this, with 0.61 and 0.84.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ..retime.between.looking import look
from ..retime.between.motion import both_ways
from .crop import Box

LONG_PX = 320
"""Longer side of what is looked at."""
FEWEST = 4
_LEVEL = 1.0
_TO_DEVIATION = 1.4826


@dataclass(frozen=True)
class Seen:
    """A small look at a frame around its mask, before and after. (h, w, 3) float32 in levels of 8 bits, (h, w) bool."""

    before: np.ndarray
    after: np.ndarray
    inside: np.ndarray


@dataclass(frozen=True)
class Verdict:
    """What was found of a group."""

    keyframe: int
    excess_warp: float
    colour_z: float
    flagged: bool
    why: str

    def to_json(self) -> dict[str, object]:
        return {**vars(self), "excess_warp": round(self.excess_warp, 3), "colour_z": round(self.colour_z, 3)}


def seen(before: np.ndarray, after: np.ndarray, mask: np.ndarray, box: Box) -> Seen:
    """A look at a frame.

    before, after  (H, W, 3) uint8 or uint16, display-referred
    mask           (H, W) uint8
    box            what is looked at, the same for all frames of a shot
    """
    top, left, bottom, right = box
    part = (slice(top, bottom), slice(left, right))
    scale = min(1.0, LONG_PX / max(bottom - top, right - left))
    size_wh = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    looks = [_small(picture[part], size_wh) for picture in (before, after)]
    covered = cv2.resize((mask[part] > 0).astype(np.float32), size_wh, interpolation=cv2.INTER_AREA)
    return Seen(looks[0], looks[1], covered >= 0.5)


def thinned(one: Seen, opacity: float) -> Seen:
    """The same look at a change of less opacity."""
    return one if opacity >= 1 else Seen(one.before, one.before + (one.after - one.before) * np.float32(opacity), one.inside)


def excess_warp(one: Seen, other: Seen, own: bool = False) -> float:
    """Of a step from a frame to the next; 0 where nothing is masked.

    own  what came has a motion of its own, as the ground behind a thing that was taken out has; else it moves as what was there
    """
    if not other.inside.any():
        return 0.0
    motion = _motion(other.before, one.before)
    was = np.abs(look(one.before, motion) - other.before)
    motion = _motion(other.after, one.after) if own else motion
    errors = np.abs(look(one.after, motion) - other.after) - was
    return float(errors[other.inside].mean())


def _motion(here: np.ndarray, there: np.ndarray) -> np.ndarray:
    grey = [cv2.cvtColor(np.clip(np.rint(frame), 0, 255).astype(np.uint8), cv2.COLOR_RGB2GRAY) for frame in (here, there)]
    return both_ways(grey[0], grey[1], "fast")[0]


def colour_step(key: Seen) -> np.ndarray:
    """(3,) mean change of each channel inside the mask, in levels of 8 bits."""
    if not key.inside.any():
        return np.zeros(3)
    return np.asarray((key.after - key.before)[key.inside].mean(axis=0), np.float64)


def colour_z(steps: Sequence[np.ndarray]) -> list[float]:
    """Of each keyframe among those of its shot."""
    if len(steps) < FEWEST:
        return [0.0] * len(steps)
    table = np.stack(steps)
    away = np.abs(table - np.median(table, axis=0))
    spread = np.maximum(_TO_DEVIATION * np.median(away, axis=0), _LEVEL)
    return [float(z) for z in (away / spread).max(axis=1)]


def judged(keyframe: int, excess: float, z: float, most_excess: float, most_z: float) -> Verdict:
    """The verdict on a group, with what a person should know of it."""
    words = []
    if excess > most_excess:
        words.append(f"flickers: {excess:.1f} levels more than the shot itself, {most_excess:g} allowed")
    if z > most_z:
        words.append(f"its colour lies {z:.1f} deviations from the other keyframes', {most_z:g} allowed")
    return Verdict(keyframe, excess, z, bool(words), "; ".join(words))


def to_drop(verdicts: Sequence[Verdict], most_z: float) -> set[int]:
    """Keyframes whose groups are to go: flagged ones, but for those that flicker only beside one whose colour strays: it flickers there."""
    strayed = [verdict.colour_z > most_z for verdict in verdicts]
    return {
        verdict.keyframe
        for at, verdict in enumerate(verdicts)
        if verdict.flagged and (strayed[at] or not any(strayed[max(0, at - 1) : at + 2]))
    }  # fmt: skip


def _small(picture: np.ndarray, size_wh: tuple[int, int]) -> np.ndarray:
    levels = picture.astype(np.float32) * np.float32(255 / np.iinfo(picture.dtype).max)
    return np.asarray(cv2.resize(levels, size_wh, interpolation=cv2.INTER_AREA), np.float32)
