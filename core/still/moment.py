"""Which frame a still was taken from, and which frames look the same.

Two frames are told apart by their difference: if the still is frame k and not frame f, what is left between still and the mean of the two
leans towards k wherever they differ. The sum of that lean over its standard error is a number of standard deviations (a matched
filter); the noise is taken from what is left, and counted by how far its neighbours agree.
"""

from __future__ import annotations

import cv2
import numpy as np

from .judge import Board, board, detail, drawn
from .subject import Subject

SURE = 6.0
"""Standard deviations by which a frame has to fit worse to be told from the best one."""
BLOCK_PX = 6
MIDWAY = 0.25
"""How far the still may lie from the best frame towards another (0 to 1) to be told to be the best one."""

LEAST = 0.1
"""Two frames that differ by less than this share of what separates the still from the better one (power) are not told apart."""


class Contest:
    """A still against frames of a film, on one grid."""

    def __init__(self, subject: Subject, still_to_frame: np.ndarray, frame_wh: tuple[int, int], frame_here_wh: tuple[int, int], most_px: int) -> None:
        self._subject, self._frame_wh = subject, frame_wh
        on = board(subject, still_to_frame, frame_wh, frame_here_wh, most_px)
        self.board: Board | None = on

    def seen(self, frame: np.ndarray, still_to_frame: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """A frame's picture on the grid, and where it is."""
        assert self.board is not None
        return drawn(self.board, frame, self._frame_wh, still_to_frame)

    def left(self, seen: tuple[np.ndarray, np.ndarray]) -> float:
        """What is left between still and frame once levels are matched: a share of the still's detail, 0 to about 1."""
        assert self.board is not None
        both = self.board.mask & seen[1]
        if both.sum() < 60:
            return 1.0
        still, frame = detail(self.board.picture, both), levelled(detail(seen[0], both), detail(self.board.picture, both), both)
        error = (still - frame)[both]
        deviation = 1.4826 * float(np.median(np.abs(error))) + 1e-3
        weight = np.clip(1 - (error / (6 * deviation)) ** 2, 0, 1) ** 2
        return float(np.sqrt((weight * error**2).sum() / max(float((weight * still[both] ** 2).sum()), 1e-6)))

    def told_apart(self, best: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray]) -> bool:
        """Whether the still is the best frame and not the other one.

        The lean has to be SURE standard deviations, and the still has to lie near the best one on the way between the two: one that lies
        midway differs from both by what neither it nor they are made of, noise and coding.
        """
        assert self.board is not None
        both = self.board.mask & best[1] & other[1]
        if both.sum() < 60:
            return True
        still = detail(self.board.picture, both)
        a, b = levelled(detail(best[0], both), still, both), levelled(detail(other[0], both), still, both)
        apart = b - a
        power = float((apart[both] ** 2).sum())
        if power < LEAST * float(((still - a)[both] ** 2).sum()) + 1e-6:
            return False
        sigma = 1.4826 * float(np.median(np.abs((still - a)[both]))) + 0.05
        noise = np.where(both, np.clip(still - a, -6 * sigma, 6 * sigma), 0)
        lean = float((apart * np.clip(still - (a + b) / 2, -6 * sigma, 6 * sigma))[both].sum()) / (sigma * np.sqrt(_together(noise) * power))
        midway = float((apart * noise)[both].sum()) / power
        return lean < -SURE and midway < MIDWAY


def levelled(frame: np.ndarray, still: np.ndarray, both: np.ndarray) -> np.ndarray:
    """A frame's detail with the still's contrast, by a gain that varies slowly over the picture."""
    side = max(9, max(frame.shape) // 3) | 1
    weight = both.astype(np.float32)
    cross, power = cv2.blur(frame * still * weight, (side, side)), cv2.blur(frame * frame * weight, (side, side))
    gain = np.clip(cross / (power + 0.5), 0.2, 5.0)
    return frame * gain


def _together(noise: np.ndarray) -> float:
    """How many neighbouring pixels of the noise go together: the variance of block sums over that of independent pixels."""
    h, w = noise.shape[0] // BLOCK_PX * BLOCK_PX, noise.shape[1] // BLOCK_PX * BLOCK_PX
    if h * w < 4 * BLOCK_PX**2:
        return 4.0
    sums = noise[:h, :w].reshape(h // BLOCK_PX, BLOCK_PX, w // BLOCK_PX, BLOCK_PX).sum(axis=(1, 3))
    power = float((noise**2).mean())
    if power < 1e-9:
        return 1.0
    ratio = 1.4826**2 * float(np.median(np.abs(sums))) ** 2 / (power * BLOCK_PX**2)
    return float(np.clip(ratio, 1.0, BLOCK_PX**2))
