"""Imports a timeline, renders it, exports it again; and what the zip's own registration leaves behind."""

from __future__ import annotations

import os

import bpy

from .stand import ROOM, addon, new_scene, run, shoot, strips


def work(task):
    scene = new_scene(task["canvas_wh"], 24)
    scene.frame_start = 21
    mine = strips(scene).new_effect(name="mine", type="COLOR", channel=1, frame_start=21, **lasting(scene, 30))
    mine.mute = True
    assert bpy.ops.genlock.import_aligned(filepath=task["path"]) == {"FINISHED"}
    shots = {}
    for frame in range(task["frames"]):
        shots[frame] = os.path.join(ROOM, "shots", f"{frame:04d}.png")
        shoot(scene, 21 + frame, shots[frame])
    out = os.path.join(ROOM, "out.otio")
    assert bpy.ops.genlock.export_otio(filepath=out) == {"FINISHED"}
    names = sorted((strip.channel, strip.name) for strip in strips(scene))
    try:
        bpy.ops.genlock.import_aligned(filepath=os.path.join(ROOM, "task.json"))
        refusal = ""
    except RuntimeError as error:
        refusal = str(error)
    same = sorted((strip.channel, strip.name) for strip in strips(scene)) == names
    addon.unregister()
    return {"shots": shots, "out": out, "refusal": refusal, "same": same, "gone": not hasattr(bpy.types.Scene, "genlock"), "names": names}


def lasting(scene, count):
    known = {parameter.identifier for parameter in strips(scene).bl_rna.functions["new_effect"].parameters}
    return {"length": count} if "length" in known else {"frame_end": 21 + count}


run(work)
