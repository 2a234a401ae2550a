"""The tab "Genlock" in the sequencer's sidebar."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import bpy

from ..jobs import Job
from . import options, session, versions

MOST_RUNS = 12
_ICONS = {"exact": "CHECKMARK", "ambiguous": "QUESTION", "unmatched": "X"}


class Tab:
    """Where the panels stand."""

    bl_space_type = "SEQUENCE_EDITOR"
    bl_region_type = "UI"
    bl_category = "Genlock"

    def opened(self, context: Any) -> tuple[Any, Any]:
        """The scene in sight, and a layout with names before values."""
        layout = self.layout  # type: ignore[attr-defined]
        layout.use_property_split = True
        layout.use_property_decorate = False
        return versions.scene_of(context), layout


class GENLOCK_PT_align(Tab, bpy.types.Panel):
    """Two files, what to find, and the button"""

    bl_label = "Align"
    bl_idname = "GENLOCK_PT_align"

    def draw(self, context: Any) -> None:
        scene, layout = self.opened(context)
        for role in ("clip", "ref"):
            _source(layout, scene, role)
        layout.operator("genlock.use_selected", icon="RESTRICT_SELECT_OFF")
        column = layout.column(align=True)
        for name in options.FIRST:
            column.prop(scene.genlock.options, name)
        folded(layout, scene.genlock, "more")
        if scene.genlock.more:
            column = layout.column(align=True)
            for told in options.FIELDS:
                if told["name"] not in options.FIRST:
                    column.prop(scene.genlock.options, told["name"])
        if session.runs("align", "render"):
            progress(layout)
        else:
            row = layout.row()
            row.scale_y = 1.4
            row.operator("genlock.align", icon="MOD_TIME")
        failure(layout, context, scene, ("", "align", "render"))


class GENLOCK_PT_result(Tab, bpy.types.Panel):
    """What was found, and what can be done with it"""

    bl_label = "Result"
    bl_idname = "GENLOCK_PT_result"

    @classmethod
    def poll(cls, context: Any) -> bool:
        folder = versions.scene_of(context).genlock.job
        return bool(folder) and session.answer(folder) is not None

    def draw(self, context: Any) -> None:
        scene, layout = versions.scene_of(context), self.layout
        answer = session.answer(scene.genlock.job) or {}
        figures = answer.get("figures") or {}
        error = answer.get("error")
        said(layout, context, error["what"] if error else answer.get("sentence", ""), "ERROR" if error else "CHECKMARK")
        runs = [run for run in figures.get("runs", []) if run.get("verdict") != "unmatched"]
        if runs:
            layout.label(text=f"Confidence {min(run['confidence'] for run in runs):.0%}", icon="INFO")
        if not error:
            row = layout.row(align=True)
            row.scale_y = 1.2
            row.operator("genlock.apply", icon="SEQ_STRIP_DUPLICATE")
            row.operator("genlock.remove", text="", icon="TRASH")
            layout.prop(scene.genlock, "sound")
        row = layout.row(align=True)
        row.operator("genlock.redo", icon="FILE_REFRESH")
        row.operator("genlock.report", icon="URL")
        for note in [*answer.get("notes", []), *session.now.notes][:4]:
            said(layout, context, note, "DOT")
        if figures.get("runs"):
            _runs(layout, scene, figures)


class GENLOCK_PT_exchange(Tab, bpy.types.Panel):
    """Timelines in and out"""

    bl_label = "Timelines"
    bl_idname = "GENLOCK_PT_exchange"
    bl_order = 9  # below those that work on footage
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        self.layout.operator("genlock.import_aligned", icon="IMPORT")
        self.layout.operator("genlock.export_otio", icon="EXPORT")


def _source(layout: Any, scene: Any, role: str) -> None:
    kept = scene.genlock
    row = layout.row(align=True)
    if getattr(kept, f"{role}_from") == "STRIP":
        if scene.sequence_editor is None:
            row.label(text=f"{role.title()}: no strips yet")
        else:
            row.prop_search(kept, f"{role}_strip", scene.sequence_editor, versions.strips_name(scene), text=role.title(), icon="SEQUENCE")
    else:
        row.prop(kept, f"{role}_file", text=role.title())
    row.prop(kept, f"{role}_from", text="", icon="TRIA_DOWN", icon_only=True)


def folded(layout: Any, kept: Any, name: str) -> None:
    """The line that unfolds more options."""
    row = layout.row()
    row.use_property_split = False
    row.prop(kept, name, icon="DOWNARROW_HLT" if getattr(kept, name) else "RIGHTARROW", emboss=False)


def progress(layout: Any) -> None:
    """How far the job is that runs, and a button that ends it."""
    now = session.now
    row = layout.row(align=True)
    row.progress(factor=now.done, type="BAR", text=f"{now.done:.0%}  {now.what}")
    row.operator("genlock.cancel", text="", icon="CANCEL")


def failure(layout: Any, context: Any, scene: Any, kinds: Sequence[str]) -> None:
    """Why the last job has ended without its answer, where it was of one of these kinds."""
    if not session.now.failed or session.now.kind not in kinds:
        return
    column = layout.column()
    column.alert = True
    said(column, context, session.now.failed, "ERROR")
    row = layout.row(align=True)
    log = Job(session.now.folder).log_path if session.now.folder else ""
    if scene.genlock.job and "align" in kinds:
        row.operator("genlock.redo", icon="FILE_REFRESH")
    if os.path.exists(log):
        row.operator("wm.path_open", text="Open Log", icon="TEXT").filepath = log


def _runs(layout: Any, scene: Any, figures: dict[str, Any]) -> None:
    runs, kept = figures["runs"], scene.genlock
    row = layout.row()
    row.prop(kept, "runs", text=f"{len(runs)} Run{'s' if len(runs) > 1 else ''}", icon="DOWNARROW_HLT" if kept.runs else "RIGHTARROW", emboss=False)
    if not kept.runs:
        return
    column = layout.column(align=True)
    for run in runs[:MOST_RUNS]:
        row = column.row(align=True)
        text = f"{run['ref_first']}–{run['ref_last']}"
        if run.get("clip_first") is not None:
            text += f"  shows {run['clip_first']}–{run['clip_last']}"
        wide = row.split(factor=0.66, align=True)
        wide.label(text=text, icon=_ICONS.get(run["verdict"], "DOT"))
        wide.label(text=run["verdict"] if run["verdict"] != "exact" else f"{run['confidence']:.0%}")
        row.operator("genlock.look", text="", icon="PLAY", emboss=False).ref_frame = run["ref_first"]
    if len(runs) > MOST_RUNS:
        column.label(text=f"and {len(runs) - MOST_RUNS} more: see the report")


def said(layout: Any, context: Any, text: str, icon: str) -> None:
    """A text over as many lines as it needs."""
    wide = max(20, int(context.region.width / (7 * context.preferences.system.ui_scale)) - 8)
    column = layout.column(align=True)
    column.scale_y = 0.8
    for n, line in enumerate(wrapped(text, wide)):
        column.label(text=line, icon=icon if n == 0 else "BLANK1")


def wrapped(text: str, wide: int) -> list[str]:
    """Lines of at most so many characters: labels are cut off at the panel's edge."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > wide:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


CLASSES = (GENLOCK_PT_align, GENLOCK_PT_result, GENLOCK_PT_exchange)
