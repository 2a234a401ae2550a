"""Where the clip's picture lies in the file's, and how alike the two then are: kept pictures against the clip, drawn on their grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from ..sync.fingerprint import contrast
from .looks import SMALL_WH, opened
from .query import VIEW_WH, View
from .vote import Seed

LEAST_SHARED = 0.3
"""Of the file's picture, for a comparison."""
HOPELESS = 0.2
"""Mean correlation from which on fitting is worth its time; true places begin at twice that."""
_FINE = 2
"""The clip is drawn this much finer than the grid and averaged."""
_STEPS = (0.03, 0.015, 0.0075)
_ROUNDS = 6


@dataclass(frozen=True)
class Framing:
    """Which point of the clip's active picture shows a point of the file's: clip = scale * file + shift, in shares of width and height."""

    scale_x: float
    scale_y: float
    shift_x: float
    shift_y: float
    mirrored: bool
    """The clip's picture is mirrored first."""

    def moved(self, wider: float = 0, higher: float = 0, right: float = 0, down: float = 0) -> Framing:
        """Nearby; wider and higher keep the middle where it is."""
        return Framing(
            self.scale_x + wider, self.scale_y + higher, self.shift_x + right - wider / 2, self.shift_y + down - higher / 2, self.mirrored
        )

    @property
    def plain(self) -> bool:
        """Whether clip and file show the same part of the picture."""
        return max(abs(self.scale_x - 1), abs(self.scale_y - 1), abs(self.shift_x), abs(self.shift_y)) < 0.05


def framing_of(seed: Seed) -> Framing:
    """What the hits of a seed say."""
    clip, file = seed.clip_box, seed.file_box
    sx = (clip.right - clip.left) / (file.right - file.left)
    sy = (clip.bottom - clip.top) / (file.bottom - file.top)
    return Framing(sx, sy, clip.left - sx * file.left, clip.top - sy * file.top, seed.mirrored)


class Drawn:
    """The clip under one framing, on the grid of kept pictures."""

    def __init__(self, view: View, framing: Framing) -> None:
        self.view = view
        w, h = SMALL_WH[0] * _FINE, SMALL_WH[1] * _FINE
        u = framing.scale_x * (np.arange(w) + 0.5) / w + framing.shift_x
        v = framing.scale_y * (np.arange(h) + 0.5) / h + framing.shift_y
        x = u * VIEW_WH[0] - 0.5
        self.map_x = np.ascontiguousarray(np.broadcast_to(VIEW_WH[0] - 1 - x if framing.mirrored else x, (h, w)), np.float32)
        self.map_y = np.ascontiguousarray(np.broadcast_to((v * VIEW_WH[1] - 0.5)[:, None], (h, w)), np.float32)
        inside = ((v >= 0) & (v <= 1))[:, None] & ((u >= 0) & (u <= 1))
        self.mask = inside[_FINE // 2 :: _FINE, _FINE // 2 :: _FINE]
        self.weight = self.mask.astype(np.float32)

    @property
    def shares(self) -> bool:
        """Whether enough of the picture is in both."""
        return bool(self.mask.mean() >= LEAST_SHARED)

    def clip(self, views: np.ndarray) -> np.ndarray:
        """Unit vectors of views of the clip: (V, 384) float32; 0 where flat."""
        out = np.empty((len(views), self.mask.size), np.float32)
        for k, n in enumerate(views):
            drawn = cv2.remap(self.view.pictures[n], self.map_x, self.map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            out[k] = contrast(cv2.resize(drawn, SMALL_WH, interpolation=cv2.INTER_AREA), self.mask, self.weight)[0]
        return out

    def file(self, small: np.ndarray) -> np.ndarray:
        """Unit vectors of kept pictures (N, 192): (N, 384) float32."""
        x = opened(small).reshape(len(small), -1) * self.weight.ravel()
        x -= (x.sum(1, keepdims=True) / max(1.0, float(self.weight.sum()))) * self.weight.ravel()
        norm = np.sqrt((x * x).sum(1, keepdims=True))
        return np.asarray(x / np.maximum(norm, 1e-6), np.float32)

    def alike(self, small: np.ndarray, views: np.ndarray) -> np.ndarray:
        """Correlation, pair by pair: kept pictures (P, 192) with as many views: (P,) float32."""
        return np.asarray((self.file(small) * self.clip(views)).sum(1))


def fitted(view: View, start: Framing, small: np.ndarray, views: np.ndarray, check: Callable[[], None]) -> tuple[Framing, float]:
    """The framing near `start` under which some pairs of pictures are most alike, and how alike (mean correlation)."""

    def score(framing: Framing) -> float:
        drawn = Drawn(view, framing)
        return float(drawn.alike(small, views).mean()) if drawn.shares else -1.0

    best, likeness = start, score(start)
    if likeness < HOPELESS:
        return best, likeness
    for step in _STEPS:
        for _ in range(_ROUNDS):
            check()
            near = [best.moved(**move) for move in _moves(step)]
            scores = [score(framing) for framing in near]
            if max(scores) <= likeness + 1e-3:
                break
            likeness, best = max(scores), near[int(np.argmax(scores))]
    return best, likeness


def _moves(step: float) -> list[dict[str, float]]:
    moves: list[dict[str, float]] = []
    for d in (-step, step):
        moves += [{"right": d}, {"down": d}, {"wider": 2 * d, "higher": 2 * d}, {"wider": 2 * d}, {"higher": 2 * d}]
    return moves
