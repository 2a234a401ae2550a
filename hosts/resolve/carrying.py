"""What a window's timer, or a loop of lines, carries to its end: step by step, without ever waiting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ... import __version__
from .. import jobs, launch
from .api import Project, RefusedError
from .building import Built

HOST = "resolve"


@dataclass
class Telling:
    """How work reaches the person."""

    say: Callable[[str], None]
    """A line."""
    progress: Callable[[float, str], None]
    """0 to 1, and a few words."""


class Going(Protocol):
    """Something that has begun. Call step() a few times a second until it answers True."""

    built: Built | None
    failed: str | None
    """Why it ended without what was wanted."""
    report: str
    """Path of the report, once there is one."""
    outlives: bool
    """Whether it goes on when the window is closed, and is found again."""

    def step(self) -> bool: ...
    def stop(self) -> None: ...


class Worked:
    """One or more of genlock's jobs, one after another: a Going."""

    outlives = False

    def __init__(self, project: Project, telling: Telling, home: str | None) -> None:
        """home   the folder of this adapter, with its worker.json"""
        self.project = project
        self.telling = telling
        self.built: Built | None = None
        self.failed: str | None = None
        self.report = ""
        self._home = home
        self._running: launch.Running | None = None

    def step(self) -> bool:
        """Hear what the job says and do what follows; True once all is over. Raises nothing that a person can mend."""
        if self._running is None:
            return True
        try:
            for message in self._running.poll():
                self._hear(message)
            if self._running is not None and self._running.over:
                self._follow()
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
        elif isinstance(message, jobs.Done):
            self.telling.say(message.sentence)
        elif isinstance(message, jobs.Failed):
            self._fail(message.message)

    def _follow(self) -> None:
        """The job is done: start the next one, or take self._running away."""
        raise NotImplementedError

    def _fail(self, why: str) -> None:
        self.failed = why
        self._running = None


def worker(home: str | None) -> list[str]:
    """How genlock is called here; takes a second. Raises JobError where it is missing, or of another version."""
    command = launch.find_genlock(home)
    launch.check_worker(command, __version__, HOST)
    return command
