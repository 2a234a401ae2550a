"""Timelines in and out: an aligned .otio or .json becomes strips, and the timeline becomes an .otio."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from typing import Any

import bpy

from ..aligned import Matrix, load
from ..jobs import write_whole
from . import applying, building, files, otio_in, otio_out, versions
from .files import Footage
from .laying import Laid, Space, space_of
from .operators import InSequencer
from .placing import IDENTITY, fitted, matrix_of, product
from .refusing import CannotLay

IMPORTED = "imported"


class _WithFile(InSequencer):
    __annotations__ = {
        "filepath": bpy.props.StringProperty(subtype="FILE_PATH", options={"SKIP_SAVE"}),
        "filter_glob": bpy.props.StringProperty(default="*.otio;*.json", options={"HIDDEN"}),
    }

    def invoke(self, context: Any, event: Any) -> set[str]:
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}


class GENLOCK_OT_import_aligned(_WithFile):
    """Lay an aligned .json, or any .otio, on free channels from the scene's first frame on"""

    bl_idname = "genlock.import_aligned"
    bl_label = "Import Aligned Timeline"
    bl_options = {"REGISTER", "UNDO"}

    def work(self, context: Any, scene: Any) -> None:
        path = os.path.abspath(bpy.path.abspath(self.filepath))
        notes = import_json(scene, path) if path.lower().endswith(".json") else import_otio(scene, path)
        for note in notes:
            self.report({"WARNING"}, note)


class GENLOCK_OT_export_otio(_WithFile):
    """Write this timeline as .otio: cuts, speeds, held frames, and where each picture lies"""

    bl_idname = "genlock.export_otio"
    bl_label = "Export Timeline"
    bl_options = {"REGISTER"}

    def invoke(self, context: Any, event: Any) -> set[str]:
        self.filepath = os.path.splitext(bpy.data.filepath or "timeline")[0] + ".otio"
        return super().invoke(context, event)

    def work(self, context: Any, scene: Any) -> None:
        path = os.path.abspath(bpy.path.abspath(self.filepath))
        for note in export_otio(scene, path if path.lower().endswith(".otio") else path + ".otio"):
            self.report({"WARNING"}, note)


def import_json(scene: Any, path: str) -> list[str]:
    """Lay what genlock align wrote as .json. Raises CannotLay where it needs media that have to be rendered first."""
    aligned = load(path)
    at = applying.stage(scene, aligned, "")
    made = applying.plan(scene, aligned, at, False)
    if made.missing:
        raise CannotLay(f"Blender cannot show all of this itself; render it with: genlock render {path} -o clip_as_ref.mov --alpha")
    return applying.lay_out(scene, made, at, f"{IMPORTED} {path}", False, {})


def import_otio(scene: Any, path: str) -> list[str]:
    """Lay a timeline: each of its tracks on a free channel, retimed stretches with their SPEED effect above. Raises CannotLay."""
    read = otio_in.load(path)
    notes = list(read.notes)
    if not applying.same_rate(scene, read.rate):
        notes.append(f"the timeline runs at {float(read.rate):g} frames a second and the scene does not: frames are right, speed and sound are not")
    before = {strip.name for strip in versions.strips_of(scene)}
    try:
        for track in read.tracks:
            _lay_track(scene, track, read, f"{IMPORTED} {path}")
    except BaseException:
        building.remove(scene, [strip for strip in versions.strips_of(scene) if strip.name not in before])
        raise
    return notes


def _lay_track(scene: Any, track: tuple[otio_in.Event, ...], read: otio_in.Read, made: str) -> None:
    start = scene.frame_start
    end = max(event.at + len(event.frames) for event in track)
    channel = building.free_channel(scene, start + track[0].at, start + end, 1 if track[0].sound else 2)
    for event in track:
        at = start + event.at
        if event.sound:
            sound = building.add_conformed_sound(scene, event.path, at - event.frames[0], channel, made)
            versions.trim(sound, at, at + len(event.frames))
            continue
        footage = _footage(scene, event.path, at)
        matrices = tuple(product(_to_canvas(scene, footage, event, read), matrix) for matrix in event.matrices or (IDENTITY,))
        space = space_of(matrices, footage.wh, building.canvas_of(scene), versions.can_pin())
        if space == Space():
            raise CannotLay(f"this Blender cannot show where {event.name} lies (perspective); import the alignment into Blender 5.0, or render it")
        laid = Laid(at, event.frames, matrices, event.at)
        role = "clip" if event.matrices else "ref"
        building.build(scene, laid, space, footage, channel, {"made": made, "role": role})


def _footage(scene: Any, path: str, at: int) -> Footage:
    """A file as Blender reads it: it is laid once to see its size, and taken away."""
    channel = building.free_channel(scene, at, at + 10**6, 1)
    strip = files.add_picture(scene, Footage(path, files.UNSEEN), "genlock looks", channel, at)
    size, still = files.size_of(strip), strip.type == "IMAGE" and len(strip.elements) == 1
    versions.strips_of(scene).remove(strip)
    if size is None:
        raise CannotLay(f"Blender sees no picture in {path}")
    return Footage(path, size, still)


