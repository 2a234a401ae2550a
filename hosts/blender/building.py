"""Strips made of a layout: on free channels, in time by a SPEED effect with whole-numbered keys, in space by the strip's transform."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import bpy

from . import keys, pinning, versions
from .easing import key_places
from .files import Footage, add_picture, add_sound
from .laying import Laid, Space, changes
from .placing import Placement, Size
from .refusing import CannotLay

TAG = "genlock"
"""Custom property of strips that genlock has laid: JSON. "made" names the job, "role" is ref, clip, time or sound."""
NUDGE = 0.1
"""Added to every frame number told to a SPEED effect, which rounds: Blender 5.2 shows n where it is told exactly n + 1 in its frame n."""
SMOOTH_PX = 0.02
"""How far keys that were left out may move a corner."""
TOP_CHANNEL = 128


def free_channel(scene: Any, start: int, end: int, count: int, but: Collection[str] = ()) -> int:
    """The lowest channel above every strip between two timeline frames, with as many free and unlocked ones above it.

    but  names of strips that do not count
    Raises CannotLay where the sequencer has no such channels left.
    """
    others = [strip for strip in versions.strips_of(scene) if strip.name not in but]
    used = [strip.channel for strip in others if versions.start_of(strip) < end and versions.end_of(strip) > start]
    channel = max(used, default=0) + 1
    channels = scene.sequence_editor.channels
    while channel + count - 1 <= TOP_CHANNEL:
        shut = [n for n in range(channel, channel + count) if n < len(channels) and (channels[n].lock or channels[n].mute)]
        if not shut:
            return channel
        channel = shut[-1] + 1
    raise CannotLay(f"there are no {count} free channels above the strips from frame {start} to {end - 1}; move some down")


def build(scene: Any, laid: Laid, space: Space, footage: Footage, channel: int, told: dict[str, Any]) -> list[Any]:
    """The strips of one laid stretch: the picture, and above it the SPEED effect where it does not play frame for frame.

    told  what the strip's custom property holds
    """
    start, end = laid.at, laid.end
    still = footage.still
    plain = laid.plain or still
    name = f"{os.path.splitext(footage.name)[0]} {laid.ref_first}"
    picture = add_picture(scene, footage, name, channel, start - (0 if still or not laid.plain else laid.clip_frames[0]))
    versions.trim(picture, start, end)
    made = [picture]
    picture.blend_type = "ALPHA_OVER"
    mark(picture, **{"role": "clip", **told})
    bring(scene, picture, space, footage.wh, start)
    if not plain:
        speed = versions.new_effect(scene, f"{name} time", "SPEED", channel + 1, picture)
        speed.blend_type = "ALPHA_OVER"
        speed.speed_control = "FRAME_NUMBER"
        keys.write(scene, speed, "speed_frame_number", [(start + n, frame + NUDGE) for n, frame in changes(laid.clip_frames)], "CONSTANT")
        mark(speed, told["made"], "time")
        made.append(speed)
    return made


def bring(scene: Any, strip: Any, space: Space, wh: Size, start: int) -> None:
    """Bring a strip to where its picture belongs."""
    canvas_wh = canvas_of(scene)
    if space.pins:
        pinning.pin(scene, strip, space.pins, wh, canvas_wh, start)
    elif space.placements:
        put(strip, space.placements[0])
        if len(space.placements) > 1:
            _animate(scene, strip, space.placements, wh, start)


def put(strip: Any, placement: Placement) -> None:
    """Set a strip's transform."""
    for name in ("offset_x", "offset_y", "scale_x", "scale_y", "rotation"):
        setattr(strip.transform, name, getattr(placement, name))
    strip.transform.origin = (0.5, 0.5)
    strip.use_flip_x, strip.use_flip_y = placement.flip_x, placement.flip_y


def placement_of(strip: Any) -> Placement:
    """The transform of a strip, as it is on the current frame. Raises CannotLay where it turns about another point than its middle."""
    own = strip.transform
    if any(abs(x - 0.5) > 1e-6 for x in own.origin):
        raise CannotLay(f"the strip {strip.name} is turned about another point than its middle; set the origin of its transform to 0.5, 0.5")
    return Placement(own.offset_x, own.offset_y, own.scale_x, own.scale_y, own.rotation, strip.use_flip_x, strip.use_flip_y)


def canvas_of(scene: Any) -> Size:
    """Width and height of the scene's output at 100 %."""
    return scene.render.resolution_x, scene.render.resolution_y


def add_conformed_sound(scene: Any, path: str, at: int, channel: int, job: str) -> Any:
    """A sound file that begins on a timeline frame."""
    sound = add_sound(scene, path, os.path.basename(path), channel, at)
    mark(sound, job, "sound")
    return sound


def mark(strip: Any, made: str, role: str, **more: Any) -> None:
    """Write on a strip that genlock has laid it."""
    strip[TAG] = json.dumps({**more, "made": made, "role": role})


def made_by(scene: Any, job: str = "") -> list[Any]:
    """The strips that a job has brought into the timeline; of any job, if none is named."""
    return [strip for strip in versions.strips_of(scene) if _maker(strip) and job in ("", _maker(strip))]


def remove(scene: Any, strips: Iterable[Any]) -> int:
    """Take strips out of the timeline, with their curves and node groups; returns how many. Effects go before what they work on."""
    ordered = sorted(strips, key=lambda strip: not versions.inputs_of(strip))
    for strip in ordered:
        versions.forget_curves(scene, strip.path_from_id())
        pinning.unpin(strip)
        versions.strips_of(scene).remove(strip)
    return len(ordered)


def settle(scene: Any, strips: Sequence[Any]) -> None:
    """Move strips that were laid together down to the lowest free channels, each as far as the others."""
    if not strips:
        return
    start, end = min(map(versions.start_of, strips)), max(map(versions.end_of, strips))
    own = {strip.name for strip in strips}
    lowest, highest = min(strip.channel for strip in strips), max(strip.channel for strip in strips)
    free = free_channel(scene, start, end, highest - lowest + 1, own)
    for strip in sorted(strips, key=lambda strip: strip.channel):
        strip.channel += min(free - lowest, 0)


def told(strip: Any) -> dict[str, Any]:
    """What genlock wrote on a strip; empty where it did not lay it."""
    try:
        found = json.loads(strip.get(TAG, "{}"))
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _maker(strip: Any) -> str:
    return str(told(strip).get("made", ""))


def _animate(scene: Any, strip: Any, placements: Sequence[Placement], wh: Size, start: int) -> None:
    half = max(wh) / 2
    columns = ("offset_x", "offset_y", "scale_x", "scale_y", "rotation")
    reach = max(max(each.scale_x, each.scale_y) for each in placements) * half
    tolerances = (SMOOTH_PX, SMOOTH_PX, SMOOTH_PX / half, SMOOTH_PX / half, SMOOTH_PX / reach)
    rows = [[getattr(placement, name) for name in columns] for placement in placements]
    places = key_places(rows, tolerances)
    for column, name in enumerate(columns):
        if len({row[column] for row in rows}) > 1:
            keys.write(scene, strip.transform, name, [(start + n, rows[n][column]) for n in places], "LINEAR")


def redraw() -> None:
    """Have every sequencer drawn anew."""
    for window in bpy.context.window_manager.windows:
        for area in window.screen.areas:
            if area.type == "SEQUENCE_EDITOR":
                area.tag_redraw()
