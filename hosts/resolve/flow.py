"""One alignment from Resolve, step by step: never waits, so a window's timer or a loop of lines can carry it alike.

    aligning -> (baking ->) building -> over

The jobs run in genlock's own process. If Resolve is closed meanwhile, they run on; the next start of the script finds them
(unfinished()) and goes on from there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from .. import jobs, launch, shelf
from . import plan as plans
from .api import Project
from .building import build
from .carrying import HOST, Going, Telling, Worked, worker

_WISH = "wish.json"
BAKING = {"sound": "none", "codec": "prores", "alpha": True}
"""How the clip is rendered where it is baked."""


@dataclass(frozen=True)
class Choice:
    """What a person wants."""

    clip: str
    ref: str
    settings: dict[str, str] = field(default_factory=dict)
    """Of the alignment, by name; what is left out has its default."""
    retimes: str = "cuts"
    """cuts: the clip itself, cut wherever its speed cannot be said; baked: new media, rendered by genlock, that plays and lies right."""


class Flow(Worked):
    """One alignment. Call begin(), then step() a few times a second until it answers True."""

    outlives = True

    def __init__(self, project: Project, choice: Choice, telling: Telling, home: str | None = None) -> None:
        super().__init__(project, telling, home)
        self.choice = choice
        self._command: Sequence[str] | None = None
        self._folder = ""
        self._baked = ""
        self._next: Callable[[], None] = self._after_align

    def begin(self) -> None:
        """Start the first job. Raises JobError where genlock is missing, or of another version."""
        self._command = worker(self._home)
        self._folder = shelf.new_folder(HOST, "align")
        outputs = tuple(os.path.join(self._folder, name) for name in ("aligned.otio", "aligned.json", "report.html"))
        shape = "resolve" if self.choice.retimes == "cuts" else "genlock"
        settings = {**self.choice.settings, "otio": shape}
        request = jobs.Request("align", {"clip": self.choice.clip, "ref": self.choice.ref}, outputs, settings)
        job = jobs.Job.create(self._folder, request)
        jobs.write_whole(os.path.join(self._folder, _WISH), json.dumps(asdict(self.choice)))
        self._running = launch.start(job, self._command)

    def take_up(self, running: launch.Running) -> None:
        """Go on with an alignment that an earlier start of the script has begun."""
        self._folder = running.job.folder
        self._running = running

    def _hear(self, message: jobs.Message) -> None:
        super()._hear(message)
        if isinstance(message, jobs.Failed):
            self.report = next((path for path in message.outputs if path.endswith(".html")), self.report)
            advice = "; or choose baked retimes" if message.code == "format" and self.choice.retimes == "cuts" else ""
            self._fail(message.message + advice)

    def _follow(self) -> None:
        self._next()

    def _after_align(self) -> None:
        self.report = os.path.join(self._folder, "report.html")
        otio = os.path.join(self._folder, "aligned.otio")
        if self.choice.retimes == "cuts":
            self._build(plans.read(otio), otio)
            return
        aligned = os.path.join(self._folder, "aligned.json")
        self._baked = free_path(self.choice.clip)
        request = jobs.Request("render", {"aligned": aligned}, (self._baked,), BAKING)
        job = jobs.Job.create(os.path.join(self._folder, "bake"), request)
        self.telling.say(f"the clip is rendered to {self._baked}")
        self._next = self._after_bake
        self._running = launch.start(job, self._command or launch.find_genlock(self._home))

    def _after_bake(self) -> None:
        whole = plans.baked(plans.read(os.path.join(self._folder, "aligned.otio")), self._baked)
        path = os.path.join(self._folder, "baked.otio")
        jobs.write_whole(path, plans.to_otio(whole))
        self._build(whole, path)

    def _build(self, plan: plans.Plan, otio: str) -> None:
        self._running = None
        self.telling.progress(1.0, "building the timeline")
        self.built = build(self.project, plan, otio, self.telling.say)


def free_path(clip: str, what: str = "genlock") -> str:
    """A name beside the clip that no file has: clip_genlock_v001.mov, or the next number."""
    folder, name = os.path.split(clip)
    stem = os.path.splitext(name)[0].split("%")[0].rstrip("._-") or "clip"
    version = 1
    while os.path.exists(os.path.join(folder, f"{stem}_{what}_v{version:03d}.mov")):
        version += 1
    return os.path.join(folder, f"{stem}_{what}_v{version:03d}.mov")


def unfinished() -> tuple[launch.Running, Choice] | None:
    """The newest alignment that was begun from here and still runs, with what was wanted of it."""
    for running in shelf.unfinished(HOST):
        wish = _wish(running.job.folder)
        if wish is not None and running.alive():
            return running, wish
    return None


def last_lines(flow: Going) -> list[str]:
    """What a person is told at the end."""
    lines = []
    if flow.failed is not None:
        lines.append(f"genlock: {flow.failed}")
    if flow.built is not None:
        lines.append(f"the timeline {flow.built.name} is made; your own timelines are as they were")
        lines += [f"differs: {text}" for text in flow.built.differences]
        if not flow.built.differences:
            lines.append("read back from Resolve: every clip begins, lasts and shows what it should")
    if flow.report and os.path.exists(flow.report):
        lines.append(f"report: {flow.report}")
    return lines


def _wish(folder: str) -> Choice | None:
    try:
        with open(os.path.join(folder, _WISH), encoding="utf-8") as file:
            body: dict[str, Any] = json.load(file)
        return Choice(**body)
    except (OSError, ValueError, TypeError):
        return None
