"""What a person says of a project without running it: make one, look how it stands, pick."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...core.errors import UsageError
from ...core.inpaint.project import PaintJob, Project, Selection, create_project, open_project
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
    """Keep what a person says of one keyframe: a picture that was painted, drop, redo, redo:SEED or clear; returns a sentence.

    what  of a picture: its seed, such as 3; where several batches have that one, SEED@DENOISE, such as 3@0.5; or its job's id
    Raises UsageError for a keyframe that is none, or a picture that was not painted.
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
    job = _painted(project, keyframe, what)
    from ...core.inpaint.steps.bench import sha256_of

    result = job.results[0]
    project.save_selection(keyframe, Selection("pick", job.job, result.name, sha256_of(result), note, job.seed))
    several = len({one.denoise for one in project.jobs(keyframe)}) > 1
    return f"Keyframe {keyframe}: seed {job.seed}{f', denoise {job.denoise:g}' if several else ''} is picked."


def _painted(project: Project, keyframe: int, what: str) -> PaintJob:
    """The job that a person means."""
    done = [job for job in project.jobs(keyframe) if job.state == "done"]
    meant = [job for job in done if what in (job.job, str(job.seed), f"{job.seed}@{job.denoise:g}")]
    if len(meant) == 1:
        return meant[0]
    if meant:
        words = " or ".join(f"{job.seed}@{job.denoise:g}" for job in meant)
        raise UsageError(f"keyframe {keyframe} has {len(meant)} pictures of seed {what}", f"write {words}")
    several = len({job.denoise for job in done}) > 1
    painted = ", ".join(f"{job.seed}@{job.denoise:g}" if several else str(job.seed) for job in done)
    raise UsageError(f"keyframe {keyframe} has no picture of seed {what}", f"painted are {painted}" if painted else "run the project first")


def _redo(project: Project, keyframe: int, what: str, note: str) -> str:
    seed = what.partition(":")[2]
    if seed and not seed.isdecimal():
        raise UsageError(f"the seed {seed!r} is no whole number", "write it as redo:7")
    project.save_selection(keyframe, Selection("redo", note=note, seed=int(seed) if seed else None))
    return f"Keyframe {keyframe} is painted with seed {project.selections()[keyframe].seed} at the next run."
