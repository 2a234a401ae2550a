"""The active strip is inpainted by the panel's operator, with a mask strip beside it, and the film laid above both."""

from __future__ import annotations

import os
import time

from .stand import ROOM, bpy, new_scene, part, pump, run, session, shoot, strips


def refused(press):
    try:
        press()
    except RuntimeError as error:
        return str(error).strip()
    return ""


def work(task):
    scene = new_scene((96, 64), 24)
    plate = strips(scene).new_movie("plate a", task["plate"], 1, 8)
    matte = strips(scene).new_movie("matte", task["matte"], 2, 8)
    matte.mute = True
    plate.frame_final_start, plate.frame_final_end = 10, 14
    scene.sequence_editor.active_strip = plate
    kept, out = scene.genlock_inpaint, {}
    press = bpy.ops.genlock.inpaint
    out["no mask"] = refused(press)
    kept.mask_strip, matte.frame_start = "matte", 9
    out["moved mask"] = refused(press)
    matte.frame_start = 8
    project = part("blender.inpainting").project_of(scene, plate)
    out["no page"] = refused(lambda: bpy.ops.genlock.review(project=project))
    for turn in ("once", "twice"):
        began = time.monotonic()
        assert press() == {"FINISHED"}
        pump(240)
        assert not session.now.failed, session.now.failed
        made = max(strips(scene), key=lambda strip: strip.channel)
        files = [element.filename for element in made.elements]
        out[turn] = [made.name, made.type, made.channel, made.frame_final_start, made.frame_final_end, files[0], len(files)]
        out[f"{turn} took_s"] = time.monotonic() - began
    shoot(scene, 11, os.path.join(ROOM, "shown.png"))
    out["untouched"] = [[strip.channel, strip.frame_final_start, strip.frame_final_end] for strip in (plate, matte)]
    out["count"], out["project"] = len(strips(scene)), project
    kept.project = os.path.join(ROOM, "pictures")
    few = strips(scene).new_image("few", task["pictures"] % 3, 5, 30)
    few.elements.append(os.path.basename(task["pictures"] % 4))
    kept.mask_from, kept.mask_file = "FILE", task["matte"]
    scene.sequence_editor.active_strip = few
    assert press() == {"FINISHED"}
    pump(240)
    assert not session.now.failed, session.now.failed
    made = max(strips(scene), key=lambda strip: strip.channel)
    out["few"] = [made.frame_final_start, made.frame_final_end, [element.filename for element in made.elements]]
    kept.project = os.path.join(ROOM, "other")
    assert press() == {"FINISHED"}
    session.cancel()
    pump(30)
    out["cancelled"] = session.now.failed
    return out


run(work)
