"""Which files of an archive hold a clip, and where: codes propose, kept pictures along a line in time dispose."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from ..errors import FormatError
from ..progress import Progress
from .framing import Framing, fitted, framing_of
from .line import Line, Moments, lines
from .places import Place, Timeline, join, place_of
from .prints import moments_of
from .query import Asked, View, in_windows, plainly
from .scan import near
from .store import Archive, Entry
from .vote import Seed, Where, seeds

PAIRS = 6
"""Pairs of pictures that a framing is fitted to."""
WORTH = 0.4
"""Mean correlation under which a place is not looked at further; chance reaches 0.25 with the best framing for it."""
EXPLAINED = 0.6
"""Share of the clip from which on nobody looks for crops."""


@dataclass(frozen=True)
class Found:
    """Where a clip was found."""

    places: tuple[Place, ...]
    """The surest first."""
    files: int
    """Pieces of footage that were asked."""
    archive_s: float
    """How long they are together."""
    times_s: dict[str, float] = field(default_factory=dict)
    """What took how long: loading, searching, confirming."""


class Shelf:
    """An archive's codes in memory, and its pictures as they are wanted. Raises as Archive does."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        codes = archive.entries()
        self.entries = codes.entries
        self.codes = {"whole": codes.whole, "middle": codes.middle}
        self.where = Where(np.concatenate([[0], np.cumsum([entry.count for entry in self.entries])]).astype(int), codes.uneven)
        self._opened: dict[int, Timeline | None] = {}

    def timeline(self, file: int) -> Timeline | None:
        """The moments of a file, by its position; None where it was dropped meanwhile."""
        if file not in self._opened:
            entry = self.entries[file]
            rest = self.archive.rest_of(entry.id)
            self._opened[file] = None if rest is None else self._timeline(entry, rest, int(self.where.starts[file]))
        return self._opened[file]

    def _timeline(self, entry: Entry, rest: bytes, start: int) -> Timeline:
        frames, at_ms, small = moments_of(rest, entry.count)
        if (np.diff(frames.astype(np.int64)) <= 0).any() or (np.diff(at_ms.astype(np.int64)) < 0).any():
            raise FormatError(f"the archive {self.archive.path} is damaged", "make it anew with genlock index FOLDER --rebuild")
        seen = self.codes["whole"][start : start + entry.count] != 0
        return Timeline(entry, frames, Moments(at_ms / 1000 + 0.5 / float(entry.rate), small, seen))


def find(view: View, archive: Archive, most: int = 20, progress: Progress = Progress()) -> Found:
    """Look a clip up. Raises as Archive does, and Cancelled."""
    began = time.perf_counter()
    shelf = Shelf(archive)
    times = {"load": time.perf_counter() - began, "search": 0.0, "confirm": 0.0}
    places: list[Place] = []
    for question, part in ((plainly, progress.part(0.0, 0.4)), (in_windows, progress.part(0.4, 0.6))):
        if shelf.entries and _explained(places, view) < EXPLAINED:
            places = join(places + _asked(view, shelf, question(view), places, part, times), view)
    places.sort(key=lambda place: (place.verdict != "sure", -place.evidence))
    told = {name: round(seconds, 3) for name, seconds in times.items()}
    return Found(tuple(places[:most]), len(shelf.entries), sum(entry.end_s for entry in shelf.entries), told)


def _asked(view: View, shelf: Shelf, questions: list[Asked], known: list[Place], progress: Progress, times: dict[str, float]) -> list[Place]:
    began = time.perf_counter()
    found = []
    for asked in questions:
        found.append((asked, near(shelf.codes[asked.among], asked.codes)))
        progress.check()
    worth = seeds(found, view, shelf.where)
    times["search"] += time.perf_counter() - began
    began = time.perf_counter()
    places: list[Place] = []
    for k, seed in enumerate(worth):
        progress.at(k / len(worth))
        if not any(_covers(place, seed, view, shelf) for place in known + places):
            places += _confirmed(view, shelf, seed, progress)
    times["confirm"] += time.perf_counter() - began
    return places


def _confirmed(view: View, shelf: Shelf, seed: Seed, progress: Progress) -> list[Place]:
    """What a seed leads to: the framing fitted, then a line through time, then the framing again."""
    timeline = shelf.timeline(seed.file)
    if timeline is None:
        return []
    moments, views = _pairs(seed)
    small = timeline.moments.small[moments]
    framing, likeness = fitted(view, framing_of(seed), small, views, progress.check)
    if likeness < WORTH:
        return []
    offset = float(np.median(timeline.moments.at_s[moments] - view.times_s[views]))
    around = float(view.times_s[views[0]])
    found = lines(view, framing, timeline.moments, offset, around)
    if found and likeness < 0.9:
        best = max(found, key=lambda line: line.moments)
        again = _refitted(view, framing, timeline, best, progress)
        if again is not None:
            framing = again
            found = lines(view, framing, timeline.moments, best.offset_s + around * (best.speed - 1), around)
    places = [place_of(seed.file, timeline, view, framing, line) for line in found]
    return [place for place in places if place is not None]


def _refitted(view: View, framing: Framing, timeline: Timeline, line: Line, progress: Progress) -> Framing | None:
    """The framing fitted to pairs along a line; None where there are none."""
    rows = np.unique(np.linspace(line.first, line.last, PAIRS).astype(int))
    rows = rows[timeline.moments.seen[rows]]
    if not len(rows):
        return None
    views = np.searchsorted(view.times_s, (timeline.moments.at_s[rows] - line.offset_s) / line.speed, side="right") - 1
    views = np.clip(views, 0, len(view.times_s) - 1)
    return fitted(view, framing, timeline.moments.small[rows], views, progress.check)[0]


def _pairs(seed: Seed) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest pairs of a seed, each view of the clip once."""
    _, first = np.unique(seed.views, return_index=True)
    chosen = np.sort(first)[:PAIRS]
    return seed.moments[chosen], seed.views[chosen]


def _covers(place: Place, seed: Seed, view: View, shelf: Shelf) -> bool:
    """Whether a place that is known already says what a seed says."""
    if place.file != seed.file or place.framing.mirrored != seed.mirrored:
        return False
    clip_s = float(view.times_s[seed.views[0]])
    file_s = float(shelf.where.at_s(np.array([seed.file]), seed.moments[:1])[0])
    return place.clip_from_s - 1 <= clip_s <= place.clip_to_s + 1 and abs(place.file_s(clip_s) - file_s) < 1.0


def _explained(places: list[Place], view: View) -> float:
    """Share of the clip that some place shows."""
    if not places:
        return 0.0
    shown = np.zeros(len(view.times_s), bool)
    for place in places:
        if place.verdict == "sure":
            shown |= (view.times_s >= place.clip_from_s) & (view.times_s <= place.clip_to_s)
    return float(shown.mean())
