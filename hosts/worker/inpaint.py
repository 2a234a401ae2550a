"""The job "inpaint": runs an inpainting project, as far as it is not done; makes the project first where it is not there yet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from ... import __version__
from ...core.errors import UsageError
from ...core.settings_inpaint import InpaintSettings
from .desk import Answer, Desk
from .options import settings_of

if TYPE_CHECKING:
    from ...core.inpaint.project import Project
    from ...core.inpaint.steps import Ran

_ROLES = ("project", "video", "mask")


def work(desk: Desk) -> Answer:
    """Run a project. Its files stand in its own folder; the job has no outputs of its own.

    Raises UsageError for a wrong request or genlock.toml, MediaError, PaintError, OutputError, Cancelled.
    """
    settings = settings_of(InpaintSettings, desk.request.settings)
    project = _project(desk, settings)
    desk.steady.add([project.video])
    from ...core.inpaint.steps import STEPS, Plan, run_project
    from .inpaint_tools import tools_of

    plan = Plan(settings.begin, settings.only)
    ran = run_project(project, STEPS, tools_of(project, settings.trust, settings.mask_model), plan, desk.progress, desk.note, __version__)
    return Answer(_sentence(project, ran), _lines(project), _figures(project, ran))


def _project(desk: Desk, settings: InpaintSettings) -> Project:
    """The project that is there; or a new one, where the request names a shot."""
    inputs = desk.request.inputs
    strange = [role for role in inputs if role not in _ROLES]
    if strange or "project" not in inputs:
        what = f"inpaint knows no input {strange[0]!r}" if strange else "the request names no project"
        raise UsageError(what, f'"inputs" of inpaint are {", ".join(_ROLES)}; a project that is there needs no other')
    if desk.request.outputs:
        raise UsageError("inpaint writes into its project, and an output is named beside it", "leave the output out")
    from ...core.inpaint.project import create_project, open_project
    from ...core.inpaint.project.config import NAME

    root = inputs["project"]
    if "video" in inputs and not os.path.exists(os.path.join(root, NAME)):
        return create_project(root, inputs["video"], inputs.get("mask", ""), **settings.creation())
    project = open_project(root)
    if "video" in inputs and os.path.realpath(inputs["video"]) != os.path.realpath(project.video):
        raise UsageError(f"{root} is a project for {project.video}, not for {inputs['video']}", "name another folder")
    return project


def films(project: Project) -> list[str]:
    """What stands in out/, the answer first; a sequence by its pattern."""
    folder = project.path("out")
    found = [path for path in sorted(folder.glob("*")) if not path.name.startswith(".")] if folder.is_dir() else []
    found.sort(key=lambda path: not path.name.startswith("final"))
    return [str(path / f"{path.name}.%06d{_suffix(path)}") if path.is_dir() else str(path) for path in found]


def _suffix(folder: Path) -> str:
    return next((path.suffix for path in folder.iterdir()), "")


def _sentence(project: Project, ran: Ran) -> str:
    groups = [group for group in project.groups() if group.why != "empty"] if project.path("keys", "keyframes.json").exists() else []
    keys = f"{len(groups)} keyframe{'' if len(groups) == 1 else 's'}"
    if not ran.ran:
        return f"Everything in {project.root} is done already: {keys}."
    done = f"{', '.join(ran.ran)} done"
    frames = len(project.span)
    return f"{project.root}: {done}; {keys} over {frames} frame{'' if frames == 1 else 's'}."


def _lines(project: Project) -> tuple[str, ...]:
    return tuple(f"made: {path}" for path in films(project))


def _figures(project: Project, ran: Ran) -> dict[str, object]:
    return {
        "project": str(project.root), "ran": ran.ran, "skipped": ran.skipped, "notes": ran.notes, "films": films(project),
        "first": project.span.start, "frames": len(project.span), "times": project.config.upscale.times,
        "masks": str(project.path("masks", "%06d.png")), "shot": _shot(project),
    }  # fmt: skip


def _shot(project: Project) -> dict[str, object]:
    """What a timeline of shot and film is built from."""
    info, span = project.info, project.span
    told = {"frames": info.frames, "rate": str(info.rate), "size": [info.width, info.height], "sound": bool(info.sounds)}
    return {**told, "start_frame": info.start_frame, "film_start_frame": info.start_frame + span.start if info.timecode else 0}
