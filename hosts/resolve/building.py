"""Makes the new timeline: imports it, lays each picture where it belongs, sets markers. Nothing of the person's is touched.

What comes in lies in a bin of its own, "Genlock", and the timeline has a name that no other has; the bin that was current is
current again afterwards.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from . import appending, reading
from .api import MediaPool, Project, RefusedError, Timeline, TimelineItem
from .fusion_comp import TurnedAwayError, composition
from .placing import FIT, Size, properties
from .plan import Item, Plan

BIN = "Genlock"


@dataclass
class Built:
    """What stands in Resolve now."""

    timeline: Timeline
    name: str
    differences: list[str] = field(default_factory=list)
    """What is not as it should be, each in a sentence; empty where everything was read back as planned."""


def build(project: Project, plan: Plan, otio_path: str, say: Callable[[str], None]) -> Built:
    """Build the timeline and read it back. Raises RefusedError where there is none.

    otio_path   the file that Resolve imports: the plan's own
    """
    pool = project.GetMediaPool()
    name = free_name(project, plan.name)
    before = pool.GetCurrentFolder()
    into_bin(pool)
    try:
        built = _imported(project, pool, plan, otio_path, name, say)
    finally:
        pool.SetCurrentFolder(before)
    built.differences += reading.compare(built.timeline, plan)
    built.differences += _lay(project, built.timeline, plan, os.path.dirname(otio_path))
    built.differences += _mark(built.timeline, plan)
    return built


def free_name(project: Project, stem: str) -> str:
    """stem_genlock_v001, or the next number that no timeline of the project has. Resolve answers a used name with silence."""
    used: set[str] = set()
    for number in range(1, project.GetTimelineCount() + 1):
        timeline = project.GetTimelineByIndex(number)
        if timeline is not None:
            used.add(timeline.GetName().casefold())
    version = 1
    while f"{stem}_genlock_v{version:03d}".casefold() in used:
        version += 1
    return f"{stem}_genlock_v{version:03d}"


def into_bin(pool: MediaPool) -> None:
    """Make the bin Genlock the current one."""
    root = pool.GetRootFolder()
    found = next((folder for folder in root.GetSubFolderList() or [] if folder.GetName() == BIN), None) or pool.AddSubFolder(root, BIN)
    if found is not None:
        pool.SetCurrentFolder(found)


def _imported(project: Project, pool: MediaPool, plan: Plan, path: str, name: str, say: Callable[[str], None]) -> Built:
    if not os.path.isfile(path):
        raise RefusedError(f"{path} is no file, so Resolve cannot import it; align again")
    count = project.GetTimelineCount()
    timeline = pool.ImportTimelineFromFile(path, {"timelineName": name, "importSourceClips": True})
    if timeline is not None:
        return Built(timeline, timeline.GetName())
    if project.GetTimelineCount() != count:
        raise RefusedError(f"Resolve imported {os.path.basename(path)} and gives no hold of it; look at the newest timeline, or run the script again")
    say("Resolve refused the timeline file without a reason; the clips are placed one by one instead")
    timeline, lost = appending.append(project, pool, plan, name)
    return Built(timeline, name, lost)


def _lay(project: Project, timeline: Timeline, plan: Plan, folder: str) -> list[str]:
    """Put every picture where it belongs; what did not work, in sentences."""
    wh = timeline_size(project, timeline)
    problems: list[str] = []
    for track in (1, 2):
        placed = timeline.GetItemListInTrack("video", track) or [] if track <= timeline.GetTrackCount("video") else []
        if len(placed) != len(plan.on(track)):
            continue  # compare() has told so
        for number, (item, wanted) in enumerate(zip(placed, plan.on(track))):
            problem = _lay_one(item, wanted, plan, wh, os.path.join(folder, f"space_{number + 1:04d}.comp"))
            if problem:
                problems.append(f"clip {number + 1} of track {track} (ref frame {wanted.first}): {problem}")
    return problems


def _lay_one(item: TimelineItem, wanted: Item, plan: Plan, wh: Size, comp_path: str) -> str:
    if not wanted.keys:
        return _set(item, {"Scaling": FIT})
    if len({tuple(matrix) for _, matrix in wanted.keys}) == 1:
        still = properties(wanted.keys[0][1], plan.clip.wh, plan.ref.wh, wh, plan.clip.aspect, plan.ref.aspect)
        if still is not None:
            return _set(item, still)
    if plan.clip.aspect != 1 or plan.ref.aspect != 1:
        return "moves or leans, and its pixels are not square; bake it"
    try:
        text = composition(wanted.keys, plan.clip.wh, plan.ref.wh, wanted.first, wanted.count)
    except TurnedAwayError as error:
        return str(error)
    with open(comp_path, "w", encoding="utf-8") as file:
        file.write(text)
    before = item.GetFusionCompCount()
    item.ImportFusionComp(comp_path)
    if item.GetFusionCompCount() != before + 1:
        return f"Resolve did not take the Fusion composition {comp_path}; load it by hand, or bake it"
    return _set(item, {"Scaling": FIT})


def _set(item: TimelineItem, wanted: dict[str, Any]) -> str:
    """Set properties and read them back; what does not stand there, as a clause."""
    for key, value in wanted.items():
        item.SetProperty(key, value)
    wrong = []
    for key, value in wanted.items():
        got = item.GetProperty(key)
        if got is None or abs(float(got) - float(value)) > max(1e-3, 1e-5 * abs(float(value))):
            wrong.append(f"{key} is {got} and should be {round(float(value), 4)}")
    return f"{', '.join(wrong)}; set it in the inspector" if wrong else ""


def timeline_size(project: Project, timeline: Timeline) -> Size:
    """Width and height of the timeline's frame, in pixels."""
    for holder in (timeline, project):
        with suppress(TypeError, ValueError):
            return int(holder.GetSetting("timelineResolutionWidth")), int(holder.GetSetting("timelineResolutionHeight"))
    raise RefusedError("Resolve does not tell the size of the timeline, so pictures cannot be placed; bake the clip instead")


def _mark(timeline: Timeline, plan: Plan) -> list[str]:
    """A marker for each note, with our id in customData, which nobody sees. One that the import has brought gets the id alone.

    Returns what is not there when it is read back, in sentences.
    """
    there = {int(frame) for frame in timeline.GetMarkers() or {}}
    wanted = {note.frame: f"genlock:1:{note.frame}" for note in plan.notes}
    for note in plan.notes:
        if note.frame in there:
            timeline.UpdateMarkerCustomData(note.frame, wanted[note.frame])
        else:
            timeline.AddMarker(note.frame, note.color, note.title, note.text, 1, wanted[note.frame])
    found = {int(frame): marker.get("customData") for frame, marker in (timeline.GetMarkers() or {}).items()}
    lost = [frame for frame, ours in wanted.items() if found.get(frame) != ours]
    return [f"the markers at ref frames {', '.join(map(str, lost[:8]))} are missing; the report lists what to look at"] if lost else []
