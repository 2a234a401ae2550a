"""Something taken out of a clip, or changed: the film comes into the bin Genlock, and lies over the clip in a new timeline.

It is carried as a Flow is: step() a few times a second, from a window's timer or a loop of lines.
"""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from typing import Any

from .. import jobs, launch, shelf
from ..aligned import Media
from ..publishing.placing import stem
from . import plan as plans
from .api import Project, RefusedError
from .building import build
from .carrying import HOST, Telling, Worked, worker
from .picking import Footage, Pair

FILM = "final.mov"
_MATTE = ("matte", "mask")
"""What a matte's name has in it."""


def shot_and_matte(picked: Pair) -> tuple[Footage, Footage]:
    """Of two that are picked, (the shot, its matte): the matte is the one named so, else the upper one."""
    named = [any(word in os.path.basename(one.path).lower() for word in _MATTE) for one in (picked.clip, picked.ref)]
    return (picked.clip, picked.ref) if named == [False, True] else (picked.ref, picked.clip)


class Inpainting(Worked):
    """Call begin(), then step() until it answers True."""

    def __init__(self, project: Project, clip: str, matte: str, settings: dict[str, Any], telling: Telling, home: str | None) -> None:
        """settings   of a new inpainting project, by name"""
        super().__init__(project, telling, home)
        self._clip, self._matte = clip, matte
        self._settings = {**settings, "film": FILM}
        self._folder = ""
        self.root = os.path.join(os.path.dirname(clip), f"{stem(clip)}-inpaint")
        """The project's folder: beside the clip."""

    def begin(self) -> None:
        """Start the job. Raises JobError where genlock is missing, or of another version."""
        command = worker(self._home)
        rate = self.project.GetSetting("timelineFrameRate")
        if "%" in os.path.basename(self._clip) and rate:
            self._settings["rate"] = str(rate).split()[0]
        self._folder = shelf.new_folder(HOST, "inpaint")
        inputs = {"project": self.root, "video": self._clip, "mask": self._matte}
        self._running = launch.start(jobs.Job.create(self._folder, jobs.Request("inpaint", inputs, (), self._settings)), command)

    def _follow(self) -> None:
        self._running = None
        figures = (jobs.Job(self._folder).result() or {})["figures"]
        if not figures["films"]:
            raise RefusedError(f"{self.root} holds no film yet; run the script again")
        plan = _plan(self._clip, figures)
        path = os.path.join(self._folder, "inpainted.otio")
        jobs.write_whole(path, plans.to_otio(plan))
        self.telling.progress(1.0, "building the timeline")
        self.built = build(self.project, plan, path, self.telling.say)
        report = os.path.join(self.root, "out", "report.html")
        self.report = report if os.path.exists(report) else ""
        self.telling.say(f"to pick painted pictures and correct masks: genlock review {self.root}; then run the script again")


def _plan(clip: str, figures: dict[str, Any]) -> plans.Plan:
    """The clip on track 1, the film above it on the frames that were worked on."""
    shot, times = figures["shot"], figures["times"]
    plate = Media(clip, shot["frames"], Fraction(shot["rate"]), tuple(shot["size"]), start_frame=shot["start_frame"], sound=shot["sound"])
    wh = (plate.wh[0] * times, plate.wh[1] * times)
    film = replace(plate, path=figures["films"][0], frames=figures["frames"], wh=wh, start_frame=shot["film_start_frame"])
    items = plans.Item(1, 0, plate.frames, plate), plans.Item(2, figures["first"], film.frames, film)
    return plans.Plan(f"{stem(clip)}_inpainted", film, plate, items, start=plate.start_frame, sound=plate.sound)
