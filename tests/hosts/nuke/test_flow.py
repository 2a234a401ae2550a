"""The Genlock node from Align to the answer, with the real worker and a strict stand-in for Nuke: frames and pixels are looked at."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest

from genlock.core.alignment import Alignment
from genlock.core.space.geometry import apply, as_array
from genlock.hosts.jobs import Job, Started, Tail

from ...nuke_eval import Op, seen
from . import fake_nuke
from .conftest import DRIVER, OURS, Host, graph

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the worker is started by a shell script")


def showing(file: object, later: int = 0) -> Op:
    """A file that the script shows some frames later than its own numbers say."""
    return Op("TimeOffset", {"time_offset": str(later)}, [Op("Read", {"file": str(file)})])


def answer_of(node: fake_nuke.Node) -> Alignment:
    return Alignment.load(Path(node["genlock_answer"].value()) / "answer.json")


def check_frames(node: fake_nuke.Node, pair: Path, clip_later: int, ref_later: int) -> int:
    """Every ref frame shows the clip frame, at the place, that the answer says; returns how many show any."""
    answer, wanted = answer_of(node), answer_of(node).clip_frames()
    out = graph(node, {"clip": showing(pair / "clip.mp4", clip_later), "ref": showing(pair / "ref.mp4", ref_later)})["output"]
    points = np.array([[0.0, 0.0], [249.0, 10.0], [120.0, 140.0]])
    for frame in range(answer.ref.frames):
        read, number, matrix = seen(out, frame + 1 + ref_later)
        if wanted[frame] is None:
            assert read.kind == "Constant"
            continue
        assert number - 1 == wanted[frame]
        at = apply(matrix, np.c_[points[:, 0] + 0.5, answer.clip.height - 0.5 - points[:, 1]])
        there = apply(as_array(answer.matrix_at(frame)), points)
        assert np.abs(np.c_[at[:, 0] - 0.5, answer.ref.height - 0.5 - at[:, 1]] - there).max() < 1e-3
    return sum(frame is not None for frame in wanted)


def test_align_fills_the_node_and_one_undo_empties_it(host: Host, pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clip is shown 30 frames early, the ref from 1001 on: nodes inside count as the script does."""
    clip = host.read(pair / "clip.mp4", first="1", last="82", frame_mode="offset", frame="30")
    ref = host.read(pair / "ref.mp4", first="1", last="90", frame_mode="start at", frame="1001")
    node = host.node(clip, ref)
    before = len(host.script.history.steps)
    assert graph(node, {"clip": showing(1), "ref": showing(2)})["output"].inputs[0].inputs[0].knobs["file"] == "1"
    host.press(node)
    assert host.state(node) == "running" and not graph(node, {"clip": showing(1), "ref": showing(2)}).keys() - {"output", "genlock_shown"}
    host.wait(lambda: host.state(node) != "running")
    assert host.state(node) == "done", host.status(node)
    truth = json.loads((pair / "truth.json").read_text())
    assert check_frames(node, pair, -30, 1000) > 65
    assert answer_of(node).clip_frames()[20] == 13 and truth
    assert "exact" in node["found"].value() and "confidence" in node["found"].value() and host.status(node).startswith("The clip shows")
    assert host.script.said == []
    opened: list[str] = []
    monkeypatch.setattr(host.flow.webbrowser, "open", opened.append)
    host.press(node, "report")
    assert opened[0].startswith("file://") and opened[0].endswith("report.html")
    host.script.chosen_file = str(host.folder / "mine")
    host.press(node, "save")
    assert (host.folder / "mine.nk").read_text().startswith("Root {")
    assert len(host.script.history.steps) == before + 1, "what a job tells is no step"
    fake_nuke.Undo().undo()
    assert set(host.group.made(node)) == {"clip", "ref", "shown"}
    assert (host.state(node), host.status(node), node["found"].value()) == ("done", "press Align", " ")
    assert node.nodes()[-1].Class() == "Output" and graph(node, {"clip": showing(1), "ref": showing(2)})["output"].inputs[0].kind == "TimeOffset"


