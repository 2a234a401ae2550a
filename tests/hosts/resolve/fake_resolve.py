"""A DaVinci Resolve to test against: strict, with state, and with the manners of the real one as others have measured them.

It knows only calls that Blackmagic's README names. Any other attribute is there, as the bridge's are, and raises when it is called.

    silent None      a used timeline name; OTIO of another shape than Resolve's; a folder in place of a file
    offline          importSourceClips False; media that is gone; a source range outside of the media's timecode
    endFrame         the last frame, or the one after it, by version
    overlaps         dropped without a word, the earlier clip stays
    properties       clipped to their range without a word; ganged zooms move together
    modal            a Studio-only call on the free edition: False, and from then on every call answers None
    SaveProject      waits for a person on 'Untitled Project': here it raises
"""

from __future__ import annotations

import json
import os
from typing import Any

PROPERTIES = {
    "Pan": 4.0, "Tilt": 4.0, "ZoomX": 100.0, "ZoomY": 100.0, "ZoomGang": None, "RotationAngle": 360.0, "AnchorPointX": 4.0, "AnchorPointY": 4.0,
    "Pitch": 1.5, "Yaw": 1.5, "FlipX": None, "FlipY": None, "CropLeft": None, "CropRight": None, "CropTop": None, "CropBottom": None,
    "CropSoftness": None, "CropRetain": None, "DynamicZoomEase": None, "CompositeMode": None, "Opacity": 100.0, "Distortion": 1.0,
    "RetimeProcess": None, "MotionEstimation": None, "Scaling": None, "ResizeFilter": None,
}  # fmt: skip
COLORS = {
    "Blue", "Cyan", "Green", "Yellow", "Red", "Pink", "Purple", "Fuchsia", "Rose", "Lavender", "Sky", "Mint", "Lemon", "Sand", "Cocoa", "Cream"
}  # fmt: skip
STUDIO_ONLY = {"TranscribeAudio", "ClearTranscription", "CreateSubtitlesFromAudio", "CreateStereoClip", "ConvertTimelineToStereo", "UIManager"}
LATE = {("MediaPool", "GetSelectedClips"): (19, 1), ("Timeline", "GetSelectedClips"): (20, 2)}
"""When calls came, as far as is known."""


class UnknownCallError(AssertionError):
    """Something was called that Resolve does not have."""


class World:
    """What all objects share."""

    def __init__(self, product: str, version: tuple[int, int, int]) -> None:
        self.product = product
        self.version = version
        self.modal = ""

    @property
    def studio(self) -> bool:
        return "Studio" in self.product


