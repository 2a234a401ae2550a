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

from typing import Any

from .fake_bridge import Bridge, UnknownCallError, World
from .fake_pool import Folder, MediaPool, MediaPoolItem
from .fake_timeline import PROPERTIES, Timeline, TimelineItem

__all__ = [
    "PROPERTIES", "Folder", "MediaPool", "MediaPoolItem", "Project", "ProjectManager", "Resolve", "Timeline", "TimelineItem", "UnknownCallError"
]  # fmt: skip


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
