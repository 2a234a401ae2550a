"""The part "Retime" of the tab: a strip's footage with even motion, without repeats, or at the scene's rate, on a free channel above it."""

from __future__ import annotations

import os
from typing import Any

import bpy

from ..jobs import Job, Request
from . import applying, building, files, options, putting, session, versions
from .operators import InSequencer
from .panel import Tab, failure, folded, progress
from .refusing import CannotLay

FIRST = ("fps", "method", "dedup")
"""In sight; the others are folded away."""
ELSEWHERE = ("dry_run", "preview", "encoder", "quality", "codec", "chroma", "odd", "size")
"""Not all the pictures, or not as large; or of films."""
FIELDS = options.load_fields("retime", ELSEWHERE)


class GenlockRetime(bpy.types.PropertyGroup):
    """One property for each option of `genlock retime` that a strip can have."""

    __annotations__ = {told["name"]: options.property_of(told) for told in FIELDS}


class GENLOCK_OT_retime(InSequencer):
    """Render the active strip's footage anew with even motion, or without repeats, and lay it above the strip. Without Fps or Times at the \
scene's rate. Blender stays free meanwhile"""

    bl_idname = "genlock.retime"
    bl_label = "Retime"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        editor = versions.scene_of(context).sequence_editor
        active = editor.active_strip if editor is not None else None
        return not session.busy() and active is not None and active.type in ("MOVIE", "IMAGE")

    def work(self, context: Any, scene: Any) -> None:
        strip = plays_as_it_is(scene.sequence_editor.active_strip)
        settings = options.given(FIELDS, scene.genlock_retime)
        rate = options.scene_rate(scene)
        if not settings.get("times"):
            settings.setdefault("fps", rate)
        if strip.type == "IMAGE":
            settings.setdefault("rate", rate)
        folder = session.new_folder("retime")
        output = os.path.join(applying.media_folder(), f"{os.path.basename(folder)}.%06d.png")
        request = Request("retime", {"footage": files.path_of(strip)}, (output,), settings)
        session.begin(request, putting.when_done(scene, strip, folder, lay, "Genlock: Retime"), folder)


def plays_as_it_is(strip: Any) -> Any:
    """The strip itself. Raises CannotLay where its frames are not its file's, one by one."""
    if getattr(strip, "use_reverse_frames", False) or len(getattr(strip, "retiming_keys", ())) > 2:
        raise CannotLay(f"{strip.name} plays backwards or is retimed already; choose a strip that plays its file as it is")
    return strip


def lay(scene: Any, strip: Any, folder: str) -> Any:
    """The pictures of a finished job as a strip on a free channel, over the time that the strip takes up. Raises CannotLay, JobError.

    The strip plays one frame of its file in each frame of the scene; where the pictures are more or fewer, they take up more or less.
    """
    result = Job(folder).result() or {}
    figures, (path, *_) = result["figures"], Job(folder).request().outputs
    ratio = figures["frames"] / figures["input_frames"]
    start, hidden = versions.start_of(strip), versions.start_of(strip) - versions.content_at(strip)
    first, last = round(hidden * ratio), round((hidden + versions.end_of(strip) - start) * ratio)
    end = start + max(1, min(last, figures["frames"]) - first)
    size = files.size_of(strip)
    if size is None:
        raise CannotLay(f"Blender sees no picture in {strip.name}; the pictures are at {path}")
    channel = building.free_channel(scene, start, end, 1)
    made = files.add_picture(scene, files.Footage(path, size), f"{strip.name} retimed", channel, start - first)
    versions.trim(made, start, end)
    made.blend_type = "ALPHA_OVER"
    building.put(made, building.placement_of(strip))
    building.mark(made, folder, "retimed")
    return made


class GENLOCK_PT_retime(Tab, bpy.types.Panel):
    """Even motion, or another rate"""

    bl_label = "Retime"
    bl_idname = "GENLOCK_PT_retime"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        scene, layout = self.opened(context)
        editor = scene.sequence_editor
        active = editor.active_strip if editor is not None else None
        layout.label(text=f"Shot: {active.name}" if active else "Select a movie or image strip", icon="SEQUENCE")
        column = layout.column(align=True)
        for name in FIRST:
            column.prop(scene.genlock_retime, name)
        folded(layout, scene.genlock, "retime_more")
        if scene.genlock.retime_more:
            column = layout.column(align=True)
            for told in FIELDS:
                if told["name"] not in FIRST:
                    column.prop(scene.genlock_retime, told["name"])
        if session.runs("retime"):
            progress(layout)
        else:
            layout.operator("genlock.retime", icon="MOD_TIME")
        failure(layout, context, scene, ("retime",))


CLASSES = (GenlockRetime, GENLOCK_OT_retime, GENLOCK_PT_retime)