class Bridge:
    """Attributes as the Python bridge has them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        world, kind = self._world, type(self).__name__
        if name in STUDIO_ONLY and not world.studio and (name != "UIManager" or world.version >= (19, 1)):
            return lambda *_: _raise_modal(world, name)
        if name not in type(self).__dict__ or world.version[:2] < LATE.get((kind, name), (0, 0)):
            return _fabricated(kind, name)
        call = object.__getattribute__(self, name)
        return (lambda *given: None if world.modal else call(*given)) if callable(call) else call

    def __dir__(self) -> list[str]:
        known = [name for name in type(self).__dict__ if not name.startswith("_")]
        return [name for name in known if self._world.version[:2] >= LATE.get((type(self).__name__, name), (0, 0))]


def _fabricated(kind: str, name: str) -> Any:
    def call(*given: Any) -> None:
        raise UnknownCallError(f"{kind} has no {name}")

    return call


def _raise_modal(world: World, name: str) -> bool:
    world.modal = f"{name} is a feature of DaVinci Resolve Studio"
    return False


class Resolve(Bridge):
    def __init__(self, product: str = "DaVinci Resolve Studio", version: tuple[int, int, int] = (20, 3, 2)) -> None:
        super().__init__(World(product, version))
        self._manager = ProjectManager(self._world)

    def GetProductName(self) -> str:
        return self._world.product

    def GetVersion(self) -> list[Any]:
        return [*self._world.version, 9, ""]

    def GetProjectManager(self) -> ProjectManager:
        return self._manager


class ProjectManager(Bridge):
    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._project: Project | None = Project(world, "Untitled Project")

    def GetCurrentProject(self) -> Project | None:
        return self._project

    def SaveProject(self) -> bool:
        if self._project is not None and self._project._name == "Untitled Project":
            raise UnknownCallError("SaveProject waits for a person to name an 'Untitled Project'")
        return True


class Project(Bridge):
    def __init__(self, world: World, name: str) -> None:
        super().__init__(world)
        self._name = name
        self._settings = {"timelineResolutionWidth": "1920", "timelineResolutionHeight": "1080", "timelineFrameRate": "24.0"}
        self._timelines: list[Timeline] = []
        self._current: Timeline | None = None
        self._pool = MediaPool(world, self)

    def GetName(self) -> str:
        return self._name

    def GetMediaPool(self) -> MediaPool:
        return self._pool

    def GetCurrentTimeline(self) -> Timeline | None:
        return self._current

    def SetCurrentTimeline(self, timeline: Timeline) -> bool:
        self._current = timeline
        return True

    def GetTimelineCount(self) -> int:
        return len(self._timelines)

    def GetTimelineByIndex(self, index: int) -> Timeline | None:
        return self._timelines[index - 1] if 1 <= index <= len(self._timelines) else None

    def GetSetting(self, name: str) -> str:
        return self._settings.get(name, "")

    def _add(self, timeline: Timeline) -> Timeline:
        self._timelines.append(timeline)
        self._current = timeline
        return timeline


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


class WrongShapeError(Exception):
    """OTIO that Resolve does not take."""


class Timeline(Bridge):
    def __init__(self, world: World, name: str, project: Project, start: int) -> None:
        super().__init__(world)
        self._name = name
        self._project = project
        self._start = start
        self._video: list[list[TimelineItem]] = []
        self._markers: dict[float, dict[str, Any]] = {}
        self._selected: list[TimelineItem] = []
        self._playhead: TimelineItem | None = None

    def GetName(self) -> str:
        return self._name

    def GetStartFrame(self) -> int:
        return self._start

    def GetTrackCount(self, kind: str) -> int:
        return len(self._video) if kind == "video" else 0

    def AddTrack(self, kind: str) -> bool:
        self._video.append([])
        return True

    def GetItemListInTrack(self, kind: str, index: int) -> list[TimelineItem]:
        return list(self._video[index - 1])

    def GetSelectedClips(self) -> list[TimelineItem]:
        return list(self._selected)

    def GetCurrentVideoItem(self) -> TimelineItem | None:
        return self._playhead

    def DeleteClips(self, items: list[TimelineItem]) -> bool:
        self._video = [[one for one in track if one not in items] for track in self._video]
        return True

    def GetSetting(self, name: str) -> str:
        return self._project.GetSetting(name)

    def AddMarker(self, frame: int, color: str, name: str, note: str, duration: int, data: str) -> bool:
        if color not in COLORS:
            raise UnknownCallError(f"no marker is {color}")
        if float(frame) in self._markers:
            return False
        self._markers[float(frame)] = {"color": color, "name": name, "note": note, "duration": float(duration), "customData": data}
        return True

    def GetMarkers(self) -> dict[float, dict[str, Any]]:
        return {frame: dict(marker) for frame, marker in self._markers.items()}

    def UpdateMarkerCustomData(self, frame: int, data: str) -> bool:
        self._markers[float(frame)]["customData"] = data
        return True


class TimelineItem(Bridge):
    def __init__(self, world: World, media: MediaPoolItem | None, start: int, count: int, source: int) -> None:
        super().__init__(world)
        self._media = media
        self._start = start
        self._count = count
        self._source = source
        self._speeds: list[float] = []
        self._properties: dict[str, Any] = {"ZoomX": 1.0, "ZoomY": 1.0, "Scaling": 0}
        self._comps: list[str] = []
        self._refuses_comps = False

    def GetName(self) -> str:
        return self._media._name if self._media else ""

    def GetStart(self) -> int:
        return self._start

    def GetDuration(self) -> int:
        return self._count

    def GetLeftOffset(self) -> int:
        return self._source

    def GetMediaPoolItem(self) -> MediaPoolItem | None:
        return self._media

    def SetProperty(self, key: str, value: Any) -> bool:
        if key not in PROPERTIES:
            raise UnknownCallError(f"no property is {key}")
        most, size = PROPERTIES[key], {"Pan": 1920, "Tilt": 1080}.get(key, 1)
        if most is not None:
            value = min(max(value, -most * size), most * size)
        self._properties[key] = round(value, 4) if isinstance(value, float) else value
        if key in ("ZoomX", "ZoomY") and self._properties.get("ZoomGang"):
            self._properties["ZoomX"] = self._properties["ZoomY"] = self._properties[key]
        return True

    def GetProperty(self, key: str) -> Any:
        return self._properties.get(key, 0)

    def GetFusionCompCount(self) -> int:
        return len(self._comps)

    def ImportFusionComp(self, path: str) -> Any:
        if self._refuses_comps or not os.path.isfile(path):
            return None
        with open(path, encoding="utf-8") as file:
            self._comps.append(file.read())
        return object()
