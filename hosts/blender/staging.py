"""The ref in the timeline: where it lies, in time and on the canvas."""

from __future__ import annotations

from typing import Any

from ..aligned import Media
from . import building, files, versions
from .laying import Stage
from .placing import fitted, matrix_of
from .refusing import CannotLay


def stage_of(scene: Any, strip: Any, ref: Media) -> Stage:
    """Where a strip shows the ref. Raises CannotLay where it plays it at another speed, or the wrong way round."""
    name = strip.name
    if len(getattr(strip, "retiming_keys", ())) > 2 or _sped_up(scene, strip):
        raise CannotLay(f"the ref's strip {name} is retimed, so its frames are not the file's; choose a strip that plays at its own speed")
    if getattr(strip, "use_reverse_frames", False):
        raise CannotLay(f"the ref's strip {name} plays backwards; choose one that plays forwards")
    at = versions.content_at(strip)
    if at != int(at):
        raise CannotLay(f"the ref's strip {name} begins between two frames, at {at:g}; move it to a whole frame")
    seen = files.size_of(strip) or ref.wh
    if seen != ref.wh:
        raise CannotLay(f"Blender reads the ref at {seen[0]}x{seen[1]} and genlock at {ref.wh[0]}x{ref.wh[1]}; convert it first")
    canvas_wh = building.canvas_of(scene)
    return Stage(
        ref_at=int(at),
        first=versions.start_of(strip),
        end=min(versions.end_of(strip), int(at) + ref.frames),
        canvas_wh=canvas_wh,
        ref_to_canvas=matrix_of(building.placement_of(strip), ref.wh, canvas_wh),
    )


def planned(scene: Any, ref: Media) -> Stage:
    """Where add_ref() will lay a ref that no strip shows yet."""
    canvas_wh = building.canvas_of(scene)
    at = scene.frame_start
    return Stage(at, at, at + ref.frames, canvas_wh, matrix_of(fitted(ref.wh, canvas_wh), ref.wh, canvas_wh), there=False)


def add_ref(scene: Any, ref: Media, at: int, made: str) -> Any:
    """A strip of the ref on a free channel, fitted into the canvas, with its sound below it where it has any."""
    sounding = ref.sound
    channel = building.free_channel(scene, at, at + ref.frames, 1 + sounding)
    footage = files.Footage(ref.path, ref.wh, ref.frames == 1)
    strip = files.add_picture(scene, footage, footage.name, channel + sounding, at)
    building.mark(strip, made, "ref")
    strip.blend_type = "ALPHA_OVER"
    building.put(strip, fitted(ref.wh, building.canvas_of(scene)))
    if sounding:
        building.add_conformed_sound(scene, ref.path, at, channel, made)
    return strip


def showing(scene: Any, path: str) -> Any | None:
    """The lowest strip in the timeline that shows a file and is no clip that genlock has laid; None where there is none."""
    found = []
    for strip in versions.strips_of(scene):
        if strip.type in ("MOVIE", "IMAGE") and building.told(strip).get("role", "ref") == "ref":
            try:
                same = files.path_of(strip) == path
            except CannotLay:
                continue
            if same:
                found.append(strip)
    return min(found, key=lambda strip: strip.channel, default=None)


def _sped_up(scene: Any, strip: Any) -> bool:
    return any(other.type == "SPEED" and strip.name in [each.name for each in versions.inputs_of(other)] for other in versions.strips_of(scene))
