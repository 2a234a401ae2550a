"""Check and Publish of the Genlock node: pyblish runs in Nuke, the worker outside, and the node holds what was published."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from genlock.core.alignment import Alignment
from genlock.hosts.jobs import Started, Tail

from . import fake_nuke
from .conftest import DRIVER, Host

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the worker is started by a shell script")


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders go, to see that none is left."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return tmp_path / "tmp"


def ready(host: Host, clip: Path, ref: Path) -> fake_nuke.Node:
    node = host.node(host.read(clip), host.read(ref))
    node["publish_to"].setValue(str(host.folder / "out"))
    node["gl_quality"].setValue("draft")
    return node


def pressed(host: Host, node: fake_nuke.Node, button: str = "publish_publish") -> fake_nuke.Node:
    host.press(node, button)
    host.wait(lambda: host.state(node) != "publishing" and not host.flow.publishing.at_work(node))
    return node


def checked(node: fake_nuke.Node) -> list[str]:
    return str(node["checked"].value()).splitlines()


def test_publish_writes_a_version_and_fills_the_node(host: Host, pair: Path, room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = ready(host, pair / "clip.mp4", pair / "ref.mp4")
    steps = len(host.script.history.steps)
    pressed(host, node)
    home = host.folder / "out" / "ref" / "v001"
    assert host.state(node) == "done" and host.status(node) == f"published: {home}", (host.status(node), checked(node))
    assert {path.name for path in home.iterdir()} == {"ref.json", "ref.html", "ref.nk", "ref.otio"} and not list(room.iterdir())
    assert checked(node)[0].startswith("well: Readable, ") and "Same footage" in checked(node)[0]
    made = host.group.made(node)
    assert {"time", "space"} <= set(made) and made["time"].Class() == "TimeWarp"
    wanted = Alignment.load(home / "ref.json").clip_frames()
    first = next(frame for frame, shown in enumerate(wanted) if shown is not None)
    assert f"x{first + 1} {wanted[first] + 1}" in made["time"]["lookup"].value()  # type: ignore[operator]
    opened: list[str] = []
    monkeypatch.setattr(host.flow.webbrowser, "open", opened.append)
    host.press(node, "report")
    assert opened == [(home / "ref.html").as_uri()]
    assert len(host.script.history.steps) == steps + 1
    fake_nuke.Undo().undo()
    assert set(host.group.made(node)) == {"clip", "ref", "shown"}


def test_a_check_says_which_why_and_how(host: Host, pair: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.mov").write_text("a list of things to do\n" * 40)
    node = ready(host, tmp_path / "notes.mov", pair / "ref.mp4")
    pressed(host, node, "publish_check")
    assert host.state(node) == "failed" and set(host.group.made(node)) == {"clip", "ref", "shown"}
    (line,) = checked(node)
    assert line.startswith(f"Readable: clip {tmp_path / 'notes.mov'}: ") and line.endswith("give the media file itself")
    assert host.status(node) == f"failed: {line[len('Readable: ') :]}" and not (host.folder / "out").exists()


def test_a_killed_worker_is_told_and_cancel_ends_one(host: Host, pair: Path, room: Path) -> None:
    host.worker(DRIVER, "slow")
    node = ready(host, pair / "clip.mp4", pair / "ref.mp4")
    for end in ("kill", "cancel"):
        host.press(node, "publish_publish")
        host.wait(lambda: "reading" in host.status(node) and "Same footage" in checked(node)[0])
        if end == "cancel":
            host.press(node)
            assert host.script.said == ["This node is at work. Press Cancel first, or wait."]
            host.press(node, "cancel")
        else:
            (events,) = room.glob("genlock-publish-*/job/events.jsonl")
            (worker,) = [message.process for message in Tail(str(events)).read() if isinstance(message, Started)]
            os.kill(worker, signal.SIGKILL)
        took_s = host.wait(lambda: host.state(node) == "failed")
        assert took_s < 2 and ("was ended by signal 9" in host.status(node) if end == "kill" else host.status(node) == "failed: stopped")
        assert "log.txt" not in host.status(node), "it is gone with the job's folder"
    host.wait(lambda: not list(room.iterdir()), 5)
    host.worker("-m", "genlock")
    pressed(host, node)
    assert host.status(node) == f"published: {host.folder / 'out' / 'ref' / 'v001'}" and "time" in host.group.made(node)
    assert not list(room.iterdir())


def test_what_is_missing_is_said_in_a_line(host: Host, pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    node = ready(host, pair / "clip.mp4", pair / "ref.mp4")
    node["publish_to"].setValue("")
    host.press(node, "publish_publish")
    assert host.status(node) == "failed: no folder is named to publish to; write its whole path into publish to"
    monkeypatch.setitem(sys.modules, "pyblish.api", None)
    pressed(host, node, "publish_check")
    assert "pyblish: is not in the Python of Nuke" in host.status(node) and "-m pip install --target" in host.status(node)


def test_a_node_that_is_deleted_or_a_script_that_is_left(host: Host, pair: Path) -> None:
    host.worker(DRIVER, "slow")
    node, other = (ready(host, pair / "clip.mp4", pair / "ref.mp4") for _ in range(2))
    host.press(node, "publish_check")
    host.press(other, "publish_check")
    host.flow.find_again()
    assert "the script was left before the publish had ended" in host.status(other) and not host.flow.publishing._at_work
    host.press(node, "publish_check")
    host.nuke.delete(node)
    host.wait(lambda: not host.flow.publishing._at_work)
