"""Runs a project's steps in order: what is there already, made from the same, is left as it is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...errors import Cancelled, GenlockError, UsageError
from ...progress import Progress
from ..project import Project
from ..project.atomic import sweep
from ..project.inputs import refresh_inputs
from .bench import Bench
from .state import State
from .step import Step, key_of
from .tools import Given, Tools

_MADE = ("prepared", "frames", "masks", "keys", "fill", "jobs", "comp", "upscaled", "checks", "out", "state")
"""Folders that only a run writes to."""


@dataclass(frozen=True)
class Plan:
    """What of a project is run."""

    begin: str = ""
    """This step and all after it are made anew, whatever stands."""
    only: str = ""
    """This step alone."""


@dataclass
class Ran:
    """How a run went."""

    ran: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def run_project(
    project: Project,
    steps: Sequence[Step],
    tools: Tools = Given(),
    plan: Plan = Plan(),
    progress: Progress = Progress(),
    note: Callable[[str], None] = lambda text: None,
    version: str = "",
) -> Ran:
    """Run what has to be run.

    Killed at any point, a later run ends with the same files, bit for bit. Raises UsageError for a step that is not one, or --only of a
    step whose input is not there; GenlockError where another run holds the project; what the steps raise; Cancelled.
    """
    _check(plan, steps)
    with project.locked():
        for folder in _MADE:
            sweep(project.path(folder))
        run = _Run(project, steps, tools, plan, progress, note, version)
        run.log("run", "began", version=version, begin=plan.begin, only=plan.only)
        for text in refresh_inputs(project.root, project.config):
            note(text)
        try:
            run.all()
        except BaseException as error:
            run.log("run", "stopped" if isinstance(error, Cancelled | KeyboardInterrupt) else "failed", error=str(error))
            raise
        run.log("run", "ended")
        return run.ran


def _check(plan: Plan, steps: Sequence[Step]) -> None:
    names = [step.name for step in steps]
    if plan.begin and plan.only:
        raise UsageError("both a first step and an only step are asked for", "leave out --from or --only")
    for name in (plan.begin, plan.only):
        if name and name not in names:
            raise UsageError(f"{name!r} is no step", f"steps are {', '.join(names)}")


class _Run:
    """One run over all steps."""

    def __init__(
        self, project: Project, steps: Sequence[Step], tools: Tools, plan: Plan, progress: Progress, note: Callable[[str], None], version: str
    ) -> None:
        self.project, self.tools, self.plan, self.progress, self.version = project, tools, plan, progress, version
        self.steps = [step for step in steps if step.wanted(project)]
        self._note = note
        self.state = State(project)
        self.ran = Ran()

    def all(self) -> None:
        names = [step.name for step in self.steps]
        asked = self.plan.begin or self.plan.only
        if asked and asked not in names:
            raise UsageError(f"this project has no step {asked}", f"its steps are {', '.join(names)}")
        self._force(self.steps[names.index(asked) :] if asked else [])
        whole = sum(step.share for step in self.steps)
        at = 0.0
        for step in self.steps:
            part = self.progress.part(at / whole, step.share / whole)
            at += step.share
            if self.plan.only and step.name != self.plan.only:
                continue
            self.one(step, part)
        self.progress.at(1.0, "done")

    def _force(self, steps: list[Step]) -> None:
        """What is to be made anew counts as never made, before anything runs: so a run that is killed on the way does not forget it."""
        if self.plan.only:
            self._check_needs(steps[0])
        for step in steps[:1] if self.plan.only else steps:
            self.state.forget(step.name)

    def one(self, step: Step, progress: Progress) -> None:
        progress.at(0.0, step.title)
        self._check_needs(step)
        key = key_of(step, self.project, self._outputs(step))
        if self.state.stands(step.name, key):
            self.state.settle(step.name)
            self.ran.skipped.append(step.name)
            return
        self.state.begin(step.name)
        began = time.monotonic()
        self.log(step.name, "began", key=key)
        bench = Bench(self.project, step.name, key, _titled(progress, step.title), self._tell, self.tools)
        step.run(bench)
        self.state.end(bench, time.monotonic() - began, self.version)
        self.log(step.name, "ended", seconds=round(time.monotonic() - began, 2), files=len(bench.made))
        self.ran.ran.append(step.name)

    def _outputs(self, step: Step) -> dict[str, str]:
        """Digests of the steps that this project has; one that it has no more says nothing."""
        wanted = {other.name for other in self.steps}
        return {name: output for name, output in self.state.outputs().items() if name in wanted}

    def _check_needs(self, step: Step) -> None:
        wanted = {other.name for other in self.steps}
        missing = [name for name in step.needs if name in wanted and name not in self.state.done]
        if missing:
            raise UsageError(f"the step {step.name} needs {', '.join(missing)}, which is not done", "run the project without --only")

    def _tell(self, text: str) -> None:
        self.ran.notes.append(text)
        self._note(text)

    def log(self, step: str, event: str, **more: Any) -> None:
        """A line in log/run.jsonl."""
        path = self.project.path("log", "run.jsonl")
        body = {"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "step": step, "event": event, **more}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "a", encoding="utf-8", errors="replace") as file:
                file.write(json.dumps(body) + "\n")
        except OSError as error:
            raise GenlockError(f"{path} cannot be written: {error.strerror}", "check the project's folder") from error


def _titled(progress: Progress, title: str) -> Progress:
    """Progress whose words begin with the step's."""
    return Progress(lambda done, what: progress.tell(done, what or title), progress.wanted, progress.start, progress.share)
