"""The fake Resolve's timelines, and the clips in them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .fake_bridge import Bridge, UnknownCallError, World

if TYPE_CHECKING:
    from .fake_pool import MediaPoolItem
    from .fake_resolve import Project

PROPERTIES = {
    "Pan": 4.0, "Tilt": 4.0, "ZoomX": 100.0, "ZoomY": 100.0, "ZoomGang": None, "RotationAngle": 360.0, "AnchorPointX": 4.0, "AnchorPointY": 4.0,
    "Pitch": 1.5, "Yaw": 1.5, "FlipX": None, "FlipY": None, "CropLeft": None, "CropRight": None, "CropTop": None, "CropBottom": None,
    "CropSoftness": None, "CropRetain": None, "DynamicZoomEase": None, "CompositeMode": None, "Opacity": 100.0, "Distortion": 1.0,
    "RetimeProcess": None, "MotionEstimation": None, "Scaling": None, "ResizeFilter": None,
}  # fmt: skip
COLORS = {
    "Blue", "Cyan", "Green", "Yellow", "Red", "Pink", "Purple", "Fuchsia", "Rose", "Lavender", "Sky", "Mint", "Lemon", "Sand", "Cocoa", "Cream"
}  # fmt: skip


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
