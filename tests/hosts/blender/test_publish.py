"""Check and Publish from the panel: pyblish runs inside Blender, where it is installed, and the strips show what was published."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyblish
import pytest

from genlock.hosts.demo import cutting
from genlock.hosts.demo.twin import Side

from .child import each_blender, inside
from .test_panel_flow import task_of


@pytest.fixture
def modules(tmp_path):
    """A folder with pyblish, as a person or a pipeline would have it on Blender's path."""
    folder = tmp_path / "modules"
    shutil.copytree(Path(pyblish.__file__).parent, folder / "pyblish", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tmp").mkdir()
    return {"PYTHONPATH": str(folder), "TMPDIR": str(tmp_path / "tmp")}


@each_blender
def test_a_version_is_written_and_laid(python, tmp_path, modules):
    out = tmp_path / "out"
    said = inside(python, "publish", tmp_path, {**task_of(tmp_path, "published"), "out": str(out)}, **modules)["published"]
    for turn, version in (("once", "v001"), ("twice", "v002")):
        assert said[turn]["failed"] == "" and said[turn]["folders"] == [str(out / "ref" / version)]
        assert said[turn]["strips"] == [["MOVIE", 1, 1, 91], ["MOVIE", 2, 1, 72], ["MOVIE", 3, 10, 81]], "the version before is replaced"
        assert said[turn]["lines"][0][1].startswith("well: Readable, ")
    assert said["removed"] == ["clip", "ref"] and said["loaded"] == []
    assert {path.name for path in (out / "ref" / "v002").iterdir()} == {"ref.json", "ref.html", "ref.otio", "ref.edl"}
    assert json.loads((out / "ref" / "v001" / "ref.json").read_text())["genlock_alignment"] == 1 and not list((tmp_path / "tmp").glob("genlock-*"))


@each_blender
def test_what_blender_cannot_show_is_rendered_after_the_publish(python, tmp_path, modules):
    """Sound of another speed, here; the strips come with it, and the version after replaces both."""
    side = Side(time=(cutting.speed(1.25),))
    task = {**task_of(tmp_path, "published", side=side, sound=True), "out": str(tmp_path / "out")}
    said = inside(python, "publish", tmp_path, task, **modules)["published"]
    if not said["sound"]:
        pytest.skip("this bpy was built without sound")
    kinds = [(kind, channel) for kind, channel, *_ in said["twice"]["strips"]]
    assert said["once"]["failed"] == "" and said["once"]["strips"] == said["twice"]["strips"]
    assert ("SOUND", 3) in kinds and ("MOVIE", 4) in kinds and ("SPEED", 5) in kinds
    assert said["removed"] == ["clip", "ref"]


@each_blender
def test_what_is_wrong_is_said_and_a_killed_worker_too(python, tmp_path, modules):
    (tmp_path / "notes.mov").write_text("a list of things to do\n" * 40)
    task = {**task_of(tmp_path, "checked", "killed", "cancelled"), "notes": str(tmp_path / "notes.mov"), "out": str(tmp_path / "out")}
    said = inside(python, "publish", tmp_path, task, **modules)
    ((state, line),) = said["checked"]["lines"]
    assert state == "failed" and line.startswith(f"Readable: clip {tmp_path / 'notes.mov'}: ") and line.endswith("give the media file itself")
    assert said["killed"]["took_s"] < 2 and "was ended by signal 9" in said["killed"]["failed"]
    assert said["killed"]["then"] == "" and (tmp_path / "out" / "ref" / "v001" / "ref.json").exists()
    assert said["cancelled"] == "stopped"


@each_blender
def test_without_pyblish_a_line_says_how_to_get_it(python, tmp_path):
    said = inside(python, "publish", tmp_path, {**task_of(tmp_path, "checked"), "notes": str(tmp_path / "ref.mp4")})["checked"]
    assert said["lines"] == [] and "pyblish: is not in the Python of Blender" in said["failed"] and "scripts/modules" in said["failed"]


@each_blender
def test_every_panel_can_be_drawn(python, tmp_path, modules):
    """Without a window, into a layout as strict as Blender's; what a person reads at each step is in it."""
    said = inside(python, "drawn", tmp_path, {**task_of(tmp_path), "out": str(tmp_path / "out")}, **modules)
    assert {"Check", "Publish"} <= set(said["at first"]["GENLOCK_PT_publish"]) and "Retime" in said["at first"]["GENLOCK_PT_retime"]
    assert {"Inpaint", "Mask from", "Prompt", "Seeds", "Project"} <= set(said["at first"]["GENLOCK_PT_inpaint"])
    assert any("%" in text for text in said["at work"]["GENLOCK_PT_align"]) and "Cancel" in said["at work"]["GENLOCK_PT_align"]
    assert "Cancel" in said["publishing"]["GENLOCK_PT_publish"] and "Check" not in said["publishing"]["GENLOCK_PT_publish"]
    published = " ".join(said["published"]["GENLOCK_PT_publish"])
    assert "well: Readable, " in published and str(tmp_path / "out" / "ref" / "v001") in published
    assert "Apply" in said["published"]["GENLOCK_PT_result"]
    assert "Readable: clip /etc/passwd" in " ".join(said["refused"]["GENLOCK_PT_publish"])
