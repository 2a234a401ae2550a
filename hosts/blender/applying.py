"""From a finished job to strips: what has to be rendered first, and then the laying."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Any

import bpy

from .. import shelf
from ..aligned import Aligned
from ..jobs import Request
from . import building, session, staging, versions
from .files import Footage
from .laying import Laid, Layout, Space, Stage, lay, space_of
from .refusing import CannotLay

PICTURES, SOUND = ".%06d.png", ".wav"
"""Pictures one by one: Blender finds frames of a film by time, and misses some where its time stamps are rounded."""


@dataclass(frozen=True)
class Plan:
    """What is laid, and which of it needs media that the worker renders."""

    aligned: Aligned
    layout: Layout
    spaces: tuple[Space, ...]
    """One for each strip."""
    baked: tuple[bool, ...]
    """Of each strip, whether Blender cannot show it from the clip's own file."""
    conformed: bool
    """Whether sound is wanted, and has to be rendered."""

    @property
    def span(self) -> tuple[int, int]:
        """(first, last) ref frame of what is rendered."""
        of = [strip for strip, bake in zip(self.layout.strips, self.baked) if bake or self.conformed]
        return of[0].ref_first, of[-1].ref_first + len(of[-1].clip_frames) - 1

    @property
    def missing(self) -> tuple[str, ...]:
        """Endings of what has to be rendered."""
        return (PICTURES,) * any(self.baked) + (SOUND,) * self.conformed


def stage(scene: Any, aligned: Aligned, name: str) -> Stage:
    """Where the ref lies: as the strip of that name shows it, else any strip of its file; else where it will be laid, at the scene's first frame.

    Raises CannotLay.
    """
    strip = _ref_strip(scene, aligned, name)
    return staging.planned(scene, aligned.ref) if strip is None else staging.stage_of(scene, strip, aligned.ref)


def _ref_strip(scene: Any, aligned: Aligned, name: str) -> Any | None:
    named = versions.strips_of(scene).get(name)
    if named is not None and named.type in ("MOVIE", "IMAGE"):
        return named
    return staging.showing(scene, aligned.ref.path)


def plan(scene: Any, aligned: Aligned, at: Stage, sound: bool) -> Plan:
    """What is to be done.

    at     where the ref lies
    sound  whether the clip's sound is wanted
    """
    clip = aligned.clip
    layout = lay(aligned, at)
    spaces = tuple(space_of(strip.matrices, clip.wh, at.canvas_wh, versions.can_pin()) for strip in layout.strips)
    odd = clip.pts is not None or clip.lost > 0
    baked = tuple(odd or not (space.placements or space.pins) for space in spaces)
    sounding = sound and clip.sound and bool(layout.strips)
    steady = all(strip.plain for strip in layout.strips) and clip.rate == aligned.ref.rate and same_rate(scene, clip.rate)
    return Plan(aligned, layout, spaces, baked, conformed=sounding and not steady)


def same_rate(scene: Any, rate: Any) -> bool:
    """Whether the scene counts as many frames a second as footage does."""
    return abs(scene.render.fps / scene.render.fps_base - float(rate)) < 1e-3


def render_request(made: Plan, source: str, name: str) -> Request:
    """The job that renders what is missing.

    source  path of the alignment
    name    of the media
    """
    first, last = (frame + made.aligned.ref.counts_from for frame in made.span)
    name = os.path.join(media_folder(), name)
    settings = {"range": f"{first}-{last}", "alpha": True, "sound": "clip" if made.conformed else "none"}
    return Request("render", {"aligned": source}, tuple(name + suffix for suffix in made.missing), settings)


def media_folder(make: bool = True) -> str:
    """Where rendered media stay: beside the saved .blend, else on the shelf of jobs."""
    folder = os.path.dirname(bpy.data.filepath) if bpy.data.filepath else shelf.root(session.HOST)
    folder = os.path.join(folder, "genlock-media")
    if make:
        os.makedirs(folder, exist_ok=True)
    return folder


def lay_out(scene: Any, made: Plan, at: Stage, job: str, sound: bool, media: dict[str, str]) -> list[str]:
    """Build all strips on free channels, all or none; returns notes for the person.

    job    what the strips are marked with, so that they are found again
    media  by ending, what was rendered
    Raises CannotLay; what was built until then is taken away again.
    """
    strips = made.layout.strips
    if not strips:
        raise CannotLay(made.layout.notes[0])
    aligned = made.aligned
    before = {strip.name for strip in versions.strips_of(scene)}
    try:
        if not at.there:
            staging.add_ref(scene, aligned.ref, at.ref_at, job)
        heard = sound and aligned.clip.sound
        channel = building.free_channel(scene, strips[0].at, strips[-1].end, 2 + heard)
        for strip, space, bake in zip(strips, made.spaces, made.baked):
            told = {"made": job, "run": strip.run, "verdict": strip.verdict}
            if bake:
                _lay_baked(scene, strip, made, at, media[PICTURES], channel + heard, told)
                continue
            footage = Footage(aligned.clip.path, aligned.clip.wh, aligned.clip.frames == 1)
            building.build(scene, strip, space, footage, channel + heard, told)
        if heard:
            _lay_sound(scene, made, at, job, channel, media)
    except BaseException:
        building.remove(scene, [strip for strip in versions.strips_of(scene) if strip.name not in before])
        raise
    for look in made.layout.looks:
        if not any(marker.frame == look.at and marker.name == look.text for marker in scene.timeline_markers):
            scene.timeline_markers.new(look.text, frame=look.at)
    return [*made.layout.notes, *_rate_notes(scene, aligned)]


def _lay_baked(scene: Any, strip: Laid, made: Plan, at: Stage, path: str, channel: int, told: dict[str, Any]) -> None:
    first = made.span[0]
    frames = tuple(strip.ref_first + n - first for n in range(len(strip.clip_frames)))
    own = replace(strip, clip_frames=frames, matrices=(at.ref_to_canvas,))
    space = space_of(own.matrices, made.aligned.ref.wh, at.canvas_wh, versions.can_pin())
    building.build(scene, own, space, Footage(path, made.aligned.ref.wh), channel, {**told, "baked": True})


def _lay_sound(scene: Any, made: Plan, at: Stage, job: str, channel: int, media: dict[str, str]) -> None:
    strips = made.layout.strips
    if made.conformed:
        start = at.ref_at + made.span[0]
        found = building.add_conformed_sound(scene, media[SOUND], start, channel, job)
        versions.trim(found, strips[0].at, strips[-1].end)
        return
    for strip in strips:
        found = building.add_conformed_sound(scene, made.aligned.clip.path, strip.at - strip.clip_frames[0], channel, job)
        versions.trim(found, strip.at, strip.end)


def _rate_notes(scene: Any, aligned: Aligned) -> list[str]:
    if same_rate(scene, aligned.ref.rate):
        return []
    fps = scene.render.fps / scene.render.fps_base
    return [f"the scene runs at {fps:g} frames a second and the ref at {float(aligned.ref.rate):g}: frames are right, speed and sound are not"]
