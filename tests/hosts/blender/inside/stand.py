"""Runs inside Blender's Python, in a process of its own: what the scripts beside it share.

PYTHON -m inside.SCRIPT ROOM     ROOM holds ext/genlock_addon (the unpacked zip) and task.json; what is said goes to ROOM/answer.json
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
import traceback

import bpy

ROOM = sys.argv[1]
sys.path.insert(0, os.path.join(ROOM, "ext"))
addon = importlib.import_module("genlock_addon")


def part(name):
    """A module of the add-on, as it is in the zip."""
    return importlib.import_module(f"genlock_addon.genlock.hosts.{name}")


session = part("blender.session")


def new_scene(wh, fps, base=1.0):
    """A scene that renders its sequencer as it is, and is the one in sight."""
    scene = bpy.data.scenes.new("made")
    render = scene.render
    render.resolution_x, render.resolution_y, render.resolution_percentage = *wh, 100
    render.fps, render.fps_base = fps, base
    render.use_sequencer, render.use_compositing = True, False
    render.image_settings.file_format = "PNG"
    scene.view_settings.view_transform = "Standard"
    scene.sequencer_colorspace_settings.name = "sRGB"
    scene.sequence_editor_create()
    window = bpy.context.window_manager.windows[0]
    window.scene = scene
    if hasattr(window.workspace, "sequencer_scene"):
        window.workspace.sequencer_scene = scene
    return scene


def strips(scene):
    editor = scene.sequence_editor
    return editor.strips if hasattr(editor, "strips") else editor.sequences


def shoot(scene, frame, path):
    scene.frame_set(frame)
    scene.render.filepath = path
    bpy.ops.render.render(write_still=True, scene=scene.name)


def pump(limit_s=60.0, until=lambda: session.now.running is None):
    """Call the timer's function as Blender's window would; timers do not fire without one."""
    end = time.monotonic() + limit_s
    while not until():
        if time.monotonic() > end:
            raise TimeoutError(f"nothing after {limit_s} s: {session.now}")
        session.tick()
        time.sleep(0.02)


def run(work):
    """Do the work, write its answer, and end at once: a bpy that is let go of may hang."""
    answer = {"version": bpy.app.version_string}
    try:
        addon.register()
        with open(os.path.join(ROOM, "task.json"), encoding="utf-8") as file:
            task = json.load(file)
        answer["said"] = work(task)
    except BaseException:
        answer["error"] = traceback.format_exc()
    with open(os.path.join(ROOM, "answer.json"), "w", encoding="utf-8") as file:
        json.dump(answer, file)
    sys.stdout.flush()
    os._exit(0)
