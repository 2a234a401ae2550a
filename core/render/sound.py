"""The sound that belongs to what is rendered: one track as it is, or the other one's, retimed by pieces with its pictures.

Pictures are retimed frame by frame, and sound would stutter at every held or dropped frame. So pieces of the map that lie on one
straight line to within a frame make one stretch of sound; a cut, a jump or another speed begins a new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from ..alignment import Alignment, Piece, Verdict
from ..media.write import SoundEdit, SoundPiece, SoundSource
from ..stabbing import Band, reach, reach_at, room_at

_FASTEST = 64.0
_LEAST_S = Fraction(1, 10)
"""Shorter stretches are silent: they would be clicks."""


@dataclass(frozen=True)
class Stretch:
    """From start_s to stop_s the source plays from source_s on, at one speed; exact seconds after each first frame."""

    start_s: Fraction
    stop_s: Fraction
    source_s: Fraction
    speed: Fraction

    def turned(self) -> Stretch:
        """The same seen from the source's clock. The speed is not 0."""
        other = self.source_s + (self.stop_s - self.start_s) * self.speed
        if self.speed > 0:
            return Stretch(self.source_s, other, self.start_s, 1 / self.speed)
        return Stretch(other, self.source_s, self.stop_s, 1 / self.speed)

    def within(self, start_s: Fraction, stop_s: Fraction) -> Stretch | None:
        """The part between two moments, or None."""
        begin, end = max(self.start_s, start_s), min(self.stop_s, stop_s)
        return Stretch(begin, end, self.source_s + (begin - self.start_s) * self.speed, self.speed) if begin < end else None


def sound_of(alignment: Alignment, whose: str, timeline: str, first: int, end: int, path: str = "") -> SoundSource | None:
    """The sound for frames first .. end - 1 of a timeline; None where that file has none.

    whose, timeline  clip or ref
    path             the file to take it from, where it is not the aligned one
    """
    media = alignment.clip if whose == "clip" else alignment.ref
    frames = alignment.clip if timeline == "clip" else alignment.ref
    if not media.sound and not path:
        return None
    start_s, stop_s = frames.time_of(first), frames.time_of(end)
    if whose == timeline:
        if first == 0 and end == frames.frames:
            return SoundSource(path or media.path)
        return SoundSource(path or media.path, SoundEdit((SoundPiece(Fraction(0), stop_s - start_s, start_s),), stop_s - start_s))
    parts = stretches(alignment)
    if timeline == "clip":
        parts = without_overlap([part.turned() for part in parts])
    pieces = [_piece(part, start_s) for part in (each.within(start_s, stop_s) for each in parts) if part is not None]
    return SoundSource(path or media.path, SoundEdit(tuple(pieces), stop_s - start_s))


def _piece(part: Stretch, start_s: Fraction) -> SoundPiece:
    return SoundPiece(part.start_s - start_s, part.stop_s - part.start_s, part.source_s, part.speed)


def stretches(alignment: Alignment) -> list[Stretch]:
    """Where the clip's sound plays in the ref's time, in order: held frames are silent, so are parts too short to be sound."""
    out: list[Stretch] = []
    group: list[Piece] = []
    for run in alignment.runs:
        for piece in run.pieces if run.verdict is not Verdict.UNMATCHED else ():
            if group and piece.ref_first != group[-1].ref_first + group[-1].ref_count:
                out += _lines(group, alignment)
                group = []
            group.append(piece)
    out += _lines(group, alignment)
    return [part for part in out if part.stop_s - part.start_s >= _LEAST_S and part.speed]


def _lines(pieces: list[Piece], alignment: Alignment) -> list[Stretch]:
    """Pieces that follow one another, as the fewest straight stretches that stay within a frame of them."""
    out = []
    begin = 0
    band = _band(pieces, alignment) if len(pieces) > 1 else None
    while begin < len(pieces):
        end = begin + 1
        if band is not None and begin + 1 < len(pieces):
            reached, _ = reach(band, 2 * begin, len(band), _FASTEST)
            end = max(begin + 1, reached // 2)
        out.append(_line(pieces, begin, end, band, alignment))
        begin = end
    return out


def _band(pieces: list[Piece], alignment: Alignment) -> Band:
    """The middle of each piece's first and last ref frame, and the clip time there, to within a frame; float64 seconds."""
    clip, ref = alignment.clip, alignment.ref
    slack = float(max(1 / clip.rate, 1 / ref.rate))
    x, y = [], []
    for piece in pieces:
        begin_s = ref.time_of(piece.ref_first)
        for share in (Fraction(1, 4), Fraction(3, 4)):
            time_s = begin_s + (ref.time_of(piece.ref_first + piece.ref_count) - begin_s) * share
            x.append(float(time_s))
            y.append(float(piece.clip_start_s + (time_s - begin_s) * piece.speed))
    middle = np.array(y)
    return Band(np.array(x), middle - slack, middle + slack)


def _line(pieces: list[Piece], begin: int, end: int, band: Band | None, alignment: Alignment) -> Stretch:
    ref = alignment.ref
    first, last = pieces[begin], pieces[end - 1]
    start_s, stop_s = ref.time_of(first.ref_first), ref.time_of(last.ref_first + last.ref_count)
    longest = max(pieces[begin:end], key=lambda piece: piece.ref_count)
    if end - begin == 1 or band is None:
        return Stretch(start_s, stop_s, first.clip_start_s, first.speed)
    for speed in (Fraction(1), longest.speed):
        if reach_at(band, 2 * begin, 2 * end, float(speed)) == 2 * end:
            low, high = room_at(band, 2 * begin, 2 * end, float(speed))
            break
    else:
        _, corners = reach(band, 2 * begin, 2 * end, _FASTEST)
        slopes = [slope for _, slope in corners]
        speed = Fraction((min(slopes) + max(slopes)) / 2).limit_denominator(100_000)
        low, high = room_at(band, 2 * begin, 2 * end, float(speed))
    at_first = Fraction((low + high) / 2).limit_denominator(10**9)
    return Stretch(start_s, stop_s, at_first - (Fraction(float(band.x[2 * begin])) - start_s) * speed, speed)


def without_overlap(parts: list[Stretch]) -> list[Stretch]:
    """In order of time; where two claim one moment, the one that began first has it."""
    out: list[Stretch] = []
    for part in sorted(parts, key=lambda part: part.start_s):
        rest = part if not out else part.within(out[-1].stop_s, part.stop_s)
        if rest is not None:
            out.append(rest)
    return out
