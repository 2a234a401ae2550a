"""The part "Inpaint" of the tab: something taken out of the active strip's shot, or changed, and the film laid above the strip."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from functools import partial
from typing import Any

import bpy

from .. import launch, reviewing
from ..jobs import Job, Request
from . import applying, building, files, options, putting, session, versions
from .operators import InSequencer
from .panel import Tab, failure, folded, progress, said
from .refusing import CannotLay
from .retiming import plays_as_it_is

FOR_PAINTERS = ("prompt", "seeds")
"""In sight, as the backend is; the others are folded away. The built-in fill has no use for them."""
ELSEWHERE = ("begin", "only", "range", "handles", "rate", "film", "box", "trust")
"""Told by the strip itself, or asked for in another place: trust is pressed each time, since a .blend may come from anyone."""
FIELDS = options.load_fields("inpaint", ELSEWHERE)
PICTURES = "final/final.%06d.png"
"""The film of a movie strip: Blender finds frames of a film by time, and misses some where its time stamps are rounded."""
MOST_NOTES = 3
_MASKS = (("STRIP", "Strip", "A strip of the timeline"), ("FILE", "File", "A film, a sequence such as matte.%04d.png, or a still"),
          ("BOX", "Box", "No matte: what is in a box is cut out and followed"))  # fmt: skip


class GenlockInpaint(bpy.types.PropertyGroup):
    """What the panel asks for, and what came of it."""

    __annotations__ = {
        **{told["name"]: options.property_of(told) for told in FIELDS},
        "mask_from": bpy.props.EnumProperty(name="Mask from", description="What says where the picture changes", items=_MASKS),
        "mask_strip": bpy.props.StringProperty(name="Mask", description="A strip that is white or opaque where the picture changes"),
        "mask_file": bpy.props.StringProperty(name="Mask", description="A matte, white or opaque where the picture changes", subtype="FILE_PATH"),
        "box": bpy.props.StringProperty(name="Box", description="Left, top, width and height in pixels of the file, in the strip's first frame"),
        "project": bpy.props.StringProperty(
            name="Project", description="Folder of the project; empty: beside the .blend, named after the strip", subtype="DIR_PATH"
        ),
        "more": bpy.props.BoolProperty(name="More Options", description="Show all that a new project can be told"),
        "job": bpy.props.StringProperty(name="Job", description="Folder of the last job"),
    }


class GENLOCK_OT_inpaint(InSequencer):
    """Take what the mask covers out of the active strip, or change it, and lay the film above the strip. Blender stays free meanwhile"""

    bl_idname = "genlock.inpaint"
    bl_label = "Inpaint"
    bl_options = {"REGISTER", "UNDO"}
    __annotations__ = {
        "trust": bpy.props.BoolProperty(
            name="Trust", description="Run the program that [inpaint.command] in the project's genlock.toml names, as you", options={"SKIP_SAVE"}
        )
    }

    @classmethod
    def poll(cls, context: Any) -> bool:
        return not session.busy() and _active(versions.scene_of(context)) is not None

    def work(self, context: Any, scene: Any) -> None:
        strip = plays_as_it_is(_active(scene))
        kept = scene.genlock_inpaint
        folder, project = session.new_folder("inpaint"), project_of(scene, strip)
        inputs = {"project": project, "video": files.path_of(strip)}
        settings: dict[str, Any] = {**options.given(FIELDS, kept), **_span(strip), **({"trust": True} if self.trust else {})}
        if kept.mask_from == "BOX":
            settings["box"] = kept.box.strip()
        else:
            inputs["mask"] = _mask_of(scene, strip)
        if strip.type == "IMAGE":
            settings["rate"] = options.scene_rate(scene)
        else:
            settings["film"] = PICTURES
        session.begin(Request("inpaint", inputs, (), settings), putting.when_done(scene, strip, folder, lay, "Genlock: Inpaint"), folder)
        kept.job = folder


class GENLOCK_OT_review(InSequencer):
    """Open the page where painted pictures are picked and masks corrected, in the browser; then press Inpaint again"""

    bl_idname = "genlock.review"
    bl_label = "Review"
    __annotations__ = {"project": bpy.props.StringProperty(options={"SKIP_SAVE"})}

    def work(self, context: Any, scene: Any) -> None:
        page = reviewing.open_page(self.project, launch.find_genlock(session.HERE))
        bpy.app.timers.register(partial(_watch, page, [40]), first_interval=0.25)


def project_of(scene: Any, strip: Any) -> str:
    """The folder of a strip's project, as the person has named it, or as it is named after the strip."""
    named = scene.genlock_inpaint.project
    if named:
        return os.path.abspath(bpy.path.abspath(named)).rstrip("/\\")
    return os.path.join(applying.media_folder(make=False), re.sub(r"[^\w.-]+", "_", strip.name) + "-inpaint")