def _to_canvas(scene: Any, footage: Footage, event: otio_in.Event, read: otio_in.Read) -> Matrix:
    """Ref pixel to canvas pixel, for what has a transform; else the picture's own pixel to where it is fitted."""
    wh = read.aligned.ref.wh if event.matrices and read.aligned else building.canvas_of(scene) if event.matrices else footage.wh
    return matrix_of(fitted(wh, building.canvas_of(scene)), wh, building.canvas_of(scene))


def export_otio(scene: Any, path: str) -> list[str]:
    """Write the scene's timeline; returns what was left out. Raises CannotLay where nothing of it can be said, or the file not be written."""
    rate = otio_in.exact_rate(scene.render.fps / scene.render.fps_base)
    notes: list[str] = []
    tracks: dict[tuple[bool, int], list[otio_out.Shown]] = {}
    ordered = sorted(versions.strips_of(scene), key=lambda strip: (strip.channel, versions.start_of(strip)))
    under = {each.name for strip in ordered for each in versions.inputs_of(strip)}
    for strip in ordered:
        if strip.name in under or strip.mute:
            continue
        try:
            shown = _shown(scene, strip, rate)
        except CannotLay as refusal:
            notes.append(str(refusal))
            continue
        tracks.setdefault((strip.type == "SOUND", strip.channel), []).append(shown)
    if not tracks:
        raise CannotLay(notes[0] if notes else "the timeline is empty")
    video, audio = ([_cut_front(track) for (sound, _), track in tracks.items() if sound == wanted] for wanted in (False, True))
    body = otio_out.timeline(scene.name, rate, video, audio)
    try:
        write_whole(path, json.dumps(body, indent=1) + "\n")
    except OSError as error:
        raise CannotLay(f"{path} cannot be written: {error.strerror}") from error
    return notes


def _cut_front(track: list[otio_out.Shown]) -> list[otio_out.Shown]:
    """What stands before the scene's first frame is not part of the timeline."""
    return [each for each in track if each.frames]


def _shown(scene: Any, strip: Any, rate: Fraction) -> otio_out.Shown:
    """Which frames a strip shows, from the scene's first frame on. Raises CannotLay where OTIO cannot say it."""
    source = strip
    if strip.type == "SPEED":
        source = versions.inputs_of(strip)[0]
    if source.type not in ("MOVIE", "IMAGE", "SOUND"):
        raise CannotLay(f"{strip.name} is left out: strips of type {strip.type} have no file")
    if getattr(source, "use_reverse_frames", False) or len(getattr(source, "retiming_keys", ())) > 2:
        raise CannotLay(f"{strip.name} is left out: its speed is set in a way that cannot be read frame by frame")
    start = max(versions.start_of(strip), scene.frame_start)
    origin = versions.content_at(source)
    times = range(start, versions.end_of(strip))
    length = max(int(source.frame_duration), 1)
    if strip.type == "SPEED":
        told = _speed_frames(scene, strip, times)
        frames = tuple(int(versions.start_of(source) - origin) + frame for frame in told)
    else:
        still = source.type == "IMAGE" and length == 1
        frames = tuple(0 if still else int(time - origin) for time in times)
    if frames and min(frames) < 0:
        raise CannotLay(f"{strip.name} is left out: it begins before the first frame of its file")
    own_rate = otio_in.exact_rate(source.fps) if source.type == "MOVIE" and source.fps else rate
    return otio_out.Shown(start - scene.frame_start, frames, files.path_of(source), own_rate, length, source.name, _about(scene, source))


def _speed_frames(scene: Any, strip: Any, times: range) -> list[int]:
    if strip.speed_control != "FRAME_NUMBER":
        raise CannotLay(f"{strip.name} is left out: of speed effects, only those by frame number can be read frame by frame")
    try:
        found = versions.curve(scene, strip.path_from_id("speed_frame_number"))
    except (AttributeError, IndexError):
        found = None
    return [int(found.evaluate(time) if found else strip.speed_frame_number) for time in times]


def _about(scene: Any, strip: Any) -> dict[str, Any]:
    """Where the picture lies on the canvas, for the clip's metadata, where its transform stands still."""
    size = files.size_of(strip) if strip.type != "SOUND" else None
    pinned = size is not None and any(modifier.type == "COMPOSITOR" for modifier in strip.modifiers)
    if size is None or pinned or versions.animated(scene, strip.path_from_id("transform")):
        return {}
    return {"transform": list(matrix_of(building.placement_of(strip), size, building.canvas_of(scene)))}


CLASSES = (GENLOCK_OT_import_aligned, GENLOCK_OT_export_otio)
