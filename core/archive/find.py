"""Which files of an archive hold a clip, and where: codes propose, kept pictures along a line in time dispose."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from ..errors import FormatError
from ..progress import Progress
from .framing import Drawn, Framing, fitted, framing_of
from .line import USUAL, Line, Moments, lines
from .places import Place, Timeline, join, place_of
from .prints import moments_of
from .query import Asked, View, in_windows, plainly
from .scan import near
from .store import Archive, Entry
from .vote import PIECE_S, Seed, Where, seeds

PAIRS = 6
"""Pairs of pictures that a framing is fitted to."""
WORTH = 0.4
"""Mean correlation under which a place is not looked at further; chance reaches 0.25 with the best framing for it."""
GOOD = 0.88
"""Likeness of a line from which on the framing needs no fitting."""
TRIES = 4
"""Places of one file that are looked at for one piece of the clip: where nothing moves, every moment of a shot looks like every other."""
_SETTLING = 8
_STRIDES = (-2, 2, -1, 1, -4, 4, -7, 7)
"""Frames by which time is moved: under a camera that pans, the right place lies beyond worse ones."""
_AROUND = 6
"""Moments before and after a line that have a say in its framing: another shot, where the camera goes another way."""
_BETTER = 0.004
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
    tried: Counter[tuple[int, bool, int]] = Counter()
    for k, seed in enumerate(worth):
        progress.at(k / len(worth))
        stretch = seed.file, seed.mirrored, int(view.times_s[seed.views[0]] / PIECE_S)
        if tried[stretch] < TRIES and not any(_covers(place, seed, view, shelf) for place in known + places):
            tried[stretch] += 1
            places += _confirmed(view, shelf, seed, progress)
    times["confirm"] += time.perf_counter() - began
    return places


def _confirmed(view: View, shelf: Shelf, seed: Seed, progress: Progress) -> list[Place]:
    """What a seed leads to: a line through time under the framing that its codes say, and where that is not good enough, under one that is
    fitted. Fitting comes second: under a camera that pans, a picture a little aside makes up for a moment a little off."""
    timeline = shelf.timeline(seed.file)
    if timeline is None:
        return []
    moments, views = _pairs(seed)
    small = timeline.moments.small[moments]
    framing = framing_of(seed)
    offset = float(np.median(timeline.moments.at_s[moments] - view.times_s[views]))
    around = float(view.times_s[views[0]])
    found: list[Line] = []
    if framing.plain and float(Drawn(view, framing).alike(small, views).mean()) >= WORTH:
        found = lines(view, framing, timeline.moments, offset, around)
    if not found or max(found, key=lambda line: line.moments).likeness < GOOD:
        framing, likeness = fitted(view, framing, small, views, progress.check)
        if likeness < WORTH:
            return []
        found = lines(view, framing, timeline.moments, offset, around, USUAL)
        if found:
            best = max(found, key=lambda line: line.moments)
            framing, shifted = _settled(view, framing, timeline, best, progress)
            found = lines(view, framing, timeline.moments, best.offset_s + shifted + around * (best.speed - 1), around)
    places = [place_of(seed.file, timeline, view, framing, line) for line in found]
    return [place for place in places if place is not None]


def _settled(view: View, framing: Framing, timeline: Timeline, line: Line, progress: Progress) -> tuple[Framing, float]:
    """Framing and time moved together to where the pictures agree best: the framing, and seconds to add to the line's offset."""
    frame_s = float(np.median(np.diff(view.times_s))) if len(view.times_s) > 1 else 0.0
    best, likeness = _refitted(view, framing, timeline, line, 0.0, progress)
    shift = 0.0
    going = frame_s > 0
    for _ in range(_SETTLING):
        if not going:
            break
        going = False
        for frames in _STRIDES:
            d = frames * frame_s
            other, as_alike = _refitted(view, best, timeline, line, shift + d, progress)
            if as_alike > likeness + _BETTER:
                best, likeness, shift, going = other, as_alike, shift + d, True
                break
    return best, shift


def _refitted(view: View, framing: Framing, timeline: Timeline, line: Line, shift: float, progress: Progress) -> tuple[Framing, float]:
    """The framing fitted to pairs along a line that is shifted in time, and how alike they are; -1 where there are none."""
    last = len(timeline.moments.at_s) - 1
    rows = np.unique(np.linspace(max(0, line.first - _AROUND), min(last, line.last + _AROUND), 2 * PAIRS).astype(int))
    clip_s = (timeline.moments.at_s[rows] - line.offset_s - shift) / line.speed
    rows, clip_s = (x[timeline.moments.seen[rows] & (clip_s >= 0) & (clip_s < view.end_s)] for x in (rows, clip_s))
    if not len(rows):
        return framing, -1.0
    views = np.clip(np.searchsorted(view.times_s, clip_s, side="right") - 1, 0, len(view.times_s) - 1)
    return fitted(view, framing, timeline.moments.small[rows], views, progress.check)


def _pairs(seed: Seed) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest pairs of a seed, each view of the clip once."""
    _, first = np.unique(seed.views, return_index=True)
    chosen = np.sort(first)[:PAIRS]
    return seed.moments[chosen], seed.views[chosen]


def _covers(place: Place, seed: Seed, view: View, shelf: Shelf) -> bool:
    """Whether a place that is known already says what a seed says; one whose framing had to be fitted leaves the others their chance."""
    if place.likeness < GOOD or not place.framing.plain or place.file != seed.file or place.framing.mirrored != seed.mirrored:
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
