"""Which two pieces of footage a person means: two that are selected, or what lies on two tracks at the playhead.

The ref is what stays, the clip what is moved. Of a timeline, the lower track is the ref. Of a selection in the media pool the second
one is, since Resolve keeps no order there that a person could see: the answer always says which was taken as which.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .api import MediaPoolItem, Project, RefusedError, Timeline, TimelineItem, offers

_BURST = re.compile(r"\[(\d+)-(\d+)\]")


@dataclass(frozen=True)
class Footage:
    """A clip of the media pool that is footage."""

    name: str
    path: str
    """As genlock takes it: an image sequence is name.%04d.exr."""


@dataclass(frozen=True)
class Pair:
    """The two, and where they were found."""

    clip: Footage
    ref: Footage
    where: str

    def swapped(self) -> Pair:
        """The other way round."""
        return Pair(self.ref, self.clip, self.where)


def pair(project: Project) -> Pair:
    """The pair that is picked. Raises RefusedError with how to pick one."""
    for found in (_selected_in_pool, _selected_in_timeline, _on_two_tracks):
        picked = found(project)
        if picked is not None:
            return picked
    raise RefusedError(
        "no two clips are picked; select two in the media pool, or lay them on two video tracks with the playhead over both, "
        "and run the script again"
    )


def single(project: Project) -> Footage:
    """The one clip that is picked: selected in the media pool, or at the playhead. Raises RefusedError."""
    pool, timeline = project.GetMediaPool(), project.GetCurrentTimeline()
    chosen: list[MediaPoolItem | None] = list(pool.GetSelectedClips() or []) if offers(pool, "GetSelectedClips") else []
    item = timeline.GetCurrentVideoItem() if timeline is not None else None
    found = [footage_of(one) for one in chosen or ([item.GetMediaPoolItem()] if item is not None else [])]
    footage = [one for one in found if one is not None]
    if len(footage) != 1:
        raise RefusedError("no single clip is picked; select one in the media pool, or put the playhead over it, and run the script again")
    return footage[0]


def listed(project: Project) -> list[Footage]:
    """Everything in the current bin that can be aligned, for a person to choose from."""
    found = (footage_of(item) for item in project.GetMediaPool().GetCurrentFolder().GetClipList() or [])
    return [footage for footage in found if footage is not None]


def footage_of(item: MediaPoolItem | None) -> Footage | None:
    """None for what has no file: a title, a timeline, a compound clip."""
    if item is None:
        return None
    path = item.GetClipProperty("File Path") or ""
    return Footage(item.GetName(), as_pattern(path)) if path else None


def as_pattern(path: str) -> str:
    """Resolve's name of an image sequence, shot.[1001-1040].exr, as a pattern, shot.%04d.exr."""
    folder, name = os.path.split(path)
    found = list(_BURST.finditer(name))
    if not found:
        return path
    number = found[-1]
    return os.path.join(folder, f"{name[: number.start()]}%0{len(number.group(1))}d{name[number.end() :]}")


def _selected_in_pool(project: Project) -> Pair | None:
    pool = project.GetMediaPool()
    if not offers(pool, "GetSelectedClips"):
        return None
    return _two([footage_of(item) for item in pool.GetSelectedClips() or []], "selected in the media pool")


def _selected_in_timeline(project: Project) -> Pair | None:
    timeline = project.GetCurrentTimeline()
    if timeline is None or not offers(timeline, "GetSelectedClips"):
        return None
    items = sorted(timeline.GetSelectedClips() or [], key=lambda item: -_track_of(timeline, item))
    return _two([footage_of(item.GetMediaPoolItem()) for item in items], "selected in the timeline, the ref on the lower track")


def _on_two_tracks(project: Project) -> Pair | None:
    """The items under the topmost one at the playhead, two tracks of them."""
    timeline = project.GetCurrentTimeline()
    top: Any = timeline.GetCurrentVideoItem() if timeline is not None else None
    if timeline is None or top is None:
        return None
    first, end = top.GetStart(), top.GetStart() + top.GetDuration()
    found = []
    for track in range(timeline.GetTrackCount("video"), 0, -1):
        there = timeline.GetItemListInTrack("video", track) or []
        over = [item for item in there if item.GetStart() < end and item.GetStart() + item.GetDuration() > first]
        found += [footage_of(item.GetMediaPoolItem()) for item in over[:1]]
    return _two(found, "on two tracks at the playhead, the ref on the lower one")


def _track_of(timeline: Timeline, wanted: TimelineItem) -> int:
    for track, item in _all(timeline):
        if item is wanted or (item.GetStart() == wanted.GetStart() and item.GetName() == wanted.GetName()):
            return track
    return 0


def _all(timeline: Timeline) -> Iterator[tuple[int, TimelineItem]]:
    for track in range(1, timeline.GetTrackCount("video") + 1):
        for item in timeline.GetItemListInTrack("video", track) or []:
            yield track, item


def _two(found: list[Footage | None], where: str) -> Pair | None:
    """Two different files among some; the sound of a clip counts once."""
    different = list({footage.path: footage for footage in found if footage is not None}.values())
    return Pair(different[0], different[1], where) if len(different) == 2 else None
