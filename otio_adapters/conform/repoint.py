"""What one event of an edit plays, said in another version of its footage.

An event plays old frames in the middles of its record frames. Each of them has a new frame, by the alignment of the new
footage (clip) to the old (ref). Where one straight line of the alignment covers the event, the two lines are put
together: starts between frames and speeds stay exact. Elsewhere the fewest straight pieces that play those frames are found.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction

from ...core.alignment import Alignment, Matrix, Media, Piece
from ...core.pieces import fit

_CLEAR = Fraction(1, 100_000)
"""Of a frame: kept clear of where rounding would change it."""


@dataclass(frozen=True)
class Playing:
    """What an event plays of a file: a straight line."""

    count: int
    """Record frames."""
    rate: Fraction
    """Of the record."""
    start_s: Fraction
    """Time in the old file, after its first frame's start, when the event begins."""
    speed: Fraction
    """Seconds of file a second of record."""


@dataclass(frozen=True)
class Part:
    """Consecutive record frames of an event."""

    first: int
    count: int
    piece: Piece | None
    """In the new file, `ref_first` counting the event's record frames; None where the frames are not found, and stay as they were."""


@dataclass(frozen=True)
class Repointed:
    """An event in the new footage."""

    parts: tuple[Part, ...]
    continues: bool = True
    """Whether what a transition shows beyond the event's ends goes on in the new footage as in the old."""

    @property
    def missing(self) -> int:
        """How many record frames are not found."""
        return sum(part.count for part in self.parts if part.piece is None)


class Bridge:
    """From old footage to new: the alignment of the new (clip) to the old (ref), and its frames at hand."""

    def __init__(self, alignment: Alignment) -> None:
        self.old, self.new, self.runs = alignment.ref, alignment.clip, alignment.runs
        self.shown = alignment.clip_frames()

    @property
    def reframed(self) -> bool:
        """Whether the new picture, fitted to the old one's size, lies a pixel or more off somewhere: a crop, a squeeze, a turn."""
        return any(_strays(key.matrix, self.new, self.old) for run in self.runs for key in run.transform)


def repoint(event: Playing, bridge: Bridge, before: int = 0, after: int = 0) -> Repointed:
    """The event in the new footage.

    before, after   record frames that transitions show of it beyond its ends
    """
    new = bridge.new
    record = Media("", event.count, event.rate, 1, 1)
    wanted = _new_frames(event, bridge, 0, event.count)
    parts: list[Part] = []
    for found, group in itertools.groupby(range(event.count), key=lambda k: wanted[k] is not None):
        frames = list(group)
        first, count = frames[0], len(frames)
        if not found:
            parts.append(Part(first, count, None))
            continue
        pieces = _composed(event, bridge, wanted, first, count) or fit(
            [None if at is None else (at, at) for at in wanted[first : first + count]], first, new, record
        )
        parts += [Part(piece.ref_first, piece.ref_count, piece) for piece in pieces]
    beyond = ((parts[0], -before, before), (parts[-1], event.count, after))
    return Repointed(tuple(parts), all(_goes_on(event, bridge, part, first, count) for part, first, count in beyond if count))


def _new_frames(event: Playing, bridge: Bridge, first: int, count: int) -> list[int | None]:
    """The new frame for each of some record frames of the event, counted from its begin; None where there is none."""
    old, shown = bridge.old, bridge.shown
    begin, end = _within(event, old.duration_s, first, count)
    out: list[int | None] = [None] * (begin - first)
    for k in range(begin, end):
        time_s = event.start_s + (k + Fraction(1, 2)) / event.rate * event.speed
        at = old.frame_at(time_s)
        out.append(shown[at] if 0 <= at < old.frames and time_s < old.duration_s else None)
    return out + [None] * (first + count - end)


def _within(event: Playing, duration_s: Fraction, first: int, count: int) -> tuple[int, int]:
    """First and end of those record frames that may show old footage at all: an edit may name a day of which there are seconds."""
    step_s = event.speed / event.rate
    if step_s == 0:
        return first, first + count
    ends = sorted((time_s - event.start_s) / step_s for time_s in (Fraction(0), duration_s))
    begin = min(max(int(ends[0] // 1) - 1, first), first + count)
    return begin, max(begin, min(int(ends[1] // 1) + 2, first + count))


def _strays(m: Matrix, new: Media, old: Media) -> bool:
    """Whether a matrix takes a corner of the new picture a pixel or more from the same corner of the old."""
    for right, low in ((0, 0), (1, 0), (1, 1), (0, 1)):
        x, y = right * new.width - 0.5, low * new.height - 0.5
        w = m[6] * x + m[7] * y + m[8]
        wanted = right * old.width - 0.5, low * old.height - 0.5
        if w <= 0 or max(abs((m[0] * x + m[1] * y + m[2]) / w - wanted[0]), abs((m[3] * x + m[4] * y + m[5]) / w - wanted[1])) >= 1:
            return True
    return False


def _composed(event: Playing, bridge: Bridge, wanted: list[int | None], first: int, count: int) -> tuple[Piece, ...]:
    """The event's line and one of the alignment's put together; empty where that does not play what is wanted."""
    old, new = bridge.old, bridge.new
    begin_s = event.start_s + first / event.rate * event.speed
    at = old.frame_at(begin_s + event.speed / event.rate / 2)
    for run in bridge.runs:
        for piece in run.pieces:
            if not piece.ref_first <= at < piece.ref_first + piece.ref_count:
                continue
            start_s = piece.clip_start_s + (begin_s - old.time_of(piece.ref_first)) * piece.speed
            line = Piece(first, count, start_s, event.speed * piece.speed)
            return (line,) if _plays(line, new, event.rate, wanted) else ()
    return ()


def _plays(line: Piece, new: Media, rate: Fraction, wanted: list[int | None]) -> bool:
    """Whether a line plays what is wanted, clear of where rounding would change a frame."""
    for k in range(line.ref_count):
        time_s = line.clip_start_s + (k + Fraction(1, 2)) / rate * line.speed
        frame = wanted[line.ref_first + k]
        if frame is None or not new.time_of(frame) + _CLEAR / new.rate <= time_s <= new.time_of(frame + 1) - _CLEAR / new.rate:
            return False
    return True


def _goes_on(event: Playing, bridge: Bridge, part: Part, first: int, count: int) -> bool:
    """Whether a part's line plays, beyond the event's end, what the alignment wants there."""
    if part.piece is None:
        return True
    wanted = _new_frames(event, bridge, first, count)
    for k, frame in zip(range(first, first + count), wanted, strict=True):
        time_s = part.piece.clip_start_s + (k - part.first + Fraction(1, 2)) / event.rate * part.piece.speed
        if frame is None or bridge.new.frame_at(time_s) != frame:
            return False
    return True
