"""A place where a file holds the clip: from which frame to which, how alike, and what to think of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from .framing import Framing
from .line import Line, Moments
from .query import View
from .store import Entry

LEAST = 2
"""Moments that have to look alike. One moment is enough where the clip has no more."""
SURE_MOMENTS = 4
LIKELY = 0.65
SURE = 0.75
"""Mean correlation. Places of other footage, each with the framing that suits it best, stay under 0.3; true ones rarely fall under 0.8."""
STILL_S = 0.5
"""Looseness from which on a place shows what hardly moves, and may be another take of it."""
NEWS = 1.5
_CUT = 12.0
"""Grey levels between two views at a cut, on average."""
_JOIN_S = 2.5
_AGREE_S = 0.35


@dataclass(frozen=True)
class Timeline:
    """What an archive knows of a file's moments."""

    entry: Entry
    frames: np.ndarray
    """(N,) uint32"""
    moments: Moments

    def frame_at(self, at_s: float) -> int:
        """The frame on screen at a time, 0 to the last."""
        known_s = self.moments.at_s - 0.5 / float(self.entry.rate)
        k = int(np.clip(np.searchsorted(known_s, at_s, side="right") - 1, 0, len(known_s) - 1))
        rate = float(self.entry.rate)
        if k + 1 < len(known_s) and known_s[k + 1] > known_s[k]:
            rate = float(self.frames[k + 1] - self.frames[k]) / float(known_s[k + 1] - known_s[k])
        frame = int(self.frames[k]) + int(np.floor((at_s - known_s[k]) * rate + 0.02))
        return int(np.clip(frame, 0, max(0, self.entry.frames - 1)))


@dataclass(frozen=True)
class Place:
    """One stretch of one file that shows one stretch of the clip."""

    file: int
    """Position in the archive."""
    entry: Entry
    framing: Framing
    offset_s: float
    speed: float
    """File seconds = offset_s + speed * clip seconds."""
    clip_from_s: float
    clip_to_s: float
    first_frame: int
    last_frame: int
    """Of the file, both included."""
    likeness: float
    moments: int
    news: float
    loose_s: float

    def file_s(self, clip_s: float) -> float:
        """The file's time for a time of the clip."""
        return self.offset_s + self.speed * clip_s

    @property
    def evidence(self) -> float:
        """More is better: moments that look alike, by how alike they look."""
        return self.moments * self.likeness

    @property
    def verdict(self) -> str:
        """sure, or likely: short, less alike, or nothing in it moves, so that it may be another take."""
        return "sure" if self.moments >= SURE_MOMENTS and self.likeness >= SURE and self.moves else "likely"

    @property
    def moves(self) -> bool:
        """Whether enough changes in the picture for the time to be known."""
        return self.news >= NEWS or self.loose_s < STILL_S


def place_of(file: int, timeline: Timeline, view: View, framing: Framing, line: Line) -> Place | None:
    """The place of a line; None where it says too little."""
    fewest = min(LEAST, max(1, int(view.end_s * line.speed * 2)))
    if line.moments < fewest or line.likeness < (LIKELY if line.moments >= LEAST else 0.9):
        return None
    begin, end = _begin(timeline, view, line), _end(timeline, view, line)
    if end <= begin:
        return None
    half = 0.5 / float(timeline.entry.rate)
    return Place(
        file, timeline.entry, framing, line.offset_s, line.speed, begin, end,
        timeline.frame_at(line.offset_s + line.speed * begin + half), timeline.frame_at(line.offset_s + line.speed * end - half),
        line.likeness, line.moments, line.news, line.loose_s,
    )


def _begin(timeline: Timeline, view: View, line: Line) -> float:
    """Where in the clip a line begins: at its start, at the file's, or at a cut between the moment that looks alike and the one before."""
    at_s = timeline.moments.at_s
    after = line.clip_s(float(at_s[line.first]))
    before = line.clip_s(float(at_s[line.first - 1])) if line.first else line.clip_s(0.0)
    if before <= 0:
        return 0.0
    return before if not line.first else _cut(view, before, after)


