"""What is to stand in the new timeline: read from the OTIO that `genlock align --otio resolve` wrote, as plain JSON.

The same file is what Resolve imports; here it is the list that is compared with what Resolve made of it, and the source of
transforms and markers. For baked media, whose frames already play and lie right, baked() makes the list and to_otio() the file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..aligned import Media, NotAligned, Run, from_json
from .api import RefusedError
from .fusion_comp import Key


@dataclass(frozen=True)
class Item:
    """One clip in a track of the timeline."""

    track: int
    """Of the video tracks, from 1: the ref lies on 1, the clip on 2."""
    first: int
    """Ref frame at which it begins."""
    count: int
    """Ref frames that it lasts."""
    media: Media
    source: int = 0
    """Its first frame, counted from the media's first one."""
    speed: float = 1.0
    """Times the media's own; other than 1, Resolve counts the source in another way."""
    keys: tuple[Key, ...] = ()
    """Where its picture lies; empty: as it fits."""
    run: int = -1
    """Which run of the alignment it is of; -1: the ref itself, or baked media."""


@dataclass(frozen=True)
class Note:
    """A place for a person to look at."""

    frame: int
    title: str
    text: str
    color: str


@dataclass(frozen=True)
class Plan:
    """The whole timeline."""

    name: str
    clip: Media
    ref: Media
    items: tuple[Item, ...]
    notes: tuple[Note, ...] = ()
    start: int = 0
    """Number of its first frame, by its timecode."""
    sound: bool = False
    """Whether the ref's sound comes along."""

    def on(self, track: int) -> list[Item]:
        """The items of a track in order."""
        return [item for item in self.items if item.track == track]


def read(path: str) -> Plan:
    """The plan in an .otio of genlock's, Resolve-shaped. Raises RefusedError."""
    try:
        with open(path, encoding="utf-8") as file:
            body = json.load(file)
        about = body["metadata"]["genlock"]
        found = from_json(json.loads(about["alignment"]))
        tracks = [track for track in body["tracks"]["children"] if track["kind"] == "Video"]
        clip, ref = _begun(tracks[1], found.clip), _begun(tracks[0], found.ref)
        items = [*_items(tracks[0], 1, ref, found.runs), *_items(tracks[1], 2, clip, found.runs)]
        start = body.get("global_start_time")
        begin = int(start["value"]) if start else ref.start_frame
        return Plan(str(body["name"]), clip, ref, tuple(items), tuple(_notes(found.runs)), begin, ref.sound)
    except (OSError, ValueError, KeyError, TypeError, IndexError, NotAligned) as error:
        raise RefusedError(f"{path} is not what genlock writes for Resolve ({type(error).__name__}: {error}); align again") from error


def baked(plan: Plan, path: str) -> Plan:
    """The same timeline with media in which the clip's frames already play and lie as the ref wants them."""
    return replace(plan, items=(*plan.on(1), Item(2, 0, plan.ref.frames, replace(plan.ref, path=path))))


def to_otio(plan: Plan) -> str:
    """The plan as OTIO in the shape that Resolve imports: bare paths, media timecode frames, one clip a cut, gaps between."""
    rate = float(plan.ref.rate)
    tracks = []
    for number in sorted({item.track for item in plan.items}):
        children: list[dict[str, Any]] = []
        at = 0
        for item in plan.on(number):
            if item.first > at:
                children.append({"OTIO_SCHEMA": "Gap.1", "source_range": _range(0, item.first - at, rate, rate)})
            children.append(_clip(item, rate))
            at = item.first + item.count
        tracks.append({"OTIO_SCHEMA": "Track.1", "name": f"Video {number}", "kind": "Video", "children": children})
    if plan.sound:
        heard = [_clip(item, rate) for item in plan.on(1)]
        tracks.append({"OTIO_SCHEMA": "Track.1", "name": "Audio 1", "kind": "Audio", "children": heard})
    start = {"OTIO_SCHEMA": "RationalTime.1", "value": plan.start, "rate": rate}
    stack = {"OTIO_SCHEMA": "Stack.1", "name": "tracks", "children": tracks}
    return json.dumps({"OTIO_SCHEMA": "Timeline.1", "name": plan.name, "global_start_time": start, "tracks": stack}, indent=1)


def _begun(track: dict[str, Any], media: Media) -> Media:
    """With the first frame's number, which a clip's available_range tells."""
    for child in track["children"]:
        reference = _reference(child)
        if reference:
            return replace(media, start_frame=round(reference["available_range"]["start_time"]["value"]))
    return media


def _reference(child: dict[str, Any]) -> dict[str, Any] | None:
    references = child.get("media_references") or {}
    found = references.get(child.get("active_media_reference_key") or "DEFAULT_MEDIA") or child.get("media_reference")
    return found if isinstance(found, dict) else None


def _items(track: dict[str, Any], number: int, media: Media, runs: Sequence[Run]) -> list[Item]:
    items = []
    at = 0
    for child in track["children"]:
        span = child["source_range"]
        count = round(span["duration"]["value"])
        if _reference(child):
            speed = next((float(effect["time_scalar"]) for effect in child.get("effects", []) if "time_scalar" in effect), 1.0)
            run = int(((child.get("metadata") or {}).get("genlock") or {}).get("run", -1))
            keys = runs[run].keys if run >= 0 else ()
            source = round(span["start_time"]["value"]) - media.start_frame
            items.append(Item(number, at, count, media, source, speed, keys, run))
        at += count
    return items


def _notes(runs: Sequence[Run]) -> list[Note]:
    """The runs that a person should look at."""
    notes = []
    for run in runs:
        first, said = run.ref_first, "; ".join(run.notes)
        if run.verdict == "unmatched":
            last = first + run.ref_count - 1
            notes.append(Note(first, "genlock: unmatched", said or f"nothing of the clip shows ref frames {first} to {last}", "Red"))
        elif run.verdict == "ambiguous":
            notes.append(Note(first, "genlock: ambiguous", said or "other frames of the clip look the same", "Yellow"))
        elif said:
            notes.append(Note(first, "genlock", said, "Cyan"))
    return notes


def _clip(item: Item, rate: float) -> dict[str, Any]:
    media = item.media
    available = _range(media.start_frame, media.frames, float(media.rate), float(media.rate))
    reference = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": media.path, "available_range": available}
    body: dict[str, Any] = {
        "OTIO_SCHEMA": "Clip.2",
        "name": os.path.basename(media.path),
        "source_range": _range(media.start_frame + item.source, item.count, float(media.rate), rate),
        "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA",
        "effects": [],
    }
    if item.speed != 1:
        body["effects"].append({"OTIO_SCHEMA": "LinearTimeWarp.1", "effect_name": "LinearTimeWarp", "time_scalar": item.speed})
    return body


def _range(first: int, count: int, first_rate: float, count_rate: float) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": {"OTIO_SCHEMA": "RationalTime.1", "value": first, "rate": first_rate},
        "duration": {"OTIO_SCHEMA": "RationalTime.1", "value": count, "rate": count_rate},
    }
