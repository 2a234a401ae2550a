"""What the buttons do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy

from ..aligned import load
from ..jobs import Job, Request
from . import applying, building, options, putting, session, versions
from .refusing import REFUSALS, CannotLay


class InSequencer(bpy.types.Operator):
    """An operator that works on the timeline in sight by its work(context, scene), and says why where it cannot (REFUSALS)."""

    def execute(self, context: Any) -> set[str]:
        try:
            self.work(context, versions.scene_of(context))  # type: ignore[attr-defined]
        except REFUSALS as refusal:
            self.report({"ERROR"}, str(refusal))
            return {"CANCELLED"}
        building.redraw()
        return {"FINISHED"}


class GENLOCK_OT_use_selected(InSequencer):
    """Take the two selected strips: the active one stays (ref), the other one is moved (clip)"""

    bl_idname = "genlock.use_selected"
    bl_label = "Use the Two Selected Strips"
    bl_options = {"REGISTER", "UNDO"}

    def work(self, context: Any, scene: Any) -> None:
        picked = [strip for strip in versions.strips_of(scene) if strip.select and strip.type in ("MOVIE", "IMAGE")]
        active = scene.sequence_editor.active_strip
        if len(picked) != 2 or active is None or active.name not in [strip.name for strip in picked]:
            raise CannotLay("select two movie or image strips, the ref last")
        kept = scene.genlock
        kept.ref_from = kept.clip_from = "STRIP"
        kept.ref_strip = active.name
        kept.clip_strip = next(strip.name for strip in picked if strip.name != active.name)


class GENLOCK_OT_align(InSequencer):
    """Find which frame of the clip is which frame of the ref, and where its picture lies in it. Blender stays free meanwhile"""

    # A step of its own in the undo history: undoing Apply must not take back that there is a result.

    bl_idname = "genlock.align"
    bl_label = "Align"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        return not session.busy()

    def work(self, context: Any, scene: Any) -> None:
        kept = scene.genlock
        clip, ref = options.source_path(scene, "clip"), options.source_path(scene, "ref")
        if clip == ref:
            raise CannotLay("clip and ref are the same file; choose two")
        start(scene, clip, ref, options.chosen(scene))
        kept.used_ref = kept.ref_strip if kept.ref_from == "STRIP" else ""


class GENLOCK_OT_redo(InSequencer):
    """Run the last alignment once more, with the same files and options"""

    bl_idname = "genlock.redo"
    bl_label = "Redo"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        return not session.busy() and bool(versions.scene_of(context).genlock.job)

    def work(self, context: Any, scene: Any) -> None:
        request = Job(scene.genlock.job).request()
        start(scene, request.inputs["clip"], request.inputs["ref"], dict(request.settings))


class GENLOCK_OT_cancel(InSequencer):
    """Stop the job that runs"""

    bl_idname = "genlock.cancel"
    bl_label = "Cancel"

    @classmethod
    def poll(cls, context: Any) -> bool:
        return session.busy()

    def work(self, context: Any, scene: Any) -> None:
        session.cancel()


class GENLOCK_OT_apply(InSequencer):
    """Lay the clip over the ref on free channels above it. What Blender cannot show itself is rendered first"""

    bl_idname = "genlock.apply"
    bl_label = "Apply"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: Any) -> bool:
        scene = versions.scene_of(context)
        return not session.busy() and bool(scene.genlock.job) and session.answer(scene.genlock.job) is not None

    def work(self, context: Any, scene: Any) -> None:
        notes = putting.put(scene, putting.of_job(scene))
        if notes is None:
            self.report({"INFO"}, "genlock renders what Blender cannot show itself, and then lays it")
        self.tell(notes or [])

    def tell(self, notes: list[str]) -> None:
        """Say what a person should know."""
        for note in notes:
            self.report({"WARNING"}, note)


class GENLOCK_OT_remove(InSequencer):
    """Take these strips out of the timeline again"""

    bl_idname = "genlock.remove"
    bl_label = "Remove"
    bl_options = {"REGISTER", "UNDO"}
    __annotations__ = {"published": bpy.props.BoolProperty(options={"SKIP_SAVE"})}

    @classmethod
    def poll(cls, context: Any) -> bool:
        kept = versions.scene_of(context).genlock
        return any(made and building.made_by(versions.scene_of(context), made) for made in (kept.job, kept.published))

    def work(self, context: Any, scene: Any) -> None:
        made = scene.genlock.published if self.published else scene.genlock.job
        building.remove(scene, building.made_by(scene, made) if made else [])


class GENLOCK_OT_report(InSequencer):
    """Open the report of this alignment in the browser: pictures, curves, what to look at"""

    bl_idname = "genlock.report"
    bl_label = "Open Report"

    def work(self, context: Any, scene: Any) -> None:
        path = os.path.join(scene.genlock.job, "report.html")
        if not os.path.exists(path):
            raise CannotLay(f"there is no report at {path}")
        bpy.ops.wm.url_open(url=Path(path).as_uri())


class GENLOCK_OT_look(InSequencer):
    """Go to where this run begins"""

    bl_idname = "genlock.look"
    bl_label = "Go There"
    bl_options = {"INTERNAL"}
    __annotations__ = {"ref_frame": bpy.props.IntProperty(options={"SKIP_SAVE"})}

    def work(self, context: Any, scene: Any) -> None:
        aligned = load(putting.of_job(scene).source)
        scene.frame_set(applying.stage(scene, aligned, scene.genlock.used_ref).ref_at + self.ref_frame)


def start(scene: Any, clip: str, ref: str, settings: dict[str, Any]) -> None:
    """Begin an alignment, and remember it in the scene. Its outputs stand in the job's folder."""
    folder = session.new_folder("align")
    outputs = (os.path.join(folder, "aligned.json"), os.path.join(folder, "report.html"))
    session.begin(Request("align", {"clip": clip, "ref": ref}, outputs, settings), folder=folder)
    scene.genlock.job = folder


CLASSES = (
    GENLOCK_OT_use_selected,
    GENLOCK_OT_align,
    GENLOCK_OT_redo,
    GENLOCK_OT_cancel,
    GENLOCK_OT_apply,
    GENLOCK_OT_remove,
    GENLOCK_OT_report,
    GENLOCK_OT_look,
)