def lay(scene: Any, strip: Any, folder: str) -> Any:
    """The film of a finished job as a strip on a free channel, in place of what that project has laid before. Raises CannotLay, JobError."""
    figures = (Job(folder).result() or {})["figures"]
    if not figures["films"]:
        raise CannotLay(f"there is no film in {figures['project']} yet; press Inpaint again")
    path, made_by = figures["films"][0], figures["project"]
    first = _file_at(strip) + figures["first"]
    start, end = max(first, versions.start_of(strip)), min(first + figures["frames"], versions.end_of(strip))
    if end <= start:
        raise CannotLay(f"the strip {strip.name} shows none of the frames that were worked on; the film is at {path}")
    before = {each.name for each in building.made_by(scene, made_by)}
    channel = building.free_channel(scene, start, end, 1)
    made = files.add_picture(scene, files.Footage(path, files.UNSEEN), f"{strip.name} inpainted", channel, first)
    versions.trim(made, start, end)
    made.blend_type = "ALPHA_OVER"
    building.put(made, _scaled(building.placement_of(strip), strip, made))
    building.mark(made, made_by, "inpainted")
    building.remove(scene, [each for each in versions.strips_of(scene) if each.name in before])
    building.settle(scene, [made])
    made.name = f"{strip.name} inpainted"  # which the strip before it had
    return made


def _scaled(placement: Any, strip: Any, made: Any) -> Any:
    """A project may enlarge its film: it is shown as large as the strip."""
    own, other = files.size_of(made), files.size_of(strip)
    if own is None or other is None or own == other:
        return placement
    return replace(placement, scale_x=placement.scale_x * other[0] / own[0], scale_y=placement.scale_y * other[1] / own[1])


def _active(scene: Any) -> Any | None:
    editor = scene.sequence_editor
    active = editor.active_strip if editor is not None else None
    return active if active is not None and active.type in ("MOVIE", "IMAGE") else None


def _pictures(strip: Any) -> list[str]:
    """The names of a sequence's pictures on disk, which may be more than the strip has; empty for a film or a still."""
    return files.sequence_files(files.path_of(strip)) if strip.type == "IMAGE" and len(strip.elements) > 1 else []


def _file_at(strip: Any) -> int:
    """The timeline frame of the first frame of a strip's file, of a sequence of its first picture on disk. Raises CannotLay."""
    names = _pictures(strip)
    skipped = names.index(strip.elements[0].filename) if strip.elements[0].filename in names else 0
    return round(versions.content_at(strip)) - skipped


def _seen(strip: Any) -> tuple[int, int]:
    """First and last frame of its file that a strip shows, from 0. Raises CannotLay where there is none."""
    at, content = _file_at(strip), round(versions.content_at(strip))
    first = max(versions.start_of(strip), content) - at
    last = min(versions.end_of(strip), content + versions.length_of(strip)) - at - 1
    if last < first:
        raise CannotLay(f"the strip {strip.name} shows no frame of its file; move its handles")
    return first, last


def _span(strip: Any) -> dict[str, str]:
    """The setting `range`, where the strip does not show all of its file."""
    first, last = _seen(strip)
    return {} if first == 0 and last == _length(strip) - 1 else {"range": f"{first}-{last}"}


def _length(strip: Any) -> int:
    return len(_pictures(strip)) or versions.length_of(strip)


