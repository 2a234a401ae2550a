"""The Genlock Retime node, with the real worker: pictures on disk, a Read of them inside, at the frames of the script."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from . import fake_nuke
from .conftest import Host

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the worker is started by a shell script")


def placed(host: Host, file: Path, **knobs: str) -> fake_nuke.Node:
    host.script.selected = [host.read(file, **knobs)]
    node = sys.modules["genlock.hosts.nuke.retiming"].create()
    node["gl_motion"].setValue("fast")
    return node


def shown(node: fake_nuke.Node) -> fake_nuke.Node | None:
    (switch,) = [inner for inner in node.nodes() if inner.Class() == "Switch"]
    return switch.input(int(switch["which"].value()))


def pressed(host: Host, node: fake_nuke.Node) -> None:
    host.press(node, "retime")
    host.wait(lambda: host.state(node) != "running")


def test_the_pictures_are_shown_from_where_the_input_begins(host: Host, pair: Path) -> None:
    node = placed(host, pair / "clip.mp4", frame_mode="start at", frame="1001")
    node["to"].setValue(str(host.folder / "even.%03d.png"))
    node["gl_times"].setValue(2)
    assert shown(node).Class() == "Input"  # type: ignore[union-attr]
    pressed(host, node)
    assert host.state(node) == "done", host.status(node)
    read = shown(node)
    assert read is not None and read.Class() == "Read" and read["file"].value() == str(host.folder / "even.%03d.png")
    files = sorted(host.folder.glob("even.*.png"))
    assert len(files) == 164 and [int(file.name.split(".")[1]) for file in (files[0], files[-1])] == [read["first"].value(), read["last"].value()]
    assert (read["frame_mode"].value(), read["frame"].value()) == ("start at", "1001")
    fake_nuke.Undo().undo()
    assert shown(node).Class() == "Input"  # type: ignore[union-attr]


def test_the_scripts_rate_and_what_is_refused(host: Host, pair: Path) -> None:
    node = placed(host, pair / "clip.mp4")
    job = sys.modules["genlock.hosts.nuke.retiming"].retime_job(node)
    assert job.request().settings == {"motion": "fast", "fps": "24"}
    node["to"].setValue("even.mov")
    pressed(host, node)
    assert host.status(node).startswith("failed: even.mov is no whole path")
    node.setInput(0, None)
    pressed(host, node)
    assert "footage is not connected to a Read" in host.status(node)


def test_what_is_retimed_is_not_taken_for_the_file_above_it(host: Host, pair: Path) -> None:
    """Nor is any other group that moves frames inside; one that only grades is passed, as a Grade is."""
    clip = host.read(pair / "clip.mp4")
    group = host.nuke.nodes.Group()
    group.setInput(0, clip)
    with group:
        host.nuke.nodes.Grade()
    node = host.node(group, host.read(pair / "ref.mp4"))
    asking = sys.modules["genlock.hosts.nuke.asking"]
    assert asking.pair(node)[0].file == str(pair / "clip.mp4")
    with group:
        host.nuke.nodes.TimeWarp()
    with pytest.raises(Exception, match="moves it"):
        asking.pair(node)
    node.setInput(0, placed(host, pair / "clip.mp4"))
    host.press(node)
    assert "GenlockRetime (Group) stands between clip and its file and moves it" in host.status(node)
