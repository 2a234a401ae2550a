"""One clip with even motion, without repeats, or at the timeline's rate: rendered beside its file, and brought into the bin Genlock.

It is carried as a Flow is: step() a few times a second, from a window's timer or a loop of lines.
"""

from __future__ import annotations

from typing import Any

from ... import __version__
from .. import jobs, launch, shelf
from .api import Project, RefusedError
from .building import Built, into_bin
from .flow import HOST, Telling, free_path

_MANNER = {"codec": "prores", "encoder": "software"}


class Retiming:
    """Call begin(), then step() until it answers True."""

    outlives = False

    def __init__(self, project: Project, clip: str, settings: dict[str, Any], telling: Telling, home: str | None) -> None:
        """settings   of `genlock retime`, by name; without fps the timeline's rate"""
        self.project = project
        self.telling = telling
        self.built: Built | None = None
        self.failed: str | None = None
        self.report = ""
        self.made = ""
        """The new file, once it is in the media pool."""
        self._clip, self._home = clip, home
        self._settings = {**_MANNER, **settings}
        self._running: launch.Running | None = None

    def begin(self) -> None:
        """Start the job. Raises JobError where genlock is missing, or of another version."""
        command = launch.find_genlock(self._home)
        launch.check_worker(command, __version__, HOST)
        rate = self.project.GetSetting("timelineFrameRate")
        if not self._settings.get("fps") and rate:
            self._settings["fps"] = str(rate).split()[0]
        request = jobs.Request("retime", {"footage": self._clip}, (free_path(self._clip, "retimed"),), self._settings)
        self._running = launch.start(jobs.Job.create(shelf.new_folder(HOST, "retime"), request), command)

    def step(self) -> bool:
        """Hear what is new; True once it is over. Raises nothing."""
        if self._running is None:
            return True
        try:
            for message in self._running.poll():
                self._hear(message)
        except (RefusedError, jobs.JobError, OSError) as error:
            self._fail(str(error))
        return self._running is None

    def stop(self) -> None:
        """The person does not want it any more."""
        if self._running is not None:
            self._running.stop()
            self._fail("stopped")

    def _hear(self, message: jobs.Message) -> None:
        if isinstance(message, jobs.Progress):
            self.telling.progress(message.done, message.what)
        elif isinstance(message, jobs.Note):
            self.telling.say(message.text)
        elif isinstance(message, jobs.Failed):
            self._fail(message.message)
        elif isinstance(message, jobs.Done):
            self._running = None
            self.telling.say(message.sentence)
            self._bring(message.outputs[0])

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
        self.made = path
        self.telling.say(f"{path} is in the bin Genlock; your own clips are as they were")

    def _fail(self, why: str) -> None:
        self.failed = why
        self._running = None
