"""Shots that play backwards: the clip is looked at from its end, and everything else stays as it is.

Looked for last, in what nothing else explains, and under framings that are known: a fade laid against another one looks like a
reversed shot as well, and so does every still.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from .analysis import Analysis
from .coarse import Among
from .framing import Lock, try_framing
from .path import NOTHING
from .tune import Tuned

LEAST_SCORE = 6.0
"""Likeness above neutral, summed over the frames, that a reversed shot has to earn: ten frames' worth."""
LEAST_FRAMES = 12
"""Different frames that it has to show."""
LEAST_SURE = 0.5
"""How few other frames may look like each one, in the middle: 1 is none."""
FRAMINGS = 2
"""Known framings tried."""
AS_LIKE = 0.95
"""Likeness a frame, as a share of what the same framing has forwards, that is as good. Under a calm camera the frames before a
clip begins look much like those after its beginning, in reverse; but not as like as frames that match."""
UNLIKE = 3.0
"""How much more of the detail may differ than between frames that match forwards."""


class Backwards(Analysis):
    """The same footage, numbered from its last frame. Only what comparing frames needs."""

    def __init__(self, forwards: Analysis) -> None:
        self.forwards = forwards
        self.media = forwards.media
        self.thumb_wh = forwards.thumb_wh

    def thumbs(self, first: int, count: int, step: int = 1) -> np.ndarray:
        """Small pictures of frames first, first + step, …, counted from the end: (count, h, w) uint8."""
        last = first + (count - 1) * step
        return self.forwards.thumbs(self.frames - 1 - last, count, step)[::-1]

    def thumbs_at(self, numbers: Iterable[int]) -> np.ndarray:
        """Small pictures of these frames, counted from the end, in this order: (N, h, w) uint8."""
        return self.forwards.thumbs_at(self.frames - 1 - number for number in numbers)


def lock_backwards(clip: Backwards, ref: Analysis, locks: list[Lock], rows: np.ndarray) -> Lock | None:
    """The reversed clip under the best of the known framings, in these rows; None where it is not there.

    rows   (ref frames,) bool: what nothing explains
    """
    best, forwards = None, locks[0]
    for known in locks[:FRAMINGS]:
        lock = try_framing(clip, ref, known.clip_to_ref, Among(rows))
        if lock is not None and (best is None or lock.score > best.score):
            best, forwards = lock, known
    if best is None or best.score < LEAST_SCORE:
        return None
    playing = best.at != NOTHING
    if best.score / playing.sum() < AS_LIKE * forwards.score / (forwards.at != NOTHING).sum():
        return None
    if len(np.unique(best.at[playing])) < LEAST_FRAMES or float(np.median(best.sure[playing])) < LEAST_SURE:
        return None
    return replace(best, backwards=True)


def as_like(backwards: Tuned, forwards: list[Tuned]) -> bool:
    """Whether registered frames agree as well as those of the framings found before."""
    usual = max(tuned.alike for tuned in forwards)
    placed = max(tuned.correlation for tuned in forwards)
    return 1 - backwards.alike <= UNLIKE * (1 - usual) + 0.003 and backwards.correlation >= AS_LIKE * placed
