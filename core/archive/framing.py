"""Where the clip's picture lies in the file's, and how alike the two then are: kept pictures against the clip, drawn on their grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .looks import SMALL_WH, contrasts, opened
from .query import VIEW_WH, View
from .vote import Seed

LEAST_SHARED = 0.3
"""Of the file's picture, for a comparison."""
HOPELESS = 0.2
"""Mean correlation from which on fitting is worth its time; true places begin at twice that."""
_FINE = 2
"""The clip is drawn this much finer than the grid and averaged."""
_FLAT = 1e-6
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
        self._across = _drawing(1 - u if framing.mirrored else u, VIEW_WH[0])
        self._down = _drawing(v, VIEW_WH[1])
        inside = ((v >= 0) & (v <= 1))[:, None] & ((u >= 0) & (u <= 1))
        self.mask = inside[_FINE // 2 :: _FINE, _FINE // 2 :: _FINE]
        self.weight = self.mask.astype(np.float32)

    @property
    def shares(self) -> bool:
        """Whether enough of the picture is in both."""
        return bool(self.mask.mean() >= LEAST_SHARED)

    def clip(self, views: np.ndarray) -> np.ndarray:
        """Unit vectors of views of the clip: (V, 384) float32; 0 where flat."""
        across = self.view.pictures[views].astype(np.float32) @ self._across.T
        x = contrasts(self._down @ across).reshape(len(views), -1)
        return self._units(x)

    def _units(self, x: np.ndarray) -> np.ndarray:
        """(N, 384) local contrast as unit vectors of what lies in both pictures."""
        weight = self.weight.ravel()
        x = x * weight
        x -= (x.sum(1, keepdims=True) / max(1.0, float(weight.sum()))) * weight
        norm = np.sqrt((x * x).sum(1, keepdims=True))
        return np.asarray(x / np.where(norm > _FLAT, norm, 1), np.float32)

    def file(self, small: np.ndarray) -> np.ndarray:
        """Unit vectors of kept pictures (N, 192): (N, 384) float32."""
        return self._units(opened(small).reshape(len(small), -1))

    def alike(self, small: np.ndarray, views: np.ndarray) -> np.ndarray:
        """Correlation, pair by pair: kept pictures (P, 192) with as many views: (P,) float32."""
        return np.asarray((self.file(small) * self.clip(views)).sum(1))


def _drawing(at: np.ndarray, size: int) -> np.ndarray:
    """(len(at) / _FINE, size) float32: what takes a line of a picture to these places of it, 0 to 1, between pixels linearly and beyond the edge as
    at the edge, and averages _FINE of them."""
    x = np.clip(at * size - 0.5, 0, size - 1)
    left = np.minimum(x.astype(int), size - 2)
    rows, part = np.arange(len(at)), x - left
    out = np.zeros((len(at), size))
    out[rows, left], out[rows, left + 1] = 1 - part, part
    return np.asarray(out.reshape(-1, _FINE, size).mean(1), np.float32)


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
