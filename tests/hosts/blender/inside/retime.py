"""A strip is retimed by the panel's operator, and laid above itself."""

from __future__ import annotations

import os

import bpy

from .chosen import stage
from .stand import ROOM, pump, run, session, shoot, strips


def work(task):
    scene, ref = stage(task)
    ref.frame_final_start, ref.frame_final_end = 11, 61
    ref.transform.offset_x = 12
    scene.sequence_editor.active_strip = ref
    scene.genlock_retime.motion = "fast"
    out = {}
    for name, fps in (("scene", ""), ("double", "48")):
        scene.genlock_retime.fps = fps
        assert bpy.ops.genlock.retime() == {"FINISHED"}
        pump(60)
        assert not session.now.failed, session.now.failed
        made = max(strips(scene), key=lambda strip: strip.channel)
        out[name] = [made.type, made.channel, made.frame_final_start, made.frame_final_end, len(made.elements), round(made.transform.offset_x)]
        if name == "scene":
            for shown in (True, False):
                made.mute = not shown
                shoot(scene, 33, os.path.join(ROOM, f"{shown}.png"))
    out["untouched"] = [ref.frame_final_start, ref.frame_final_end, ref.channel]
    return out


run(work)
