"""The part "Publish" of the tab: pyblish beside Blender's own work, its answers in the panel, its result in the timeline."""

from __future__ import annotations

import os
import re
from functools import partial
from typing import Any

import bpy

from ..publishing import aside
from ..publishing.aside import Order
from . import options, putting, session
from .operators import InSequencer
from .panel import Tab, said
from .refusing import CannotLay

_ICONS = {"failed": "ERROR", "repaired": "TOOL_SETTINGS", "ok": "CHECKMARK"}


class GENLOCK_OT_publish(InSequencer):
    """Check clip and ref, align them, write a version into a folder, and lay the clip over the ref. Blender stays free meanwhile"""

    bl_idname = "genlock.publish"
    bl_label = "Publish"
    bl_options = {"REGISTER", "UNDO"}
    __annotations__ = {"only_check": bpy.props.BoolProperty(name="Only Check", description="Ask, and make nothing", options={"SKIP_SAVE"})}

    @classmethod
    def poll(cls, context: Any) -> bool:
        return not session.busy()

    def work(self, context: Any, scene: Any) -> None:
        kept = scene.genlock
        if not self.only_check and not kept.publish_to:
            raise CannotLay("no folder is chosen to publish to")
        suffixes = [f".{word.lstrip('.')}" for word in re.split(r"[\s,]+", kept.publish_as) if word.strip(".")]
        pair = {
            "clip": options.source_path(scene, "clip"), "ref": options.source_path(scene, "ref"), "settings": options.chosen(scene),
            "suffixes": suffixes, "render": kept.publish_render.strip(), "folder": os.path.abspath(bpy.path.abspath(kept.publish_to)),
        }  # fmt: skip
        if self.only_check and not kept.publish_to:
            pair["folder"] = ""
        modules = bpy.utils.user_resource("SCRIPTS", path="modules")
        order = Order(session.HOST, pair, session.worker, kept.publish_repair, self.only_check, modules)
        ref_strip = kept.ref_strip if kept.ref_from == "STRIP" else ""
        session.begin_publish(order, partial(integrate, scene.name, ref_strip, kept.sound))


def integrate(scene_name: str, ref_strip: str, sound: bool, data: dict[str, Any]) -> None:
    """Lay what was published over the ref, in place of the version before it. Raises CannotLay, NotAligned, JobError."""
    scene = bpy.data.scenes.get(scene_name)
    if scene is None:
        raise CannotLay(f"the scene {scene_name} is gone")
    home, version = os.path.split(data["published"])
    notes = putting.put(scene, putting.Answer(data["files"][".json"], home, f"{data['name']}_{version}", ref_strip, sound))
    session.now.notes += notes or []
    scene.genlock.published = home
    putting.remember("Genlock: Publish")


class GENLOCK_PT_publish(Tab, bpy.types.Panel):
    """A folder, and what the checks say"""

    bl_label = "Publish"
    bl_idname = "GENLOCK_PT_publish"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        scene, layout = self.opened(context)
        column = layout.column(align=True)
        for name in ("publish_to", "publish_as", "publish_render", "publish_repair"):
            column.prop(scene.genlock, name)
        if session.publishes():
            _progress(layout)
        else:
            row = layout.row(align=True)
            row.operator("genlock.publish", text="Check", icon="VIEWZOOM").only_check = True
            row.operator("genlock.publish", icon="EXPORT")
            if scene.genlock.published:
                row.operator("genlock.remove", text="", icon="TRASH").published = True
        if session.now.aside is not None:
            _told(layout, context)


def _progress(layout: Any) -> None:
    going = session.now.aside
    row = layout.row(align=True)
    row.progress(factor=going.done if going else 0.0, type="BAR", text=going.what if going else "")
    row.operator("genlock.cancel", text="", icon="CANCEL")


def _told(layout: Any, context: Any) -> None:
    going = session.now.aside
    if going is None:
        return
    lines = aside.lines(going.rows)
    for state, text in lines:
        column = layout.column()
        column.alert = state == "failed"
        said(column, context, text, _ICONS[state])
    if going.over and going.failed and not any(state == "failed" for state, _ in lines):
        said(layout, context, going.failed, "ERROR")
    for folder in going.folders:
        said(layout, context, f"published: {folder}", "CHECKMARK")
        layout.operator("wm.path_open", text="Open Folder", icon="FILE_FOLDER").filepath = folder


CLASSES = (GENLOCK_OT_publish, GENLOCK_PT_publish)
