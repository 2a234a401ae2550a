"""Measures how the change's colours differ from the original's, frame by frame: checks/enhance.json. They are corrected as the film is made."""

from __future__ import annotations

from typing import Any

from ..enhance import Match, steadied
from ..finish import picture_of
from ..project import Project
from .bench import Bench
from .step import Step

FOUND = "checks/enhance.json"


def _wanted(project: Project) -> bool:
    return project.config.enhance.match > 0


def _given(project: Project) -> Any:
    return [project.config.input.space]


def _run(bench: Bench) -> None:
    project = bench.project
    frames = project.frames()
    look = project.look
    found = {}
    for number in project.span:
        bench.progress.at((number - project.span.start) / len(project.span), "measuring colours")
        match = Match.of(look.seen(frames[number]), look.seen(picture_of(project, number)), project.mask(number) > 0)
        if match is not None:
            found[number] = match
    bench.save_json(FOUND, {str(number): match.to_json() for number, match in steadied(found, project.facts["cuts"]).items()})


STEP = Step("enhance", "measuring colours", ("extract", "mask", "composite", "check"), _run, given=_given, wanted=_wanted, share=0.5)
