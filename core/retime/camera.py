"""How the camera moves from one frame to the next: what most of the picture does, however much livelier the figures are that are in it;
and the planes that it passes at another pace.

Pictures are (H, W) float32, levels of 255; x right, y down; a move is a (2, 3) matrix that takes pixels of the first to those of the second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

_WIDE = 640
"""It is looked for in pictures no wider than this."""
_CELL = 16
"""Pixels a side, of which each sends one point to be found again: so an area counts, and not how much is drawn in it."""
_TEXTURE = 1e-5
"""Least eigenvalue of a point that can be found again (Shi and Tomasi, CVPR 1994)."""
_HOME, _NEAR = 0.5, 0.5
"""Pixels by which a point may come back beside where it started, and lie beside where the camera would have brought it."""
_LEAST = 12
"""Points that have to agree."""
_TRIES = 4
_CLEARLY = 20.0
_BETTER = 0.95
"""A camera that moves leaves no more than this part of what standing still does."""
_STILL_PX = 0.7
_PART = 0.06
"""Of all points that a plane has: less is a figure."""
_APART_PX = 0.8
"""In the middle of the picture, by which two planes differ."""
_STEADY_PX, _STEADY = 0.5, 0.2
"""By which a plane's move may change from step to step: pixels at a corner of the picture, and parts of the move."""


@dataclass(frozen=True)
class Moves:
    """How parts of the picture move from one frame to the next."""

    camera: np.ndarray | None
    """What explains most of the picture; None where standing still explains as much, or nothing is found."""
    others: tuple[np.ndarray, ...]
    """Of other parts: planes before and behind, and figures."""

    @property
    def all(self) -> tuple[np.ndarray, ...]:
        return self.others if self.camera is None else (self.camera, *self.others)


def moves_between(a: np.ndarray, b: np.ndarray) -> Moves:
    """Groups of points that move alike from a to b: shift, turn and zoom of each, largest first."""
    height, width = a.shape
    scale = max(1.0, width / _WIDE)
    if scale > 1:
        size = round(width / scale), max(1, round(height / scale))
        a, b = (cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in (a, b))
    start, end = _found_again(a, b)
    enough = max(_LEAST, _PART * len(start))
    best, least = -1, _BETTER * _left(a, b)
    groups: list[np.ndarray] = []
    for _ in range(_TRIES):
        if len(start) < enough:
            break
        found, agree = cv2.estimateAffinePartial2D(start, end, ransacReprojThreshold=_NEAR)
        if found is None or agree.sum() < enough:
            break
        left = _left(moved(a, found), b)
        if left < least:
            best, least = len(groups), left
        groups.append(_enlarged(found, scale))
        rest = agree.ravel() == 0
        start, end = start[rest], end[rest]
    return Moves(groups[best] if best >= 0 else None, tuple(group for n, group in enumerate(groups) if n != best))


def planes_of(now: Moves, beside: Sequence[Moves], size_wh: tuple[int, int]) -> tuple[np.ndarray, ...]:
    """The camera, and the other moves that go on in the step before or after: a plane does, a drawing that is held does not."""
    width, height = size_wh
    spots = np.array([(0, 0, 1), (width, 0, 1), (0, height, 1), (width, height, 1), (width / 2, height / 2, 1)], np.float64).T
    there = [move @ spots for moves in beside for move in moves.all]
    planes = [] if now.camera is None else [now.camera]
    for move in now.others:
        at = move @ spots
        far = np.abs(at - spots[:2]).max()
        goes_on = any(np.abs(at - other).max() < _STEADY_PX + _STEADY * far for other in there)
        if far > _STILL_PX and goes_on and all(_differ(at, plane @ spots) for plane in planes):
            planes.append(move)
    return tuple(planes)


def _differ(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two moves, told by where they lead the corners and, last, the middle, are not one that grain has split."""
    apart = np.abs(a - b).max(0)
    return bool(apart[-1] > _APART_PX or apart.max() > 2 * _APART_PX)


def moved(picture: np.ndarray, camera: np.ndarray | None) -> np.ndarray:
    """The picture, (H, W) or (H, W, C), as the move has it; beyond its border its outermost pixels go on."""
    if camera is None:
        return picture
    return cv2.warpAffine(picture, camera, picture.shape[1::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)


def within(camera: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """(H, W) bool: where the moved picture has something to show."""
    full = np.full(shape[:2], 255, np.uint8)
    there = cv2.warpAffine(full, camera, shape[1::-1], flags=cv2.INTER_NEAREST)
    return np.asarray(cv2.erode(there, np.ones((3, 3), np.uint8), borderValue=255) > 0)


def _found_again(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 1, 2) points of a, and where they are in b, there and back."""
    start = _points(a)
    if not len(start):
        return start, start
    grey_a, grey_b = (np.clip(p, 0, 255).astype(np.uint8) for p in (a, b))
    manner = {"winSize": (17, 17), "maxLevel": 3}
    end, there, _ = cv2.calcOpticalFlowPyrLK(grey_a, grey_b, start, start.copy(), **manner)  # type: ignore[call-overload]
    home, back, _ = cv2.calcOpticalFlowPyrLK(grey_b, grey_a, end, end.copy(), **manner)  # type: ignore[call-overload]
    astray = np.linalg.norm((home - start).reshape(-1, 2), axis=1)
    sure = (there.ravel() == 1) & (back.ravel() == 1) & (astray < _HOME)
    return start[sure], end[sure]


def _points(a: np.ndarray) -> np.ndarray:
    """The best point of each cell, (n, 1, 2) float32."""
    rows, columns = a.shape[0] // _CELL, a.shape[1] // _CELL
    strength = cv2.cornerMinEigenVal(a / np.float32(255), 5)[: rows * _CELL, : columns * _CELL]
    cells = strength.reshape(rows, _CELL, columns, _CELL).transpose(0, 2, 1, 3).reshape(rows * columns, _CELL * _CELL)
    if not cells.size:
        return np.empty((0, 1, 2), np.float32)
    best = cells.argmax(1)
    row, column = np.divmod(np.arange(rows * columns), columns)
    at = np.stack([column * _CELL + best % _CELL, row * _CELL + best // _CELL], 1).astype(np.float32)
    return np.ascontiguousarray(at[cells.max(1) > _TEXTURE][:, None])


def _left(a: np.ndarray, b: np.ndarray) -> float:
    """Levels by which two pictures differ on average, softened; what differs wholly counts no more than what differs clearly."""
    return float(np.minimum(np.abs(cv2.blur(a, (3, 3)) - cv2.blur(b, (3, 3))), np.float32(_CLEARLY)).mean())


def _enlarged(camera: np.ndarray, scale: float) -> np.ndarray:
    """The same move in pictures that are larger by a factor, about pixel centres on integers."""
    out = camera.copy()
    out[:, 2] = (camera[:, 2] + 0.5 - camera[:, :2] @ (0.5, 0.5)) * scale + camera[:, :2] @ (0.5, 0.5) - 0.5
    return out
