"""Puts an answer into the timeline in place of what it laid before; what Blender cannot show itself is rendered first."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bpy

from ..aligned import load
from ..jobs import Done, Job
from . import applying, building, session, versions
from .refusing import REFUSALS, CannotLay


@dataclass(frozen=True)
class Answer:
    """An alignment on disk, and how it is laid."""

    source: str
    """Path of its .json."""
    made: str
    """What its strips are marked with: the next answer of that mark replaces them."""
    name: str
    """Of the media that are rendered for it."""
    ref_strip: str = ""
    """The strip that is the ref; empty: any that shows its file."""
    sound: bool = False


def of_job(scene: Any) -> Answer:
    """The answer of the scene's last alignment. Raises CannotLay, JobError."""
    kept = scene.genlock
    source = next((path for path in Job(kept.job).request().outputs if path.endswith(".json")), "")
    if not source:
        raise CannotLay(f"the job {kept.job} has written no alignment; press Redo")
    return Answer(source, kept.job, os.path.basename(kept.job), kept.used_ref, kept.sound)


def put(scene: Any, answer: Answer) -> list[str] | None:
    """Lay an answer, or have the media rendered first that it needs; returns notes, or None where they are rendered now.

    Raises CannotLay, NotAligned, JobError.
    """
    aligned = load(answer.source)
    stage = applying.stage(scene, aligned, answer.ref_strip)
    made = applying.plan(scene, aligned, stage, answer.sound)
    if not made.missing:
        return lay(scene, answer, {})
    name, request = scene.name, applying.render_request(made, answer.source, answer.name)
    media = dict(zip(made.missing, request.outputs))
    session.begin(request, lambda _: _lay_rendered(name, answer, media))
    return None


def lay(scene: Any, answer: Answer, media: dict[str, str]) -> list[str]:
    """Lay an answer's strips in place of those it laid before; returns notes. Raises CannotLay, NotAligned.

    media  by ending, what was rendered
    """
    aligned = load(answer.source)
    stage = applying.stage(scene, aligned, answer.ref_strip)
    made = applying.plan(scene, aligned, stage, answer.sound)
    names = {strip.name for strip in _laid(scene, answer)}
    notes = applying.lay_out(scene, made, stage, answer.made, answer.sound, media)
    building.remove(scene, [strip for strip in versions.strips_of(scene) if strip.name in names])
    building.settle(scene, _laid(scene, answer))
    return notes


def remember(message: str) -> None:
    """Make what a timer has done a step that can be undone."""
    windows = bpy.context.window_manager.windows
    if not bpy.app.background and len(windows):
        with bpy.context.temp_override(window=windows[0]):
            bpy.ops.ed.undo_push(message=message)


def _laid(scene: Any, answer: Answer) -> list[Any]:
    return [strip for strip in building.made_by(scene, answer.made) if building.told(strip).get("role") != "ref"]


def _lay_rendered(scene_name: str, answer: Answer, media: dict[str, str]) -> None:
    """What the timer does once the media are there."""
    scene = bpy.data.scenes.get(scene_name)
    if scene is None:
        return
    try:
        session.now.notes += lay(scene, answer, media)
    except REFUSALS as refusal:
        session.now.failed = str(refusal)
        return
    remember("Genlock: Apply")


def when_done(scene: Any, strip: Any, folder: str, lay_it: Callable[[Any, Any, str], Any], step: str) -> Callable[[Done], None]:
    """What the timer does once a strip's job is done: its film is laid, in one step to undo of that name. The strip is found again by name."""
    scene_name, strip_name = scene.name, strip.name

    def then(done: Done) -> None:
        there = bpy.data.scenes.get(scene_name)
        found = versions.strips_of(there).get(strip_name) if there is not None else None
        if found is None:
            where = f"; it is at {', '.join(done.outputs)}" if done.outputs else ""
            session.now.failed = f"the strip {strip_name} is gone; {done.sentence}{where}"
            return
        try:
            lay_it(there, found, folder)
        except REFUSALS as refusal:
            session.now.failed = str(refusal)
            return
        remember(step)

    return then