def _mask_of(scene: Any, strip: Any) -> str:
    """The file of the mask. Raises CannotLay where there is none, or its strip does not go with the shot's."""
    kept = scene.genlock_inpaint
    if kept.mask_from == "FILE":
        if not kept.mask_file:
            raise CannotLay("no file is chosen as the mask")
        return os.path.abspath(bpy.path.abspath(kept.mask_file))
    mask = versions.strips_of(scene).get(kept.mask_strip)
    if mask is None:
        raise CannotLay(f"there is no strip {kept.mask_strip}; choose the mask anew" if kept.mask_strip else "no strip is chosen as the mask")
    if mask.name == strip.name:
        raise CannotLay(f"the strip {strip.name} is the mask, and the active strip, too; click on the shot's strip")
    path = files.path_of(plays_as_it_is(mask))
    still = mask.type == "IMAGE" and len(mask.elements) == 1
    begins, (first, last) = _file_at(mask) - _file_at(strip), _seen(strip)
    if not still and begins != 0 and (begins, _length(mask)) != (first, last + 1 - first):
        raise CannotLay(
            f"the mask's file begins {abs(begins)} frames {'before' if begins < 0 else 'after'} the shot's; move the strip {mask.name} so that both "
            "begin on the same frame, or give a mask as long as what the strip shows"
        )
    return path


def _watch(page: reviewing.Page, turns: list[int]) -> float | None:
    """For a few seconds, hear whether the page could be opened."""
    turns[0] -= 1
    if page.failed():
        session.now.failed, session.now.kind = page.failed(), "inpaint"
        building.redraw()
        return None
    return 0.25 if turns[0] else None


class GENLOCK_PT_inpaint(Tab, bpy.types.Panel):
    """A mask, and who paints"""

    bl_label = "Inpaint"
    bl_idname = "GENLOCK_PT_inpaint"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: Any) -> None:
        scene, layout = self.opened(context)
        kept, strip = scene.genlock_inpaint, _active(scene)
        layout.label(text=f"Shot: {strip.name}" if strip is not None else "Select a movie or image strip", icon="SEQUENCE")
        _mask(layout, scene)
        layout.prop(kept, "backend")
        column = layout.column(align=True)
        column.active = kept.backend != "classic"
        for name in FOR_PAINTERS:
            column.prop(kept, name)
        folded(layout, kept, "more")
        if kept.more:
            column = layout.column(align=True)
            for told in FIELDS:
                if told["name"] not in ("backend", *FOR_PAINTERS):
                    column.prop(kept, told["name"])
            layout.operator("genlock.inpaint", text="Inpaint and Run Its Program", icon="CONSOLE").trust = True
        layout.prop(kept, "project")
        if session.runs("inpaint"):
            progress(layout)
        else:
            row = layout.row()
            row.scale_y = 1.4
            row.operator("genlock.inpaint", icon="BRUSH_DATA")
        if strip is not None:
            _stands(layout, context, project_of(scene, strip))
            _answered(layout, context, project_of(scene, strip), kept.job)
        failure(layout, context, scene, ("inpaint",))


def _mask(layout: Any, scene: Any) -> None:
    kept = scene.genlock_inpaint
    row = layout.row(align=True)
    if kept.mask_from == "BOX":
        row.prop(kept, "box")
    elif kept.mask_from == "FILE":
        row.prop(kept, "mask_file")
    elif scene.sequence_editor is None:
        row.label(text="Mask: no strips yet")
    else:
        row.prop_search(kept, "mask_strip", scene.sequence_editor, versions.strips_name(scene), text="Mask", icon="SEQUENCE")
    row.prop(kept, "mask_from", text="", icon="TRIA_DOWN", icon_only=True)


def _stands(layout: Any, context: Any, project: str) -> None:
    """What can be done with a project that is there."""
    if not os.path.isfile(os.path.join(project, "genlock.toml")):
        return
    said(layout, context, "The project is there: its genlock.toml says what is done. For other options edit it, or name another folder.", "INFO")
    row = layout.row(align=True)
    row.operator("genlock.review", icon="URL").project = project
    row.operator("wm.path_open", text="Open Folder", icon="FILE_FOLDER").filepath = project


def _answered(layout: Any, context: Any, project: str, job: str) -> None:
    """What the last run has said, where it was of this project."""
    answer = (session.answer(job) or {}) if job else {}
    figures = answer.get("figures") or {}
    if figures.get("project") != project or session.runs("inpaint"):
        return
    said(layout, context, answer["sentence"].replace(f"{project}: ", "").replace(f" in {project}", ""), "CHECKMARK")
    for note in figures["notes"][:MOST_NOTES]:
        said(layout, context, note, "DOT")


CLASSES = (GenlockInpaint, GENLOCK_OT_inpaint, GENLOCK_OT_review, GENLOCK_PT_inpaint)
