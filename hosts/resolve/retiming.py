"""One clip with even motion, without repeats, or at the timeline's rate: rendered beside its file, and brought into the bin Genlock.

It is carried as a Flow is: step() a few times a second, from a window's timer or a loop of lines.
"""

from __future__ import annotations

from typing import Any

from .. import jobs, launch, shelf
from .api import Project, RefusedError
from .building import into_bin
from .carrying import HOST, Telling, Worked, worker
from .flow import free_path

_MANNER = {"codec": "prores", "encoder": "software"}


class Retiming(Worked):
    """Call begin(), then step() until it answers True."""

    def __init__(self, project: Project, clip: str, settings: dict[str, Any], telling: Telling, home: str | None) -> None:
        """settings   of `genlock retime`, by name; without fps the timeline's rate"""
        super().__init__(project, telling, home)
        self._clip = clip
        self._settings = {**_MANNER, **settings}
        self._made = ""

    def begin(self) -> None:
        """Start the job. Raises JobError where genlock is missing, or of another version."""
        command = worker(self._home)
        rate = self.project.GetSetting("timelineFrameRate")
        if not self._settings.get("fps") and rate:
            self._settings["fps"] = str(rate).split()[0]
        self._made = free_path(self._clip, "retimed")
        request = jobs.Request("retime", {"footage": self._clip}, (self._made,), self._settings)
        self._running = launch.start(jobs.Job.create(shelf.new_folder(HOST, "retime"), request), command)

    def _follow(self) -> None:
        self._running = None
        self._bring(self._made)

    def _bring(self, path: str) -> None:
        pool = self.project.GetMediaPool()
        before = pool.GetCurrentFolder()
        into_bin(pool)
        try:
            found = pool.ImportMedia([path])
        finally:
            pool.SetCurrentFolder(before)
        if not found:
            raise RefusedError(f"Resolve does not take {path}; drag it into the media pool")
        self.telling.say(f"{path} is in the bin Genlock; your own clips are as they were")
