"""Reads the new timeline back and compares it with the plan: Resolve drops and moves things without a word."""

from __future__ import annotations

import os
from fractions import Fraction

from .api import Timeline, TimelineItem
from .picking import as_pattern
from .plan import Item, Plan

_MOST = 5
"""Differences of one sort that are told one by one."""


def compare(timeline: Timeline, plan: Plan) -> list[str]:
    """What differs, in sentences; empty where all is as planned."""
    found = _rate(timeline, plan)
    for track in (1, 2):
        found += _track(timeline, plan, track)
    return found


def _rate(timeline: Timeline, plan: Plan) -> list[str]:
    said = timeline.GetSetting("timelineFrameRate")
    try:
        rate = float(str(said).split()[0])
    except (ValueError, IndexError):
        return []
    wanted = float(plan.ref.rate)
    if abs(rate - wanted) < 0.01:
        return []
    mend = "set the rate in the settings of a project without timelines, and run again"
    return [f"the timeline runs at {rate:g} frames a second and the ref at {wanted:g}; {mend}"]


def _track(timeline: Timeline, plan: Plan, track: int) -> list[str]:
    wanted = plan.on(track)
    placed = list(timeline.GetItemListInTrack("video", track) or []) if track <= timeline.GetTrackCount("video") else []
    if len(placed) != len(wanted):
        return [f"track {track} holds {len(placed)} clips and should hold {len(wanted)}; the cuts in the report say which are missing"]
    found = []
    for number, (item, plans) in enumerate(zip(placed, wanted)):
        said = _item(item, plans, timeline.GetStartFrame(), plan.ref.rate)
        if said:
            found.append(f"clip {number + 1} of track {track}: {'; '.join(said)}")
    if len(found) > _MOST:
        found = [*found[:_MOST], f"and {len(found) - _MOST} more clips of track {track}"]
    return found


def _item(item: TimelineItem, wanted: Item, begin: int, rate: Fraction) -> list[str]:
    """What is wrong with one clip. Where its source begins is asked only where it runs at the timeline's rate: else Resolve counts otherwise."""
    said = []
    if item.GetStart() - begin != wanted.first:
        said.append(f"begins at frame {item.GetStart() - begin} and should at {wanted.first}")
    if item.GetDuration() != wanted.count:
        said.append(f"lasts {item.GetDuration()} frames and should last {wanted.count}")
    if wanted.speed == 1 and wanted.media.rate == rate and item.GetLeftOffset() != wanted.source:
        said.append(f"begins with frame {item.GetLeftOffset()} of its media and should with {wanted.source}")
    media = item.GetMediaPoolItem()
    path = as_pattern(media.GetClipProperty("File Path") or "") if media is not None else ""
    if not path:
        said.append(f"is offline; relink it to {wanted.media.path}")
    elif os.path.normcase(os.path.normpath(path)) != os.path.normcase(os.path.normpath(wanted.media.path)):
        said.append(f"shows {path} and should show {wanted.media.path}")
    return said
