"""Made shots with an edit whose look in every frame is known: what is edited moves by a formula, and the edit is drawn on it.

Three kinds of motion: a camera that pans under a mask that stands, a camera that goes closer and turns, and a soft thing that wanders and
bends before a camera that pans.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

HW = (160, 224)
_WORLD_HW = (512, 640)
Motion = Callable[[float], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Shot:
    """A shot, its masks, and the same shot as it would be had all of it been edited: (H, W, 3) uint8, (H, W) bool, (H, W, 3) uint8."""

    frames: tuple[np.ndarray, ...]
    masks: tuple[np.ndarray, ...]
    edited: tuple[np.ndarray, ...]


def shot(kind: str, count: int, seed: int = 1) -> Shot:
    """One of KINDS, so many frames."""
    world, behind = _world(seed), _world(seed + 6)
    frames, masks, edits = [], [], []
    for t in range(count):
        where, mask = KINDS[kind](t)
        frame, edit = _drawn(world, where), _drawn(_edited(seed), where)
        if kind == "thing":
            y, x = _grid()
            ground, soft = _drawn(behind, np.dstack([x + 50 + 1.5 * t, y + 80])), cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.8)[..., None]
            frame, edit = (part * soft + ground * (1 - soft) for part in (frame, edit))
        frames.append(_bytes(frame))
        masks.append(mask)
        edits.append(_bytes(edit))
    return Shot(tuple(frames), tuple(masks), tuple(edits))


def _pan(t: float) -> tuple[np.ndarray, np.ndarray]:
    y, x = _grid()
    return np.dstack([x + 100 + 3.3 * t, y + 100 + 1.4 * t]), ((x - 110) / 55) ** 2 + ((y - 80) / 50) ** 2 < 1


def _closer(t: float) -> tuple[np.ndarray, np.ndarray]:
    y, x = _grid()
    x, y = x - HW[1] / 2, y - HW[0] / 2
    cos, sin, scale = np.cos(0.012 * t), np.sin(0.012 * t), 1.012**t
    where = np.dstack([(cos * x - sin * y) / scale + 320, (sin * x + cos * y) / scale + 256])
    return where, (x / 60) ** 2 + (y / 50) ** 2 < 1


def _thing(t: float) -> tuple[np.ndarray, np.ndarray]:
    y, x = _grid()
    x, y = x - (90 + 4 * t), y - (80 + 2 * np.sin(t * 0.5))
    across = x + 2.5 * np.sin(y / 14 + t * 0.35)
    down = y * (1 + 0.06 * np.sin(t * 0.4)) + 1.5 * np.cos(x / 17 + t * 0.3)
    return np.dstack([across + 320, down + 256]), (across / 42) ** 2 + (down / 50) ** 2 < 1


KINDS: dict[str, Motion] = {"pan": _pan, "closer": _closer, "thing": _thing}
"""From a time, counted in frames, to the point of the world that each pixel shows, (H, W, 2), and what is edited, (H, W) bool."""


def _grid() -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[0 : HW[0], 0 : HW[1]].astype(np.float32)
    return y, x


@cache
def _world(seed: int) -> np.ndarray:
    """(h, w, 3) float32: blots of four sizes."""
    rng = np.random.default_rng(seed)
    total = np.zeros((*_WORLD_HW, 3), np.float32)
    for size, weight in ((2, 0.5), (5, 0.8), (12, 1.0), (30, 1.2)):
        blots = cv2.GaussianBlur(rng.normal(0, 1, total.shape).astype(np.float32), (0, 0), size)
        total += weight * blots / blots.std()
    grey = total.mean(axis=2, keepdims=True)
    return np.asarray(np.clip((grey + 0.5 * (total - grey)) / total.std() * 0.16 + 0.5, 0, 1), np.float32)


@cache
def _edited(seed: int) -> np.ndarray:
    """The world in other colours, with strokes of ink on it that were not there."""
    rng = np.random.default_rng(seed + 50)
    ink = np.zeros(_WORLD_HW, np.float32)
    for _ in range(220):
        begin = rng.integers(0, _WORLD_HW[::-1])
        end = begin + rng.integers(-25, 25, 2)
        cv2.line(ink, (int(begin[0]), int(begin[1])), (int(end[0]), int(end[1])), 1.0, 2, cv2.LINE_AA)
    other = np.clip((_world(seed)[..., ::-1] - 0.5) * 1.3 + 0.55, 0, 1)
    return np.asarray(other * (1 - 0.8 * cv2.GaussianBlur(ink, (0, 0), 0.7)[..., None]), np.float32)


def _drawn(world: np.ndarray, where: np.ndarray) -> np.ndarray:
    return cv2.remap(world, where.astype(np.float32), None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)  # type: ignore[call-overload,no-any-return]


def _bytes(picture: np.ndarray) -> np.ndarray:
    return np.asarray(np.clip(picture, 0, 1) * 255 + 0.5, np.uint8)
