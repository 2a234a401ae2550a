"""What a person does in the panel, with the real worker behind it; the timer's function is called by hand."""

from __future__ import annotations

import os
import signal
import time

import bpy

from .chosen import stage
from .stand import part, pump, run, session, strips

jobs = part("jobs")


def work(task):
    return {name: globals()[name](task) for name in task["steps"]}


def killed(task):
    """The worker is killed in the middle; the failure is told, and Redo does it all."""
    scene, _ = stage(task)
    assert bpy.ops.genlock.align() == {"FINISHED"}
    assert not bpy.ops.genlock.align.poll() and bpy.ops.genlock.cancel.poll()
    pump(60, lambda: session.now.done > 0)
    os.kill(session.now.running.process.pid, signal.SIGKILL)
    began = time.monotonic()
    pump(10)
    took_s = time.monotonic() - began
    failed = session.now.failed
    assert bpy.ops.genlock.redo() == {"FINISHED"}
    pump(120)
    return {"took_s": took_s, "failed": failed, "then": session.now.failed, "sentence": session.answer(scene.genlock.job)["sentence"]}


def applied(task):
    """Align, apply with sound, apply again, remove."""
    scene, _ = stage(task)
    if task["sound"] and not bpy.app.build_options.audaspace:
        return "silent"
    scene.genlock.sound = task["sound"]
    bpy.ops.genlock.align()
    pump(120)
    assert not session.now.failed, session.now.failed
    kept = scene.genlock
    out = {"report": os.path.exists(os.path.join(kept.job, "report.html"))}
    for turn in ("once", "twice"):
        assert bpy.ops.genlock.apply() == {"FINISHED"}
        pump(120)
        assert not session.now.failed, session.now.failed
        out[turn] = sorted((strip.type, strip.channel, strip.frame_final_start, strip.frame_final_end) for strip in strips(scene))
    path = os.path.join(task["room"], "kept.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    scene = bpy.data.scenes["made"]
    out["reopened"] = len(strips(scene)) == len(out["twice"]) and scene.genlock.job == os.path.abspath(scene.genlock.job)
    window = bpy.context.window_manager.windows[0]
    window.scene = scene
    if hasattr(window.workspace, "sequencer_scene"):
        window.workspace.sequencer_scene = scene
    assert bpy.ops.genlock.remove() == {"FINISHED"}
    out["removed"] = sorted(strip.name for strip in strips(scene))
    return out


def cancelled(task):
    """A job that is asked to stop says so."""
    stage(task)
    bpy.ops.genlock.align()
    pump(60, lambda: session.now.done > 0)
    assert bpy.ops.genlock.cancel() == {"FINISHED"}
    pump(20)
    return session.now.failed


def found_again(task):
    """Blender forgets all it knows of a running job, as if it had been started anew, and hears from it again."""
    stage(task)
    bpy.ops.genlock.align()
    pump(60, lambda: session.now.done > 0)
    process, folder = session.now.running.process, session.now.folder
    session.close()
    session.now.__dict__.update(session.Session().__dict__)
    assert session.adopt()
    same = session.now.folder == folder and session.now.running.process is None
    end = time.monotonic() + 120
    while session.now.running is not None and time.monotonic() < end:
        process.poll()
        session.tick()
        time.sleep(0.02)
    return {"same": same, "failed": session.now.failed, "sentence": session.answer(folder)["sentence"]}


def refused(task):
    """What cannot be done is said, and changes nothing."""
    scene, _ = stage(task)
    said = {}

    def refuse(name, operator):
        try:
            operator()
        except RuntimeError as error:
            said[name] = str(error)

    scene.genlock.clip_strip = "gone"
    refuse("no strip", bpy.ops.genlock.align)
    scene.genlock.clip_strip = "ref"
    refuse("the same", bpy.ops.genlock.align)
    scene.genlock.clip_strip = "clip"
    os.environ["GENLOCK_COMMAND"], kept = "/no/such/genlock", os.environ["GENLOCK_COMMAND"]
    refuse("no genlock", bpy.ops.genlock.align)
    os.environ["GENLOCK_COMMAND"] = kept
    return said


run(work)