def _end(timeline: Timeline, view: View, line: Line) -> float:
    at_s = timeline.moments.at_s
    before = line.clip_s(float(at_s[line.last]))
    whole = line.last + 1 == len(at_s)
    after = line.clip_s(max(timeline.entry.end_s, float(at_s[-1]))) if whole else line.clip_s(float(at_s[line.last + 1]))
    if after >= view.end_s:
        return view.end_s
    return after if whole else _cut(view, before, after)


def _cut(view: View, from_s: float, to_s: float) -> float:
    """The clip's sharpest change between two times; the middle where there is no cut."""
    mine = np.flatnonzero((view.times_s > from_s) & (view.times_s <= to_s))
    mine = mine[mine > 0]
    if not len(mine):
        return (from_s + to_s) / 2
    change = np.abs(view.pictures[mine].astype(np.int16) - view.pictures[mine - 1]).mean((1, 2))
    k = int(change.argmax())
    return float(view.times_s[mine[k]]) if change[k] >= _CUT else (from_s + to_s) / 2


def join(places: list[Place], view: View) -> list[Place]:
    """Places that go on along one line as one, and of those that claim the same stretch of the clip in one file, those that are as alike
    as the best."""
    out: list[Place] = []
    for place in sorted(places, key=lambda p: (p.file, p.framing.mirrored, p.clip_from_s)):
        k = next((k for k, other in enumerate(out) if _goes_on(other, place)), None)
        if k is None:
            out.append(place)
        else:
            out[k] = _joined(out[k], place)
    return [place for place in out if not any(_beats(other, place) for other in out if other is not place)]


def _goes_on(a: Place, b: Place) -> bool:
    if a.file != b.file or a.framing.mirrored != b.framing.mirrored:
        return False
    if b.clip_from_s > a.clip_to_s + _JOIN_S or a.clip_from_s > b.clip_to_s + _JOIN_S:
        return False
    loose = _AGREE_S + (a.loose_s + b.loose_s) / 2
    at = sorted((a.clip_from_s, a.clip_to_s, b.clip_from_s, b.clip_to_s))[1:3]
    return all(abs(a.file_s(t) - b.file_s(t)) <= loose for t in at)


def _joined(a: Place, b: Place) -> Place:
    """One place of two; what says more says where."""
    lead = a if a.evidence >= b.evidence else b
    if _overlap(a, b) > 0.8:
        return lead
    new = max(0.0, min(1.0, 1 - _overlap(a, b)))
    other = b if lead is a else a
    count = lead.moments + round(new * other.moments)
    return replace(
        lead,
        clip_from_s=min(a.clip_from_s, b.clip_from_s), clip_to_s=max(a.clip_to_s, b.clip_to_s),
        first_frame=min(a.first_frame, b.first_frame), last_frame=max(a.last_frame, b.last_frame),
        likeness=(lead.likeness * lead.moments + other.likeness * (count - lead.moments)) / count,
        moments=count, news=lead.news + new * other.news, loose_s=min(a.loose_s, b.loose_s),
    )


def _overlap(a: Place, b: Place) -> float:
    """Share of the shorter one's clip time that the other claims too."""
    both = min(a.clip_to_s, b.clip_to_s) - max(a.clip_from_s, b.clip_from_s)
    return max(0.0, both) / max(1e-6, min(a.clip_to_s - a.clip_from_s, b.clip_to_s - b.clip_from_s))


def _beats(a: Place, b: Place) -> bool:
    """Whether b claims what a claims better: the same stretch of the clip elsewhere in the same file."""
    if a.file != b.file or _overlap(a, b) < 0.5:
        return False
    if not b.moves and a.evidence >= b.evidence:
        return True
    return (a.likeness > b.likeness + 0.05 and a.moments >= b.moments) or a.evidence > 1.3 * b.evidence
