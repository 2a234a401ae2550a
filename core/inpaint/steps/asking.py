"""Questions to a painter, made from a project: one for each keyframe and seed, with an id from everything that matters to the answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract import Ask
from ..crop import cut, cut_mask
from ..project import Group, Project
from ..project.atomic import write_json
from ..project.inputs import content_digest, found_path
from ..project.paintjobs import REQUEST
from ..project.pictures import save_picture
from .step import digest_of

_HOW = ("url", "auth_env", "headers_env", "timeout_s", "probe", "device", "offline")
"""Keys of a painter's table that say how it is reached, not what it paints."""
_FILES = ("workflow", "model", "config")
"""Keys that may name files of the project."""


@dataclass(frozen=True)
class Question:
    """A job before it is asked."""

    ask: Ask
    group: Group
    request: Mapping[str, Any]
    """As request.json holds it."""


def painter_table(project: Project) -> dict[str, Any]:
    """The chosen painter's settings, with files of the project by their whole path."""
    table = project.config.painter()
    for name in _FILES:
        path = found_path(project.root, str(table.get(name) or ""))
        if table.get(name) and (project.root / str(table[name])).exists():
            table[name] = path
    return table


def what_matters(project: Project) -> dict[str, Any]:
    """The part of the settings that every answer depends on; a workflow counts by its contents."""
    table = {name: value for name, value in project.config.painter().items() if name not in _HOW}
    if table.get("workflow"):
        table["workflow"] = content_digest(found_path(project.root, table["workflow"]))
    inpaint = project.config.inpaint
    asked = {name: getattr(inpaint, name) for name in ("backend", "prompt", "negative", "steps", "cfg", "sampler")}
    return {**asked, "painter": table}


def wishes_of(project: Project, keyframe: int, extra: Mapping[int, list[int]]) -> list[tuple[int, float]]:
    """(seed, denoise) of each picture: those of genlock.toml, then those of seeds that a person asked for. classic has one answer."""
    inpaint = project.config.inpaint
    return [(0, inpaint.denoise)] if inpaint.backend == "classic" else inpaint.wishes(extra.get(keyframe, []))


def questions(project: Project, identity: Mapping[str, Any]) -> Iterator[Question]:
    """Of every keyframe that is masked, in order, batch by batch, seed by seed. A keyframe's picture is read once."""
    extra, matters = project.extra_seeds(), what_matters(project)
    frames, look = project.frames(), project.look
    for group in project.groups():
        if group.why == "empty":
            continue
        picture = cut(look.to_painter(frames[group.keyframe]), group.crop)
        mask = cut_mask(project.mask(group.keyframe), group.crop)
        who = {**identity, "fill": _sha(filled_crop(project, group))} if project.config.inpaint.backend == "classic" else identity
        for wish in wishes_of(project, group.keyframe, extra):
            yield _question(project, group, picture, mask, wish, matters, who)


def filled_crop(project: Project, group: Group) -> np.ndarray:
    """What the embedded fill made of a keyframe, as a painter would give it."""
    return cut(project.look.to_painter(project.filled(group.keyframe)), group.crop)


def _question(
    project: Project, group: Group, picture: np.ndarray, mask: np.ndarray, wish: tuple[int, float], matters: Mapping[str, Any], who: Mapping[str, Any]
) -> Question:
    seed, denoise = wish
    content = {
        **matters, "denoise": denoise, "seed": seed, "identity": dict(who), "crop": group.crop.to_json(),
        "picture": _sha(picture), "mask": _sha(mask),
    }  # fmt: skip
    job = digest_of(content)
    inpaint = project.config.inpaint
    ask = Ask(
        job, picture, mask, inpaint.prompt, inpaint.negative, seed, denoise, inpaint.steps, inpaint.cfg, inpaint.sampler
    )  # fmt: skip
    return Question(ask, group, {"job": job, "keyframe": group.keyframe, **content})


def write_question(project: Project, question: Question) -> None:
    """The job's folder, with the request last. Raises OutputError."""
    folder = project.path("jobs", question.ask.job)
    save_picture(folder / "picture.png", question.ask.picture)
    save_picture(folder / "mask.png", question.ask.mask)
    write_json(folder / REQUEST, question.request)


def _sha(picture: np.ndarray) -> str:
    state = hashlib.sha256(f"{picture.dtype} {picture.shape}".encode())
    state.update(np.ascontiguousarray(picture).data)
    return state.hexdigest()
