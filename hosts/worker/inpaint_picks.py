"""What a person says of a project without running it: make one, look how it stands, pick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.errors import UsageError
from ...core.inpaint.project import Project, Selection, create_project, open_project
from ...core.settings_inpaint import InpaintSettings
from .options import settings_of


def init(path: str, video: str, mask: str, given: Mapping[str, Any]) -> tuple[str, Project]:
    """Make a project; a sentence about it.

    given  settings of the job "inpaint", by name
    """
    project = create_project(path, video, mask, **settings_of(InpaintSettings, given).creation())
    return f"{project.root} is made; look at its genlock.toml, or run it: genlock inpaint run {path}", project


def status(path: str) -> dict[str, Any]:
    """How the project stands, as core tells it, with its films."""
    from ...core.inpaint.steps import STEPS, standing
    from .inpaint import films

    project = open_project(path)
    return {"project": str(project.root), "backend": project.config.inpaint.backend, **standing(project, STEPS), "films": films(project)}


def pick(path: str, keyframe: int, what: str, note: str = "") -> str:
    """Keep what a person says of one keyframe: a seed that was painted, drop, redo, redo:SEED or clear; returns a sentence.

    Raises UsageError for a keyframe that is none, or a seed that was not painted.
    """
    project = open_project(path)
    project.group_of(keyframe)
    if what == "clear":
        project.save_selection(keyframe, None)
        return f"Keyframe {keyframe} has no pick any more."
    if what == "drop":
        project.save_selection(keyframe, Selection("drop", note=note))
        return f"Keyframe {keyframe} is dropped: its frames are made from its neighbours."
    if what == "redo" or what.startswith("redo:"):
        return _redo(project, keyframe, what, note)
    job = next((job for job in project.jobs(keyframe) if str(job.seed) == what and job.state == "done"), None)
    if job is None:
        painted = [str(job.seed) for job in project.jobs(keyframe) if job.state == "done"]
        said = f"painted are {', '.join(painted)}" if painted else "run the project first"
        raise UsageError(f"keyframe {keyframe} has no picture of seed {what}", said)
    from ...core.inpaint.steps.bench import sha256_of

    result = job.results[0]
    project.save_selection(keyframe, Selection("pick", job.job, result.name, sha256_of(result), note, job.seed))
    return f"Keyframe {keyframe}: seed {job.seed} is picked."


def _redo(project: Project, keyframe: int, what: str, note: str) -> str:
    seed = what.partition(":")[2]
    if seed and not seed.isdecimal():
        raise UsageError(f"the seed {seed!r} is no whole number", "write it as redo:7")
    project.save_selection(keyframe, Selection("redo", note=note, seed=int(seed) if seed else None))
    return f"Keyframe {keyframe} is painted with seed {project.selections()[keyframe].seed} at the next run."
