"""An answer held against the truth of a made pair, in the terms a person counts in: frames and pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

EVERY = 5
"""The place is compared on each fifth ref frame."""
GRID = 9
"""Points across and down the clip's picture."""


@dataclass(frozen=True)
class Score:
    """How right an answer is."""

    frames: int
    """Of the ref."""
    right: int
    """Ref frames that show a right clip frame, or rightly none."""
    played: int
    """Ref frames that show any clip frame."""
    worst: float
    """95th percentile of how many clip frames it is off, where both show one; 0 where none do."""
    space_px: float | None
    """Mean distance, in ref pixels, between the true and the told place of a grid of clip points; infinite where no
    place is told; None where the truth has no matrix or nothing plays."""

    @property
    def exact(self) -> float:
        """Share of ref frames that are right."""
        return self.right / self.frames


def judge(truth: dict[str, Any], frames: Sequence[int | None], matrix_at: Callable[[int], NDArray[np.float64] | None]) -> Score:
    """Compare what plays with what is true.

    truth      of a Twin; see truth.py
    frames     the clip frame that each ref frame shows, or None
    matrix_at  clip pixel -> ref pixel at a ref frame, 3x3, or None
    Where the clip lacks the very frame, a neighbour and nothing are both right.
    """
    right, offs, places = 0, [], []
    for n, told in enumerate(frames):
        if truth["map"][n] is None or told is None:
            right += told is None and (truth["map"][n] is None or not truth["sure"][n])
            continue
        stretches = [truth["same"][n], *truth["also"][n]]
        off = min(max(first - told, told - last, 0) for first, last in stretches)
        right += off == 0
        offs.append(off)
        true = _true_matrix(truth, n)
        if true is not None and n % EVERY == 0:
            places.append(_distance_px(true, matrix_at(n), truth["clip_size"]))
    return Score(
        frames=len(frames),
        right=right,
        played=sum(told is not None for told in frames),
        worst=float(np.percentile(offs, 95)) if offs else 0.0,
        space_px=float(np.mean(places)) if places else None,
    )


def _true_matrix(truth: dict[str, Any], frame: int) -> NDArray[np.float64] | None:
    body = truth["matrices"][frame] if "matrices" in truth else truth["matrix"]
    return None if body is None else np.array(body)


def _distance_px(true: NDArray[np.float64], told: NDArray[np.float64] | None, size_wh: tuple[int, int]) -> float:
    if told is None:
        return float("inf")
    x, y = np.meshgrid(np.linspace(0, size_wh[0] - 1, GRID), np.linspace(0, size_wh[1] - 1, GRID))
    points = np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    a, b = true @ points, told @ points
    return float(np.linalg.norm(a[:2] / a[2] - b[:2] / b[2], axis=0).mean())
