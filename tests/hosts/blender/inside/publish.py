"""Check and Publish in the panel, with pyblish inside Blender and the real worker outside; the timer's function is called by hand."""

from __future__ import annotations

import glob
import os
import signal
import sys
import tempfile
import time

import bpy

from .chosen import stage
from .stand import part, pump, run, session, strips

aside, jobs = part("publishing.aside"), part("jobs")


def work(task):
    return {name: globals()[name](task) for name in task["steps"]}


def pressed(only_check=False):
    assert bpy.ops.genlock.publish(only_check=only_check) == {"FINISHED"}
    assert not bpy.ops.genlock.align.poll() and bpy.ops.genlock.cancel.poll()
    pump(60, lambda: not session.busy())
    return {"failed": session.now.aside.failed, "lines": aside.lines(session.now.aside.rows)}


def checked(task):
    scene, _ = stage(task)
    scene.genlock.clip_from, scene.genlock.clip_file = "FILE", task["notes"]
    return pressed(only_check=True)


def published(task):
    scene, _ = stage(task)
    scene.genlock.publish_to = task["out"]
    scene.genlock.sound = task["sound"] and bpy.app.build_options.audaspace
    out = {"sound": scene.genlock.sound}
    for turn in ("once", "twice"):
        out[turn] = pressed()
        out[turn]["strips"] = sorted((strip.type, strip.channel, strip.frame_final_start, strip.frame_final_end) for strip in strips(scene))
        out[turn]["folders"] = session.now.aside.folders
    assert bpy.ops.genlock.remove(published=True) == {"FINISHED"}
    out["removed"] = sorted(strip.name for strip in strips(scene))
    out["loaded"] = [name for name in ("genlock", "torch", "cv2", "av", "opentimelineio", "rich") if name in sys.modules]
    return out


def killed(task):
    scene, _ = stage(task)
    scene.genlock.publish_to = task["out"]
    bpy.ops.genlock.publish()

    def workers():
        for events in glob.glob(os.path.join(tempfile.gettempdir(), "genlock-publish-*", "job", "events.jsonl")):
            yield from (message.process for message in jobs.Tail(events).read() if isinstance(message, jobs.Started))

    pump(60, lambda: list(workers()))
    os.kill(next(workers()), signal.SIGKILL)
    began = time.monotonic()
    pump(10, lambda: not session.busy())
    return {"took_s": time.monotonic() - began, "failed": session.now.aside.failed, "then": pressed()["failed"]}


def cancelled(task):
    stage(task)
    bpy.ops.genlock.publish(only_check=True)
    pump(60, lambda: session.now.aside.done > 0)
    bpy.ops.genlock.cancel()
    pump(10, lambda: not session.busy())
    return session.now.aside.failed


run(work)