def test_what_a_person_put_inside_stays(host: Host, pair: Path) -> None:
    node = host.aligned(host.node(host.read(pair / "clip.mp4"), host.read(pair / "ref.mp4")))
    made = host.group.made(node)
    with node:
        grade = host.nuke.nodes.Grade()
    grade.setInput(0, made["space"])
    made["format"].setInput(0, grade)
    made["space"].setName("my_move")
    made["space"]["translate"].setValue("5 5")
    node["limit"].setValue(True)
    node["from_frame"].setValue(8)
    node["to_frame"].setValue(30)
    names = {inner.name() for inner in node.nodes()}
    host.aligned(node)
    assert host.state(node) == "done", host.status(node)
    assert {inner.name() for inner in node.nodes()} == names, "nodes are set anew in place"
    assert host.group.made(node)["format"].input(0) is grade and grade.input(0) is made["space"]
    assert made["space"]["translate"].value() != "5 5"
    assert [frame is not None for frame in answer_of(node).clip_frames()] == [7 <= frame < 30 for frame in range(90)]


def test_a_worker_that_is_killed_is_told_within_two_seconds_and_redo_works(host: Host, pair: Path) -> None:
    host.worker(DRIVER, "slow")
    node = host.node(host.read(pair / "clip.mp4"), host.read(pair / "ref.mp4"))
    host.press(node)
    host.wait(lambda: "reading" in host.status(node))
    (worker,) = [m.process for m in Tail(Job(node["genlock_job"].value()).events_path).read() if isinstance(m, Started)]
    os.kill(worker, signal.SIGKILL)
    assert host.wait(lambda: host.state(node) == "failed") < 2.0
    assert "was ended by signal 9" in host.status(node)
    host.worker("-m", "genlock")
    host.aligned(node)
    assert host.state(node) == "done" and check_frames(node, pair, 0, 0) > 65


def test_cancel_and_a_second_press(host: Host, pair: Path) -> None:
    host.worker(DRIVER, "slow")
    node = host.node(host.read(pair / "clip.mp4"), host.read(pair / "ref.mp4"))
    host.press(node, "cancel")
    assert host.status(node) == "nothing is running"
    host.press(node)
    host.wait(lambda: "reading" in host.status(node))
    host.press(node)
    assert host.script.said == ["This node is at work. Press Cancel first, or wait."]
    host.press(node, "cancel")
    host.wait(lambda: host.state(node) == "failed")
    assert "stopped" in host.status(node)


def test_a_node_that_is_deleted_ends_its_job(host: Host, pair: Path) -> None:
    host.worker(DRIVER, "slow")
    node = host.node(host.read(pair / "clip.mp4"), host.read(pair / "ref.mp4"))
    host.press(node)
    host.wait(lambda: "reading" in host.status(node))
    job = Job(node["genlock_job"].value())
    host.nuke.delete(node)
    host.wait(lambda: not host.flow._listeners)
    assert job.result()["error"]["code"] == "cancelled"


class TestNukeIsStartedAgain:
    def leave(self, host: Host) -> None:
        """Nuke is closed; the job lives on. What was said meanwhile is lost."""
        for listener in list(host.flow._listeners.values()):
            listener.stop_listening()
            listener.join(10)
        host.flow._listeners.clear()

    @pytest.fixture
    def left(self, host: Host, pair: Path) -> fake_nuke.Node:
        from genlock.hosts.nuke import menu

        menu.install()
        node = host.node(host.read(pair / "clip.mp4"), host.read(pair / "ref.mp4"))
        host.press(node)
        host.wait(lambda: "starting" not in host.status(node))
        self.leave(host)
        return node

    def test_while_the_job_runs(self, host: Host, left: fake_nuke.Node, pair: Path) -> None:
        assert host.state(left) == "running"
        for call in host.script.loaded:
            call()
        host.wait(lambda: host.state(left) != "running")
        assert host.state(left) == "done" and check_frames(left, pair, 0, 0) > 65

    def test_after_the_job_is_over(self, host: Host, left: fake_nuke.Node, pair: Path) -> None:
        job = Job(left["genlock_job"].value())
        host.wait(lambda: job.result() is not None)
        for call in host.script.loaded:
            call()
        assert host.state(left) == "done" and check_frames(left, pair, 0, 0) > 65

    def test_a_job_that_never_began(self, host: Host, pair: Path) -> None:
        node = host.node(host.read(pair / "clip.mp4"), host.read(pair / "ref.mp4"))
        node["genlock_state"].setValue("running")
        node["genlock_job"].setValue(str(host.folder / "nothing"))
        host.flow.find_again()
        host.wait(lambda: host.state(node) == "failed")
        assert "start it again" in host.status(node)


