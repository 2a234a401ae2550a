"""The footage that a still is looked for in: small pictures of every frame, and frames at full size when they are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from ..progress import Progress
from ..sync.analysis import Analysis
from .scenes import look_through

WORKING_PX = 1280
"""Longer side at which frames are looked at closely; what is left is up to the final placing."""
AT_ONCE = 8


class Film:
    """Frames of one file, by number.

    picture  (h, w) uint8: the still, to be held against whole frames at a glance
    rows     (frames,) bool: the frames that may show it; None is all
    """

    def __init__(self, analysis: Analysis, picture: np.ndarray, rows: np.ndarray | None, progress: Progress = Progress()) -> None:
        self.analysis = analysis
        self.rows = rows
        self.wh = (analysis.media.width, analysis.media.height)
        scenes = look_through(analysis, picture, rows, progress)
        self.chosen, self.alike = scenes.chosen, scenes.alike

    @property
    def frames(self) -> int:
        return self.analysis.frames

    def allowed(self, frame: int) -> bool:
        """Whether there is such a frame, and it may show the still."""
        return 0 <= frame < self.frames and (self.rows is None or bool(self.rows[frame]))

    def small(self, frame: int) -> np.ndarray:
        """(h, w) uint8, the frame's small picture."""
        return np.asarray(self.analysis.thumbs(frame, 1)[0])

    def working(self, frames: Iterable[int]) -> Iterator[tuple[int, np.ndarray]]:
        """(number, (h, w) uint8) of some frames, ascending, a few in memory at a time; at most WORKING_PX long."""
        wanted = sorted(set(frames))
        for first in range(0, len(wanted), AT_ONCE):
            for number, luma in sorted(self.analysis.full(wanted[first : first + AT_ONCE]).items()):
                yield number, bounded(luma, WORKING_PX)

    def full(self, frame: int) -> np.ndarray:
        """(h, w) uint8, one frame at its own size."""
        return self.analysis.full([frame])[frame]


def bounded(luma: np.ndarray, longest: int) -> np.ndarray:
    """The picture, shrunk where it is longer than that."""
    share = longest / max(luma.shape)
    return luma if share >= 1 else cv2.resize(luma, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
