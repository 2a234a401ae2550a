"""The first look at footage: when its frames are shown, where its cuts are, what repeats. One pass over small pictures."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from ..media.footage import Footage
from ..progress import Progress
from .beats import Beats
from .cadence import Cadence, Tally
from .cuts import CutSettings, joins
from .moves import Move, Moves, small_wh
from .plan import Stretch, stretches
from .reweave import Reweaver

QUIET = Progress()


@dataclass(frozen=True)
class Scan:
    """What is known before the first frame is made."""

    beats: Beats
    ways: tuple[str, ...]
    """For each frame but the last, how what lies between it and the next may be made: flow, hold or blend."""
    cuts: tuple[int, ...]
    """First frames of the shots, without frame 0."""
    stretches: tuple[Stretch, ...]
    cadences: tuple[Cadence, ...]
    """One for each stretch."""
    fields: str = ""
    """Of woven film: for each frame, which fields are of one moment; see fields.match. "" where frames are whole as they stand."""

    @property
    def repeats(self) -> tuple[int, ...]:
        """Frames that show nothing new."""
        return tuple(frame for cadence in self.cadences for frame in cadence.repeats)


def scan(footage: Footage, cuts: CutSettings, progress: Progress = QUIET, fields: str = "keep") -> Scan:
    """Read footage once. Raises MediaError where it has no frames or cannot be read, Cancelled.

    fields  auto or match: see Reweaver; keep does not ask whether fields are woven
    """
    reweaver = None if fields == "keep" else Reweaver(fields)
    moves: deque[Move] = deque()
    ways, firsts, cadences = [], [], []
    tally = Tally(0)
    for k, join in enumerate(joins(_pictures(footage, moves, progress, reweaver), cuts)):
        move = moves.popleft()
        how = "blend" if move.empty and join.how == "flow" else join.how
        ways.append(sys.intern(how))
        if how == "flow":
            tally.add(move)
            continue
        cadences.append(tally.cadence())
        tally = Tally(k + 1)
        if not join.crosses:
            firsts.append(k + 1)
    cadences.append(tally.cadence())
    index, info = footage.index, footage.info
    pts = index.pts if index else ()
    beats = Beats.of(pts, info.time_base, info.rate, _last(footage) if len(pts) > 1 else 0)
    return Scan(beats, tuple(ways), tuple(firsts), stretches(beats.frames, ways), tuple(cadences), reweaver.matches if reweaver else "")


def _pictures(footage: Footage, moves: deque[Move], progress: Progress, reweaver: Reweaver | None) -> Iterator[np.ndarray]:
    info = footage.info
    size_wh = small_wh(info.width, info.height)
    eye = Moves()
    frames = footage.frames()
    for frame in reweaver.frames(frames) if reweaver else frames:
        progress.at(frame.number / max(1, info.frames), "looking for cuts and repeats")
        picture = frame.rgb(size_wh)
        move = eye.step(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
        if move is not None:
            moves.append(move)
        yield picture


def _last(footage: Footage) -> int:
    """How long the last frame is shown, in ticks, where the file says; else 0."""
    length_s = footage.media().length_s
    index = footage.index
    if length_s is None or index is None:
        return 0
    return max(0, round(length_s / footage.info.time_base) - (index.pts[-1] - index.pts[0]))
