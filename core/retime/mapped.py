"""An alignment as a plan: which moment of the clip each frame of the ref shows, between two of its frames too.

A frame of the ref shows what the clip shows when that frame begins. Where the clip goes on by whole frames from one ref frame to the next (one,
two, none), the frames of the map are shown as they are: where exactly in their time on screen the map lies says nothing there. Elsewhere (slow
motion, another rate) the moment lies between two frames, and a frame is made. None is asked for beyond the clip frames that the map shows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ..alignment import Alignment, Piece, Verdict, played
from .beats import Beats
from .plan import NOTHING, Moment

_SAME = Fraction(1, 500)


@dataclass(frozen=True)
class Line:
    """A piece of the map, ready to be asked."""

    piece: Piece
    whole: bool
    """The clip goes on by whole frames."""
    least: int
    most: int
    """Clip frames between which it stays."""


class Mapped:
    """Every ref frame, by its number."""

    def __init__(self, alignment: Alignment, beats: Beats) -> None:
        """beats  of the clip"""
        self.alignment, self.beats = alignment, beats
        self.count = alignment.ref.frames
        self.rate: Fraction | None = alignment.ref.rate if alignment.ref.pts is None else None
        self._lines = [line for run in alignment.runs if run.verdict is not Verdict.UNMATCHED for line in self._of_run(run.pieces)]
        self._begins = [line.piece.ref_first for line in self._lines]

    @property
    def time_base(self) -> Fraction:
        """In which every output time is a whole number."""
        return 1 / self.rate if self.rate is not None else self.alignment.ref.time_base

    def pts(self, number: int) -> int:
        """When ref frame `number` begins, in time_base; of `count`, when the last one ends."""
        return number if self.rate is not None else int(self.alignment.ref.time_of(number) / self.time_base)

    @property
    def length_s(self) -> Fraction:
        """From the first frame's begin to the last one's end."""
        return self.pts(self.count) * self.time_base

    def moments(self, first: int = 0, end: int | None = None) -> Iterator[Moment]:
        """Ref frames first … end - 1, in order."""
        return (self.moment(number) for number in range(first, self.count if end is None else end))

    def moment(self, number: int) -> Moment:
        """Ref frame `number`; its frame is NOTHING where the clip does not show it."""
        time_s = self.pts(number) * self.time_base
        n = bisect_right(self._begins, number) - 1
        line = self._lines[n] if n >= 0 else None
        if line is None or number >= line.piece.ref_first + line.piece.ref_count:
            return Moment(number, time_s, NOTHING, Fraction(0))
        if line.whole:
            return Moment(number, time_s, self._shown(line.piece, number), Fraction(0))
        at = min(max(self._place(line.piece, number), Fraction(line.least)), Fraction(line.most))
        return Moment(number, time_s, at.__floor__(), at - at.__floor__())

    def _of_run(self, pieces: tuple[Piece, ...]) -> Iterator[Line]:
        ends = [sorted((self._shown(piece, piece.ref_first), self._shown(piece, piece.ref_first + piece.ref_count - 1))) for piece in pieces]
        for n, piece in enumerate(pieces):
            least, most = ends[n]
            beside = [ends[k] for k in (n - 1, n + 1) if 0 <= k < len(pieces)]
            most += any(low == most + 1 for low, _ in beside)
            least -= any(high == least - 1 for _, high in beside)
            yield Line(piece, self._whole(piece), least, most)

    def _whole(self, piece: Piece) -> bool:
        """Whether no frame is lost or won within seconds by going on by whole frames: 24 and 23.976 differ by one in forty."""
        step = piece.speed * self.alignment.clip.rate / self.alignment.ref.rate
        varies = self.alignment.clip.pts is not None or self.alignment.ref.pts is not None
        return not piece.speed or (not varies and abs(step - round(step)) < _SAME)

    def _shown(self, piece: Piece, number: int) -> int:
        """The clip frame of the map."""
        start_s = self.alignment.ref.time_of(number)
        into_s = start_s - self.alignment.ref.time_of(piece.ref_first)
        one = Piece(number, 1, piece.clip_start_s + into_s * piece.speed, piece.speed)
        return next(shown for _, shown in played((one,), self.alignment.clip, self.alignment.ref))

    def _place(self, piece: Piece, number: int) -> Fraction:
        """In clip frames. Backwards, a frame is on screen before its begin is reached: there it counts from its end."""
        ref = self.alignment.ref
        time_s = piece.clip_start_s + (ref.time_of(number) - ref.time_of(piece.ref_first)) * piece.speed
        frame = self.beats.frame_at(time_s)
        begin_s = self.beats.time_s(frame)
        return frame + (time_s - begin_s) / (self.beats.time_s(frame + 1) - begin_s) - (piece.speed < 0)
