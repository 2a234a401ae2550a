"""Whether a still is really where it was placed: block by block, does the frame show what the still shows?

Both pictures are drawn on one grid in the still's shape, as coarse as the coarser of the two. In each block with detail, the
correlation is taken; how many blocks agree is held against how many would by chance. That count needs no model of the search: a logo
that both pictures happen to share agrees in its own few blocks, and the rest speak against it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ..space.geometry import normalised, resize_matrix, scale_of
from .match import log10_tail
from .subject import Subject

GRID_PX = 240
"""Longer side of the grid, at most."""
LEAST_PX = 10
ACROSS = 12
"""Blocks along the longer side."""
AGREES = 0.55
"""Correlation from which a block agrees."""
BY_CHANCE = 0.08
"""Share of the blocks of two pictures that have nothing in common, registered as well as they can be, that agree."""
TESTS = 5.0
"""Decimal logarithm of how many places were tried before this one."""
DETAIL = 1.5
"""Standard deviation, in levels, from which a block of the still has detail."""


@dataclass(frozen=True)
class Agreement:
    """What two pictures have in common under one placing."""

    score: float
    """Correlation of detail over the blocks that agree, 0 to 1."""
    share: float
    """Of the still's detailed blocks that the frame has room for, how many agree."""
    blocks: int
    log10_chance: float
    """Of the chance that so many agree in pictures that have nothing in common."""
    seen: float
    """Share of the still that lies inside the frame."""


@dataclass(frozen=True)
class Board:
    """The still on a grid, and how a frame is drawn on it."""

    wh: tuple[int, int]
    picture: np.ndarray
    """(h, w) float32"""
    mask: np.ndarray
    """(h, w) bool: the part that counts."""
    to_still: np.ndarray
    """3x3, grid pixel -> full-size still pixel."""


def board(
    subject: Subject, still_to_frame: np.ndarray, frame_wh: tuple[int, int], frame_here_wh: tuple[int, int], most_px: int = GRID_PX
) -> Board | None:
    """The grid for one placing; None where the still would be a few pixels small.

    frame_wh       size that the matrix is told in; frame_here_wh is that of the picture at hand
    """
    scale = scale_of(still_to_frame, subject.full_wh) * frame_here_wh[0] / frame_wh[0]
    long = max(subject.full_wh)
    size = min(float(most_px), long * scale, float(max(subject.wh)))
    if not np.isfinite(size) or size < LEAST_PX:
        return None
    wh = tuple(max(4, round(side * size / long)) for side in subject.full_wh)
    picture = cv2.resize(subject.luma, wh, interpolation=cv2.INTER_AREA).astype(np.float32)
    mask = cv2.resize(subject.mask.astype(np.uint8) * 255, wh, interpolation=cv2.INTER_AREA) > 127
    return Board((wh[0], wh[1]), picture, mask, resize_matrix((wh[0], wh[1]), subject.full_wh))


def drawn(on: Board, frame: np.ndarray, frame_wh: tuple[int, int], still_to_frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A frame (h, w) uint8 on the grid: (h, w) float32, and (h, w) bool where it is."""
    here = (frame.shape[1], frame.shape[0])
    matrix = normalised(resize_matrix(frame_wh, here) @ still_to_frame @ on.to_still)
    shrink = scale_of(matrix, on.wh)
    if shrink > 1.5:
        small = (max(2, round(here[0] / shrink)), max(2, round(here[1] / shrink)))
        frame = cv2.resize(frame, small, interpolation=cv2.INTER_AREA)
        matrix = resize_matrix(here, small) @ matrix
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    picture = cv2.warpPerspective(frame, matrix, on.wh, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpPerspective(np.full(frame.shape, 255, np.uint8), matrix, on.wh, flags=flags) > 250
    return picture.astype(np.float32), inside


def detail(picture: np.ndarray, mask: np.ndarray, smooth: float = 0.7) -> np.ndarray:
    """What is finer than a tenth of the picture, (h, w) float32; 0 outside the mask, which takes no part in the local mean."""
    side = max(5, round(max(picture.shape) / 10)) | 1
    weight = mask.astype(np.float32)
    x = cv2.GaussianBlur(picture * weight, (0, 0), smooth) / np.maximum(cv2.GaussianBlur(weight, (0, 0), smooth), 1e-3)
    mean = cv2.blur(picture * weight, (side, side)) / np.maximum(cv2.blur(weight, (side, side)), 1e-3)
    return np.where(mask, x - mean, 0).astype(np.float32)


def agreement(subject: Subject, frame: np.ndarray, frame_wh: tuple[int, int], still_to_frame: np.ndarray) -> Agreement | None:
    """How far a frame (h, w) uint8 bears out a placing; None where the two share too little to tell."""
    on = board(subject, still_to_frame, frame_wh, (frame.shape[1], frame.shape[0]))
    if on is None:
        return None
    picture, inside = drawn(on, frame, frame_wh, still_to_frame)
    both = on.mask & inside
    if both.sum() < 60:
        return None
    a, b = detail(on.picture, both), detail(picture, both)
    pair = blockwise(a, b, both)
    if not len(pair):
        return None
    agree = pair[:, 0] > AGREES
    total = int(agree.sum())
    score = float((pair[agree, 0] * pair[agree, 1]).sum() / pair[agree, 1].sum()) if total else 0.0
    chance = log10_tail(len(pair), total, BY_CHANCE) + TESTS
    return Agreement(score, total / len(pair), len(pair), chance, float(both.sum() / max(1, on.mask.sum())))


def blockwise(a: np.ndarray, b: np.ndarray, both: np.ndarray) -> np.ndarray:
    """(blocks, 2): correlation and the still's standard deviation, of each block where one of the two has detail."""
    h, w = a.shape
    side = max(5, round(max(h, w) / ACROSS))
    out = []
    for y in range(0, h - side // 2, side):
        for x in range(0, w - side // 2, side):
            part = np.s_[y : y + side, x : x + side]
            inside = both[part]
            if inside.sum() < 0.5 * side * side:
                continue
            p, q = a[part][inside], b[part][inside]
            p, q = p - p.mean(), q - q.mean()
            strength, other = float(p.std()), float(q.std())
            if strength > DETAIL:
                out.append((float((p * q).mean()) / (strength * max(other, 0.3)), strength))
    return np.array(out).reshape(-1, 2)
