"""The fake Resolve's media pool: bins, and the ways by which a timeline comes in."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from .fake_bridge import Bridge, UnknownCallError, World
from .fake_timeline import Timeline, TimelineItem

if TYPE_CHECKING:
    from .fake_resolve import Project


class WrongShapeError(Exception):
    """OTIO that Resolve does not take."""


class Folder(Bridge):
    def __init__(self, world: World, name: str) -> None:
        super().__init__(world)
        self._name = name
        self._clips: list[MediaPoolItem] = []
        self._folders: list[Folder] = []

    def GetName(self) -> str:
        return self._name

    def GetClipList(self) -> list[MediaPoolItem]:
        return list(self._clips)

    def GetSubFolderList(self) -> list[Folder]:
        return list(self._folders)


class MediaPoolItem(Bridge):
    def __init__(self, world: World, path: str, frames: int = 100, name: str = "") -> None:
        super().__init__(world)
        self._path = path
        self._frames = frames
        self._name = name or os.path.basename(path)

    def GetName(self) -> str:
        return self._name

    def GetUniqueId(self) -> str:
        return str(id(self))

    def GetClipProperty(self, name: str) -> Any:
        return {"File Path": self._path, "Frames": str(self._frames), "Type": "Video"}.get(name, "")


class MediaPool(Bridge):
    def __init__(self, world: World, project: Project) -> None:
        super().__init__(world)
        self._project = project
        self._root = Folder(world, "Master")
        self._folder = self._root
        self._selected: list[MediaPoolItem] = []
        self._refuses_files = False
        """As a damaged database, or whatever else it may be: no file is imported."""

    def GetRootFolder(self) -> Folder:
        return self._root

    def GetCurrentFolder(self) -> Folder:
        return self._folder

    def SetCurrentFolder(self, folder: Folder) -> bool:
        self._folder = folder
        return True

    def AddSubFolder(self, folder: Folder, name: str) -> Folder | None:
        if any(one._name == name for one in folder._folders):
            return None
        folder._folders.append(Folder(self._world, name))
        return folder._folders[-1]

    def GetSelectedClips(self) -> list[MediaPoolItem]:
        return list(self._selected)

    def ImportMedia(self, paths: list[str]) -> list[MediaPoolItem] | None:
        found = [self._take(path) for path in paths if os.path.exists(path)]
        return found or None

    def CreateEmptyTimeline(self, name: str) -> Timeline | None:
        if any(one._name == name for one in self._project._timelines):
            return None
        return self._project._add(Timeline(self._world, name, self._project, start=86400))

    def ImportTimelineFromFile(self, path: str, options: dict[str, Any]) -> Timeline | None:
        strange = set(options) - {"timelineName", "importSourceClips", "sourceClipsPath", "sourceClipsFolders", "interlaceProcessing"}
        if strange:
            raise UnknownCallError(f"importOptions know no {strange}")
        name = options["timelineName"]
        if self._refuses_files or os.path.isdir(path) or any(one._name == name for one in self._project._timelines):
            return None
        try:
            with open(path, encoding="utf-8") as file:
                body = json.load(file)
            timeline = Timeline(self._world, name, self._project, int(body["global_start_time"]["value"]))
            for track in body["tracks"]["children"]:
                self._lay(timeline, track, options.get("importSourceClips", True))
        except (OSError, ValueError, KeyError, TypeError, WrongShapeError):
            return None
        return self._project._add(timeline)

    def AppendToTimeline(self, infos: list[dict[str, Any]]) -> list[TimelineItem] | None:
        timeline = self._project._current
        known = {"mediaPoolItem", "startFrame", "endFrame", "recordFrame", "trackIndex", "mediaType"}
        placed = []
        for info in infos:
            if timeline is None or set(info) - known:
                return None
            inclusive = self._world.version < (21, 0)
            count = info["endFrame"] - info["startFrame"] + (1 if inclusive else 0)
            track = timeline._video[info["trackIndex"] - 1]
            item = TimelineItem(self._world, info["mediaPoolItem"], info["recordFrame"], count, info["startFrame"])
            if count > 0 and not any(one._start < item._start + count and one._start + one._count > item._start for one in track):
                track.append(item)
                track.sort(key=lambda one: one._start)
                placed.append(item)
        return placed

    def _take(self, path: str) -> MediaPoolItem:
        for one in self._folder._clips:
            if one._path == path:
                return one
        self._folder._clips.append(MediaPoolItem(self._world, path))
        return self._folder._clips[-1]

    def _lay(self, timeline: Timeline, track: dict[str, Any], with_clips: bool) -> None:
        if not track["name"].startswith(f"{track['kind']} "):
            raise WrongShapeError("tracks are named Video 1, Audio 1")
        if track["kind"] != "Video":
            return
        at, items = timeline._start, []
        for child in track["children"]:
            count = child["source_range"]["duration"]["value"]
            if child["OTIO_SCHEMA"] == "Clip.2":
                items.append(self._item(child, at, count, with_clips))
            elif child["OTIO_SCHEMA"] != "Gap.1":
                raise WrongShapeError(child["OTIO_SCHEMA"])
            at += int(count)
        timeline._video.append(items)

    def _item(self, child: dict[str, Any], at: int, count: float, with_clips: bool) -> TimelineItem:
        reference = child["media_references"][child.get("active_media_reference_key", "DEFAULT_MEDIA")]
        available, path, first = reference["available_range"], reference["target_url"], child["source_range"]["start_time"]["value"]
        if count != int(count) or first != int(first) or path.startswith("file:"):
            raise WrongShapeError("whole frames and bare paths")
        begin = available["start_time"]["value"]
        inside = begin <= first < begin + available["duration"]["value"]
        media = self._take(path) if with_clips and inside and os.path.exists(path) else None
        item = TimelineItem(self._world, media, at, int(count), int(first - begin))
        item._speeds = [effect["time_scalar"] for effect in child.get("effects", [])]
        return item
