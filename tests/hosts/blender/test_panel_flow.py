"""From the panel to the worker and back, in a Blender without a window: made footage, the real worker, the operators that the buttons call."""

from __future__ import annotations

import pytest

from genlock.hosts.demo import cutting, placing
from genlock.hosts.demo.twin import Side
from genlock.tests.footage import write_pair

from .child import each_blender, inside


def task_of(room, *steps, side=None, sound=False):
    write_pair(room, side or Side(time=(cutting.trim(9, 80),), space=(placing.crop(12, 6, 200, 116),)), seed=11)
    return {"clip": str(room / "clip.mp4"), "ref": str(room / "ref.mp4"), "room": str(room), "steps": steps, "sound": sound}


@each_blender
def test_a_killed_worker_is_told_and_redo_works(python, tmp_path):
    said = inside(python, "flow", tmp_path, task_of(tmp_path, "killed"))["killed"]
    assert "was ended by signal 9 before it could say why" in said["failed"]
    assert said["took_s"] < 2
    assert said["then"] == "" and "71 of the ref's 90 frames" in said["sentence"]


@each_blender
def test_cancel_and_what_is_refused(python, tmp_path):
    said = inside(python, "flow", tmp_path, task_of(tmp_path, "cancelled", "refused"))
    assert said["cancelled"] == "stopped"
    refused = said["refused"]
    assert "there is no strip gone; choose the clip anew" in refused["no strip"]
    assert "the same file" in refused["the same"]
    assert "GENLOCK_COMMAND" in refused["no genlock"]


@each_blender
def test_a_job_is_found_again(python, tmp_path):
    said = inside(python, "flow", tmp_path, task_of(tmp_path, "found_again"))["found_again"]
    assert said["same"] and not said["failed"] and said["sentence"]


@each_blender
def test_apply_lays_over_and_remove_takes_away(python, tmp_path):
    """The same apply twice leaves one result; the .blend keeps all; what was there stays."""
    said = inside(python, "flow", tmp_path, task_of(tmp_path, "applied"))["applied"]
    assert said["report"] and said["reopened"]
    assert said["once"] == said["twice"] == [["MOVIE", 1, 1, 91], ["MOVIE", 2, 1, 72], ["MOVIE", 3, 10, 81]]
    assert said["removed"] == ["clip", "ref"]


@each_blender
def test_sound_of_a_retimed_clip_is_rendered_to_fit(python, tmp_path):
    side = Side(time=(cutting.speed(1.25),))
    said = inside(python, "flow", tmp_path, task_of(tmp_path, "applied", side=side, sound=True))["applied"]
    if said == "silent":
        pytest.skip("this bpy was built without sound")
    kinds = [(kind, channel) for kind, channel, *_ in said["once"]]
    assert ("SOUND", 3) in kinds and ("MOVIE", 4) in kinds and ("SPEED", 5) in kinds
    assert (tmp_path / "jobs" / "blender" / "genlock-media").is_dir()
