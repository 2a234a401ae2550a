"""The place of a still of which only a part counts: uphill, step by step, on the correlation of that part alone.

A least squares fit needs the still's surroundings for its slopes, and a logo has none. The correlation of what lies under the mask, each
side's local mean taken under the mask too, knows nothing of them. Compass search (Kolda, Lewis & Torczon, SIAM Review 45(3), 2003).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..space.geometry import apply, mirrored, scale_of
from .film import Film
from .judge import Board, board, detail, drawn
from .subject import Subject

MOST_PX = 320
FIRST_PX, LAST_PX = 1.5, 0.02
"""Steps, in pixels of the grid: of the middle, and of the ends where the still is scaled or turned."""
TURNED = 0.004
"""Correlation that a turn has to be worth; logos stand upright."""


def climbed(subject: Subject, film: Film, starts: list[np.ndarray], picture: np.ndarray) -> np.ndarray:
    """The still_to_frame of the best of some starts and its summit; picture (h, w) uint8 is the frame."""
    on = board(subject, starts[0], film.wh, (picture.shape[1], picture.shape[0]), MOST_PX)
    if on is None:
        return starts[0]

    def height(matrix: np.ndarray) -> float:
        return _correlation(on, picture, film.wh, matrix)

    start = max(starts, key=height)
    flat = upright(start, subject.full_wh)
    plain = _climb(subject, on, flat, height, turns=False)
    free = _climb(subject, on, start, height, turns=True)
    return free if height(free) > height(plain) + TURNED else plain


def upright(matrix: np.ndarray, still_wh: tuple[int, int]) -> np.ndarray:
    """The map without turn and stretch, about the picture's middle."""
    scale, sign = scale_of(matrix, still_wh), -1.0 if mirrored(matrix) else 1.0
    middle = np.array([[(still_wh[0] - 1) / 2, (still_wh[1] - 1) / 2]])
    out = np.diag([sign * scale, scale, 1.0])
    out[:2, 2] = apply(matrix, middle)[0] - apply(out, middle)[0]
    return out


def _climb(subject: Subject, on: Board, start: np.ndarray, height: Callable[[np.ndarray], float], turns: bool) -> np.ndarray:
    pixel = subject.full_wh[0] / on.wh[0]
    half = max(subject.full_wh) / 2
    ways = [(1.0, 0, 0, 0), (0, 1.0, 0, 0), (0, 0, 1 / half, 0), *([(0, 0, 0, 1 / half)] if turns else [])]
    best, top, step = start, height(start), FIRST_PX * pixel
    while step > LAST_PX * pixel:
        better = False
        for way in ways:
            for sign in (step, -step):
                moved = best @ _small(subject.full_wh, *(sign * part for part in way))
                here = height(moved)
                if here > top:
                    best, top, better = moved, here, True
                    break
        step = step if better else step / 2
    return best


def _small(still_wh: tuple[int, int], x: float, y: float, grow: float, turn: float) -> np.ndarray:
    """3x3, still pixel to still pixel: moved, scaled and turned a little about the middle."""
    cx, cy = (still_wh[0] - 1) / 2, (still_wh[1] - 1) / 2
    c, s = (1 + grow) * np.cos(turn), (1 + grow) * np.sin(turn)
    return np.array([[c, -s, cx - c * cx + s * cy + x], [s, c, cy - s * cx - c * cy + y], [0, 0, 1.0]])


def _correlation(on: Board, picture: np.ndarray, frame_wh: tuple[int, int], matrix: np.ndarray) -> float:
    seen, inside = drawn(on, picture, frame_wh, matrix)
    both = on.mask & inside
    if both.sum() < 0.5 * on.mask.sum() or both.sum() < 40:
        return -1.0
    a, b = detail(on.picture, both)[both], detail(seen, both)[both]
    return float((a * b).sum() / np.sqrt((a * a).sum() * (b * b).sum() + 1e-6))
