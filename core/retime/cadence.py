"""Cadence: for how many frames drawings are held, per region and per frame, from what moves in each block of the picture.

Between two new drawings in one block lies one hold. A block's holds are counted while something goes on in it; the holds that make up a
good part of what moves are those of the shot, so one shot may be on twos and on threes at once. Motion on ones that the camera explains
is no drawing at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .moves import Move

LONGEST = 6
"""Frames: what is held longer is a pause, and not a cadence."""
_PART = 0.14
"""Of the time of all holds that a hold has to make up to count."""
_LEAST_EVENTS = 6
_QUIET = 0.25
"""What is held changes by less than this part of what the drawings before and after it do; else it only moves a little less."""
_AS_USUAL, _MOST_PEAK = 0.12, 10.0
"""What changes by less than this part of what a new drawing in this shot does, and by fewer levels, is compression."""
_NEAR = 3
"""Frames before and after, one of which has to change clearly more: motion that slows down does not stop."""
NAMES = {1: "on ones", 2: "on twos", 3: "on threes", 4: "on fours", 5: "on fives", 6: "on sixes"}


@dataclass(frozen=True)
class Cadence:
    """Of one shot."""

    first: int
    end: int
    holds: tuple[int, ...]
    """Frames for which drawings are held, rising; () where nothing is drawn anew, or too little to tell."""
    parts: tuple[float, ...]
    """Of the time of all holds, for 1 … LONGEST frames."""
    camera: bool
    """A camera moves on ones."""
    repeats: tuple[int, ...]
    """Frames that show nothing but the one before once more."""
    pattern: tuple[int, ...] = ()
    """Where whole frames repeat in a rhythm: for how many frames each is shown, such as (2, 3)."""
    where: tuple[bytes, ...] = ()
    """Rows of blocks of the small picture, a byte each: for how many frames drawings are held there mostly; 0 where none is drawn anew."""
    drawn: bytes = b""
    """LONGEST bytes for each frame but the first: how many blocks, up to 255, are drawn anew after 1 … LONGEST frames."""

    @property
    def n_forward(self) -> int:
        """How often a drawing is repeated at most: what multi-pass forward deduplication is told."""
        return max(self.holds, default=1) - 1

    @property
    def name(self) -> str:
        """For people."""
        if self.pattern == (2, 3):
            return "2:3 pulldown"
        if self.pattern == (1, 1, 1, 2):
            return "one frame in five repeated"
        if not self.holds:
            return "on ones (camera)" if self.camera else "still"
        named = " and ".join(NAMES[h] for h in self.holds)
        return named if len(self.holds) == 1 else f"mixed: {named}"


class Tally:
    """Counts holds within one shot, a step at a time: memory does not grow with what it has seen but for a few numbers a frame."""

    def __init__(self, first: int) -> None:
        self._first = first
        self._steps = 0
        self._since: np.ndarray | None = None
        """For each block, the step of its last new drawing; -1 before the first one."""
        self._then = np.zeros(0)
        """How much that one has changed it."""
        self._between = np.zeros(0)
        """The most that has changed it since."""
        self._counts = np.zeros(LONGEST)
        self._where = np.zeros((0, 0, LONGEST), np.int32)
        self._drawn = bytearray()
        self._peaks: list[float] = []
        self._floors: list[float] = []
        self._camera = False

    def add(self, move: Move) -> None:
        """What moves from the last frame so far to the next."""
        self._peaks.append(move.peak)
        self._floors.append(move.noise)
        self._camera = self._camera or move.camera
        if self._since is None or self._since.shape != move.new.shape:
            self._since = np.full(move.new.shape, -1)
            self._then, self._between = np.zeros(move.new.shape), np.zeros(move.new.shape)
            self._where = np.zeros((*move.new.shape, LONGEST), np.int32)
        again = move.new & (self._since >= 0)
        gone = self._steps - self._since[again]
        held = self._between[again] <= _QUIET * np.minimum(self._then, move.change)[again]
        near = gone <= LONGEST
        after = np.where(held, gone, 1)[near]
        anew = np.bincount(after, minlength=LONGEST + 1)[1:]
        self._counts += anew
        self._drawn += bytes(np.minimum(anew, 255).astype(np.uint8))
        rows, columns = np.nonzero(again)
        self._where[rows[near], columns[near], after - 1] += 1
        self._since[move.new] = self._steps
        self._then = np.where(move.new, move.change, self._then)
        self._between = np.where(move.new, 0, np.maximum(self._between, move.change))
        self._steps += 1

    def cadence(self) -> Cadence:
        """Of what was seen."""
        repeated = _repeated(np.array(self._peaks), np.array(self._floors))
        time = self._counts * np.arange(1, LONGEST + 1)
        parts = time / time.sum() if time.sum() else time
        enough = self._counts.sum() >= _LEAST_EVENTS
        return Cadence(
            first=self._first,
            end=self._first + self._steps + 1,
            holds=tuple(h + 1 for h in range(LONGEST) if enough and parts[h] >= _PART),
            parts=tuple(round(float(p), 3) for p in parts),
            camera=self._camera,
            repeats=tuple(self._first + 1 + int(k) for k in np.flatnonzero(repeated)),
            pattern=_pattern(repeated),
            where=tuple(bytes(row) for row in self._mostly()),
            drawn=bytes(self._drawn),
        )

    def _mostly(self) -> np.ndarray:
        """(rows, columns) uint8: of each block, the hold that makes up most of its time; 0 where there is none."""
        time = self._where * np.arange(1, LONGEST + 1)
        return np.where(time.sum(-1) > 0, time.argmax(-1) + 1, 0).astype(np.uint8)


def boxes_for(holds: Sequence[int]) -> tuple[int, ...]:
    """Averages that make these holds even: one whose zeros lie at each period."""
    boxes = []
    if any(h >= 4 for h in holds):
        boxes.append(4)
    elif 2 in holds:
        boxes.append(2)
    if 3 in holds or 6 in holds:
        boxes.append(3)
    return tuple(boxes)


def _repeated(peaks: np.ndarray, floors: np.ndarray) -> np.ndarray:
    """For each step, whether the frame after it repeats the one before: nothing changes by more than grain and compression do."""
    if not len(peaks):
        return np.zeros(0, bool)
    moving = peaks[peaks > floors]
    usual = float(np.percentile(moving, 75)) if len(moving) else 0.0
    around = np.max([np.roll(np.pad(peaks, _NEAR), k)[_NEAR : len(peaks) + _NEAR] for k in range(-_NEAR, _NEAR + 1)], axis=0)
    return np.asarray((peaks <= floors) | ((peaks <= min(_AS_USUAL * usual, _MOST_PEAK)) & (peaks <= _AS_USUAL * 2 * around)))


def _pattern(repeated: np.ndarray) -> tuple[int, ...]:
    """The rhythm of whole frames, turned so that the least number comes first; () where there is none."""
    new = np.flatnonzero(~repeated)
    if len(new) < 6 or not repeated.any():
        return ()
    runs = np.diff(new)
    for length in (1, 2, 4, 5):
        if len(runs) < 2 * length + 1:
            continue
        same = runs[length:] == runs[:-length]
        if same.mean() >= 0.9:
            cycle = runs[-length:] if same[-length:].all() else runs[:length]
            rhythm = min(tuple(int(v) for v in np.roll(cycle, -k)) for k in range(length))
            return rhythm if max(rhythm) > 1 else ()
    return ()
