"""Where the frames of footage with a variable rate lie in time, so that an even line through time is a line again.

The unit is the average frame. Of footage with an even rate, frame k lies from k to k + 1, and nothing of this is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..alignment import Media
from ..pieces import edges


@dataclass(frozen=True)
class Pace:
    """Both sides' frames in time; None for a side that runs evenly."""

    clip_edges: np.ndarray | None = None
    """(clip frames + 1,) when each clip frame begins, and the last one ends, in average clip frames."""
    ref_middles: np.ndarray | None = None
    """(ref frames,) the middle of each ref frame, in average ref frames."""

    def since(self, frames: np.ndarray, first: int) -> np.ndarray:
        """Average ref frames from the middle of ref frame `first` to the middles of some others."""
        return frames - first if self.ref_middles is None else self.ref_middles[frames] - self.ref_middles[first]

    def middles(self, shown: np.ndarray) -> np.ndarray:
        """The middles of clip frames, in average clip frames."""
        return shown + 0.5 if self.clip_edges is None else (self.clip_edges[shown] + self.clip_edges[shown + 1]) / 2

    def frames_at(self, places: np.ndarray) -> np.ndarray:
        """The clip frames on screen at places in average clip frames; before the first and after the last it goes on evenly."""
        if self.clip_edges is None:
            return np.floor(places + 1e-9).astype(int)
        end = self.clip_edges[-1]
        inside = np.searchsorted(self.clip_edges, places + 1e-9, "right") - 1
        before, after = places < 0, places >= end
        out = np.where(after, len(self.clip_edges) - 1 + np.floor(places - end + 1e-9), inside)
        return np.where(before, np.floor(places + 1e-9), out).astype(int)


EVEN = Pace()


def pace_of(clip: Media, ref: Media) -> Pace:
    """The pace of a pair."""
    of_clip = edges(clip, 0, clip.frames + 1) if clip.pts is not None else None
    begins = edges(ref, 0, ref.frames + 1) if ref.pts is not None else None
    return Pace(of_clip, (begins[:-1] + begins[1:]) / 2 if begins is not None else None)
