"""Pictures of a project by what they show. Names are looked up in what the project lists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from ...core.inpaint.crop import back
from ...core.inpaint.project import Group, PaintJob, Project
from ...core.inpaint.project.pictures import load_rgb
from .pictures import eight_bit
from .replies import Shot, Unknown

KINDS = ("src", "comp", "mask")


def frame_shot(project: Project, kind: str, number: int) -> Shot:
    """A frame of the shot, of the result, or of the masks. Raises Unknown."""
    if kind not in KINDS or number not in project.span:
        raise Unknown(f"there is no {kind} {number}")
    if kind == "mask":
        path = project.correction_path(number) if project.correction_path(number).exists() else project.mask_path(number)
        return _shot(path, lambda: load_rgb(path)[..., 0])
    frames = project.frames() if kind == "src" else project.pictures("comp")
    return _shot(frames.path(number), lambda: eight_bit(project.look.to_painter(frames[number])))


def asked_shot(project: Project, keyframe: int, name: str) -> Shot:
    """What a painter was shown: the crop of the original."""
    job = job_of(project, keyframe, name)
    path = project.path("jobs", job.job, "picture.png")
    return _shot(path, lambda: eight_bit(load_rgb(path)))


def painted_shot(project: Project, keyframe: int, name: str) -> Shot:
    """What a painter made of the crop, inside the mask; outside it is the original, as in the result."""
    job = job_of(project, keyframe, name)
    if not job.results:
        raise Unknown(f"job {name} has no picture yet")
    source = project.path("jobs", job.job)

    def make() -> np.ndarray:
        mask = load_rgb(source / "mask.png") > 0
        return np.where(mask, eight_bit(load_rgb(job.results[0])), eight_bit(load_rgb(source / "picture.png")))

    return _shot(job.results[0], make)


def laid_shot(project: Project, keyframe: int, name: str) -> Shot:
    """A keyframe with what a painter made of it, inside the mask, at the frame's own size."""
    job = job_of(project, keyframe, name)
    if not job.results:
        raise Unknown(f"job {name} has no picture yet")
    frames = project.frames()

    def make() -> np.ndarray:
        picture = frames[keyframe].copy()
        made = back(project.look.from_painter(load_rgb(job.results[0])), job.crop)
        mask = project.mask(keyframe)[job.crop.window][..., None] > 0
        picture[job.crop.window] = np.where(mask, made, picture[job.crop.window])
        return eight_bit(project.look.to_painter(picture))

    shot = _shot(job.results[0], make)
    return Shot((*shot.key, "laid", _stamp(project.mask_path(keyframe))), make)


def job_of(project: Project, keyframe: int, name: str) -> PaintJob:
    """A job that the project lists. Raises Unknown."""
    for job in project.jobs(keyframe):
        if job.job == name:
            return job
    raise Unknown(f"keyframe {keyframe} has no such job")


def group_of(project: Project, keyframe: int) -> Group:
    """A group that the project lists. Raises Unknown."""
    for group in project.groups():
        if group.keyframe == keyframe:
            return group
    raise Unknown(f"frame {keyframe} is no keyframe")


def _shot(path: Path, make: Callable[[], np.ndarray]) -> Shot:
    return Shot((str(path), *_stamp(path)), make)


def _stamp(path: Path) -> tuple[int, int]:
    """Tells one version of a file from the next. Raises Unknown where there is none."""
    try:
        found = path.stat()
    except OSError:
        raise Unknown(f"{path.name} is not there yet") from None
    return found.st_mtime_ns, found.st_size
