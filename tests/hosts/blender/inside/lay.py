"""Applies alignments by the panel's own operator, and renders every frame of the ref."""

from __future__ import annotations

import os

import bpy

from .stand import ROOM, new_scene, pump, run, session, shoot, strips


def work(task):
    return {name: lay(name, case) for name, case in task.items()}


def lay(name, case):
    scene = new_scene(case["canvas_wh"], case["fps"], case.get("fps_base", 1.0))
    ref = strips(scene).new_movie("ref", case["ref"], 3, case["ref_at"])
    for key, value in case.get("ref_transform", {}).items():
        setattr(ref.transform, key, value)
    trimmed = case.get("ref_trim", 0)
    if trimmed:
        ref.frame_final_start = case["ref_at"] + trimmed
    other = strips(scene).new_effect(name="mine", type="COLOR", channel=4, frame_start=case["ref_at"] + 2, **lasting(scene, 5, case["ref_at"] + 2))
    other.mute = True
    mine = [(strip.name, strip.channel, strip.frame_final_start, strip.frame_final_end) for strip in strips(scene)]
    scene.genlock.job = case["job"]
    scene.genlock.used_ref = "ref"
    assert bpy.ops.genlock.apply() == {"FINISHED"}
    rendered = session.now.running is not None
    pump(120)
    assert not session.now.failed, session.now.failed
    kept = [(strip.name, strip.channel, strip.frame_final_start, strip.frame_final_end) for strip in strips(scene) if strip.name in ("ref", "mine")]
    made = [strip for strip in strips(scene) if strip.name not in ("ref", "mine")]
    folder = os.path.join(ROOM, "shots", name)
    shots = {}
    for frame in range(trimmed, case["frames"]):
        shots[frame] = os.path.join(folder, f"{frame:04d}.png")
        shoot(scene, case["ref_at"] + frame, shots[frame])
    return {
        "shots": shots,
        "rendered": rendered,
        "untouched": sorted(mine) == sorted(kept),
        "channels": [strip.channel for strip in made],
        "types": sorted(strip.type for strip in made),
        "markers": sorted((marker.frame, marker.name) for marker in scene.timeline_markers),
    }


def lasting(scene, count, start):
    known = {parameter.identifier for parameter in strips(scene).bl_rna.functions["new_effect"].parameters}
    return {"length": count} if "length" in known else {"frame_end": start + count}


run(work)
