"""One publish from Resolve: pyblish runs here, the worker outside, and the new timeline is built from what was published.

It is carried as a Flow is: step() a few times a second, from a window's timer or a loop of lines.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any

from .. import jobs
from ..publishing import aside
from ..publishing.aside import Aside, Order
from . import plan as plans
from .api import Project
from .building import Built, build
from .carrying import HOST, Telling, worker
from .flow import BAKING, Choice

FOLDER = "published"
"""Beside the ref's file, where nobody names another folder."""


_PATIENCE_S = 3.0


class Publishing:
    """Call begin(), then step() until it answers True."""

    outlives = False

    def __init__(
        self, project: Project, choice: Choice, telling: Telling, home: str | None, folder: str, only_check: bool = False, repair: bool = False
    ) -> None:
        self.project = project
        self.choice = choice
        self.telling = telling
        self.built: Built | None = None
        self.failed: str | None = None
        self.report = ""
        baked = choice.retimes == "baked"
        pair: dict[str, Any] = {
            "clip": choice.clip, "ref": choice.ref, "settings": {**choice.settings, "otio": "genlock" if baked else "resolve"}, "suffixes": [".otio"],
            "render": ".mov" if baked else "", "render_settings": BAKING if baked else {}, "folder": "" if only_check and not folder else folder,
        }  # fmt: skip
        self._aside = Aside(Order(HOST, pair, lambda: worker(home), repair, only_check), self._integrate)

    def begin(self) -> None:
        """Start; returns at once."""
        self._aside.start()

    def step(self) -> bool:
        """Hear what is new, and build the timeline once all is there; True once it is over. Raises nothing."""
        if not self._aside.poll():
            self.telling.progress(self._aside.done, self._aside.what)
            return False
        lines = aside.lines(self._aside.rows)
        for _, text in lines:
            self.telling.say(text)
        if self._aside.failed:
            known = any(state == "failed" for state, _ in lines)
            self.failed = "what stands against it is told above" if known else self._aside.failed
        for folder in self._aside.folders:
            self.telling.say(f"published: {folder}")
        if not self._aside.failed and not self._aside.folders:
            self.telling.say("nothing stands against aligning and publishing them")
        return True

    def stop(self) -> None:
        """The person does not want it any more. step() tells how it ended."""
        self._aside.stop(_PATIENCE_S)

    def _integrate(self, data: dict[str, Any]) -> None:
        """Build from a copy, since compositions are written beside it and a published version stays as it is. Raises RefusedError."""
        files = data["files"]
        self.report = files[".html"]
        room = tempfile.mkdtemp(prefix="genlock-resolve-")
        path = os.path.join(room, os.path.basename(files[".otio"]))
        plan = plans.read(files[".otio"])
        if "render" in files:
            plan = plans.baked(plan, files["render"])
            jobs.write_whole(path, plans.to_otio(plan))
        else:
            shutil.copyfile(files[".otio"], path)
        self.built = build(self.project, plan, path, self.telling.say)
        if not self.built.differences:  # else a person may be told to load a composition from there
            shutil.rmtree(room, ignore_errors=True)


def default_folder(ref: str) -> str:
    """Where a pair is published if nobody says otherwise."""
    return os.path.join(os.path.dirname(ref), FOLDER)