class TestNoWorker:
    def test_none(self, host: Host, pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("GENLOCK_COMMAND")
        monkeypatch.setenv("PATH", str(host.folder))
        node = host.aligned(host.node(host.read(pair / "clip.mp4"), host.read(pair / "ref.mp4")))
        assert host.state(node) == "failed" and "install it with pip" in host.status(node)

    def test_of_another_version(self, host: Host, pair: Path) -> None:
        host.worker("-c", "'print(\"genlock 99.1.0\")'")
        node = host.aligned(host.node(host.read(pair / "clip.mp4"), host.read(pair / "ref.mp4")))
        assert host.status(node).endswith("mend it with: genlock hosts install nuke")

    def test_a_script_that_is_opened_without_the_plug_in(self, host: Host, pair: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        node = host.node(host.read(pair / "clip.mp4"), host.read(pair / "ref.mp4"))
        monkeypatch.setitem(sys.modules, f"{OURS}.flow", None)
        monkeypatch.delattr(sys.modules[OURS], "flow")
        host.press(node)
        assert "genlock hosts install nuke" in host.script.said[0]


def test_two_strangers_leave_the_node_as_it_is(host: Host, pair: Path) -> None:
    host.worker(DRIVER, "different")
    node = host.aligned(host.node(host.read(pair / "clip.mp4"), host.read(pair / "ref.mp4")))
    assert host.state(node) == "failed" and "do not show the same footage" in host.status(node)
    assert set(host.group.made(node)) == {"clip", "ref", "shown"}


def test_st_maps(host: Host, pair: Path) -> None:
    """Two jobs one after the other; a Read of the maps stands at the ref's frames."""
    node = host.node(host.read(pair / "clip.mp4"), host.read(pair / "ref.mp4", frame_mode="start at", frame="1001"))
    node["lay"].setValue("ST maps")
    node["limit"].setValue(True)
    node["from_frame"].setValue(1021)
    node["to_frame"].setValue(1028)
    node["maps"].setValue(str(host.folder / "maps" / "m.####.exr"))
    (host.folder / "maps").mkdir()
    host.aligned(node)
    assert host.state(node) == "done", host.status(node)
    made = host.group.made(node)
    assert sorted(path.name for path in (host.folder / "maps").iterdir()) == [f"m.{n:04d}.exr" for n in range(20, 28)]
    assert made["space"].Class() == "STMap" and made["space"].input(0) is made["time"] and made["space"].input(1) is made["map"]
    assert [made["map"][name].value() for name in ("first", "last", "frame_mode", "frame")] == [20, 27, "start at", "1021"]
    assert made["shown"].input(0) is made["seen"] and made["seen"].input(0) is made["cover"] and "format" not in made
    assert made["cover"].input(0) is made["space"] and made["cover"].input(1) is made["map"]
    node["lay"].setValue("nodes")
    host.aligned(node)
    made = host.group.made(node)
    assert made["space"].Class() == "Transform" and not {"map", "cover"} & set(made) and made["seen"].input(0) is made["format"]
    assert made["format"].input(0) is made["space"]


def test_there_is_nothing_to_show_before_an_answer(host: Host) -> None:
    node = host.node(None, None)
    for button in ("report", "save"):
        host.press(node, button)
    assert [text.split(".")[0] for text in host.script.said] == ["There is no report yet", "There is no answer yet"]
