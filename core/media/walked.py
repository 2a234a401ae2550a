"""What a pass over footage that was cut off has seen, so that another one can go on from it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

import numpy as np

from ..errors import MediaError

OVERLAP = 24
"""Frames that are decoded again at least, to see that the other pass saw the same."""
QUIET = 40
"""Frames around a key frame without damage, for a pass to go on from it: decoders work ahead, so damage is counted some frames early."""


class Strayed(MediaError):
    """A pass cannot go on from another one: the file does not seek, or shows something else now. Begin anew."""


@dataclass
class Walked:
    """Frames 0, 1, 2, … of one pass, as far as it got."""

    pts: list[int] = field(default_factory=list)
    """In the stream's time base."""
    keys: list[int] = field(default_factory=list)
    """Numbers of the key frames, ascending."""
    lost: list[int] = field(default_factory=list)
    """For each frame, how much damage was counted when it came out."""

    def __len__(self) -> int:
        return len(self.pts)

    def add(self, pts: int, key: bool, lost: int) -> None:
        """One frame more."""
        if key:
            self.keys.append(len(self.pts))
        self.pts.append(pts)
        self.lost.append(lost)

    def start(self) -> int:
        """The key frame that another pass goes on from, OVERLAP frames or more before the end of this one; 0 is the beginning.

        Frames are told by their time stamps, so its own has to lie above all before it, and from there on they have to rise. Where damage
        lies near a key frame, an earlier one is taken.
        """
        pts, last = np.asarray(self.pts, np.int64), len(self.pts) - 1
        falls = np.flatnonzero(np.diff(pts) <= 0)
        least = int(falls[-1]) + 1 if len(falls) else 0
        highest = np.maximum.accumulate(pts)
        for key in reversed(self.keys):
            if key < max(1, least):
                break
            quiet = self.lost[max(0, key - QUIET)] == self.lost[min(last, key + QUIET)]
            if quiet and key <= last - OVERLAP and pts[key] > highest[key - 1]:
                return key
        return 0

    def upto(self, number: int) -> Walked:
        """The frames before this one."""
        return Walked(self.pts[:number], [key for key in self.keys if key < number], self.lost[:number])

    def same(self, number: int, pts: int, key: bool) -> bool:
        """Whether this frame was seen as it is seen now; true of one that was not seen at all."""
        if number >= len(self.pts):
            return True
        at = bisect_left(self.keys, number)
        return self.pts[number] == pts and key == (at < len(self.keys) and self.keys[at] == number)
