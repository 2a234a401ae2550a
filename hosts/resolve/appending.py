"""The second way to a timeline, for when Resolve refuses the file: an empty one, and each clip placed on its frame.

Versions of Resolve disagree whether endFrame is the last frame or the one after it, so the first clip is placed, measured and, where
it came out one frame long, placed again. Speeds cannot be placed: what has one is left out and told.
"""

from __future__ import annotations

import os
from typing import Any

from .api import MediaPool, MediaPoolItem, Project, RefusedError, Timeline
from .plan import Item, Plan


def append(project: Project, pool: MediaPool, plan: Plan, name: str) -> tuple[Timeline, list[str]]:
    """The timeline, and what is missing in it, in sentences. Raises RefusedError where Resolve makes none."""
    items = {path: _import(pool, path) for path in sorted({item.media.path for item in plan.items})}
    timeline = pool.CreateEmptyTimeline(name)
    if timeline is None:
        raise RefusedError(f"Resolve makes no timeline named {name}; close any message it shows, and run the script again")
    project.SetCurrentTimeline(timeline)
    while timeline.GetTrackCount("video") < max(item.track for item in plan.items):
        if not timeline.AddTrack("video"):
            raise RefusedError("Resolve adds no second video track; add one by hand and place the clips from the report")
    lost = [
        f"ref frame {item.first}: {item.count} frames at {item.speed:g} times speed are left out, since speed cannot be scripted; bake the clip"
        for item in plan.items
        if item.speed != 1
    ]
    plain = [item for item in plan.items if item.speed == 1]
    _place(pool, timeline, items, plain)
    return timeline, lost


def _import(pool: MediaPool, path: str) -> MediaPoolItem:
    found = pool.ImportMedia([path])
    if not found:
        raise RefusedError(f"Resolve cannot read {os.path.basename(path)}; check that it opens in the media pool")
    return found[0]


def _place(pool: MediaPool, timeline: Timeline, items: dict[str, MediaPoolItem], wanted: list[Item]) -> None:
    begin = timeline.GetStartFrame()
    past = 1  # what endFrame means: 1 as if it were the frame after the last, 0 once it turns out to be the last
    for number, item in enumerate(wanted):
        placed = pool.AppendToTimeline([_info(items, item, begin, past)])
        if number == 0 and placed and placed[0].GetDuration() == item.count + 1:
            timeline.DeleteClips([placed[0]])
            past = 0
            pool.AppendToTimeline([_info(items, item, begin, past)])


def _info(items: dict[str, MediaPoolItem], item: Item, begin: int, past: int) -> dict[str, Any]:
    return {
        "mediaPoolItem": items[item.media.path],
        "startFrame": item.source,
        "endFrame": item.source + item.count - 1 + past,
        "recordFrame": begin + item.first,
        "trackIndex": item.track,
        "mediaType": 1,
    }
